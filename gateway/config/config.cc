#include "gateway/config/types.h"
