#include "runtime/explain/finding.h"

namespace msctl::explain {

base::Error to_error(const Finding& finding) {
  base::Error error;
  error.code = finding.code;
  error.message = finding.service + ": " + finding.sentence;
  error.suggestion = finding.cure;
  error.notes = finding.evidence;
  return error;
}

}  // namespace msctl::explain
