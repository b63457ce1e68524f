#include "runtime/base/codes.h"

int main() { return static_cast<int>(msctl::base::Exit::ok); }
