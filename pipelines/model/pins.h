// What pipelines take from elsewhere, pinned by digest: a tag can be moved, and has been, by whoever took
// over a project (CVE-2025-30066).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace msctl::pipeline {

struct Pin {
  std::string name;     // "actions/checkout", "debian"
  std::string version;  // the tag that people read: "v6.0.2", "trixie-slim"
  std::string digest;   // of a commit in hexadecimal, or of an image: "sha256:…"
};

// Those that this version of msctl brings.
const std::vector<Pin>& shipped_pins();

// `name` must be one of them.
const Pin& pin(std::string_view name);

}  // namespace msctl::pipeline
