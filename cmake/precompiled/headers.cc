// The file that headers.h is precompiled with.
#include "cmake/precompiled/headers.h"
