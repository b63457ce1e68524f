#include "runtime/explain/evidence.h"

namespace msctl::explain {

std::string_view to_string(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::startup:
      return "startup";
    case ProbeKind::readiness:
      return "readiness";
    case ProbeKind::liveness:
      return "liveness";
  }
  return "";
}

}  // namespace msctl::explain
