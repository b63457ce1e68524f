// The templates of headers.h, compiled.
#define MSCTL_INSTANCE template
#include "cmake/precompiled/headers.h"
