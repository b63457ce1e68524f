#include "cli/version.h"

namespace msctl::cli {

std::string_view version() {
  return MSCTL_VERSION;
}

}  // namespace msctl::cli
