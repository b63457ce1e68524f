#define CATCH_CONFIG_RUNNER  // Catch2 2 is compiled here; the newer one is a library
#include <cstdio>
#include <cstdlib>

#include "tests/catch.h"

int main(int count, char** arguments) {
  if (std::getenv("GATEWAY_URL") == nullptr) {
    std::fputs("GATEWAY_URL is not set: msctl test --integration sets it\n", stderr);
    return 1;
  }
  return Catch::Session().run(count, arguments);
}
