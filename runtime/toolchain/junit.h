// JUnit XML, as test reporters of pipelines read it: one suite a service.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"

namespace msctl::toolchain {

struct Suite {
  std::string service;
  base::Duration took{};
  bool ok = true;
  std::string failure;  // why, where the service has no results of its own
  std::string output;
  std::string own_cases;  // <testcase> elements that the language's own runner wrote; may be empty
};

std::string junit_document(const std::vector<Suite>& suites);

// Every <testcase> element of another runner's document, as it stands there; empty where there is none.
std::string cases_in(std::string_view document);

// Those of the document at this path, or of each *.xml of the folder there; empty where there is none.
std::string cases_at(const std::string& path);

// Text as XML 1.0 can hold it: escaped, without the control characters that it forbids, wrong UTF-8 replaced.
std::string escape_xml(std::string_view text);

}  // namespace msctl::toolchain
