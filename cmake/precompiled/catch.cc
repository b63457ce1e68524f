// The file that the headers of the unit tests are precompiled with.
#include "tests/catch.h"
