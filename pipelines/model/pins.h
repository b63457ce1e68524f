// What pipelines take from elsewhere, pinned by digest: a tag can be moved, and has been, by whoever took
// over a project (CVE-2025-30066).
//
// This version of msctl brings a set of pins. msctl.pins, in the workspace's root, has what was pinned since;
// it is committed, so that everybody generates the same:
//
//   actions/checkout v6.0.2 de0fac2e4500dabe0009e67214ff5f5447ce83dd
//   registry.example/ci 1 sha256:…
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::pipeline {

inline constexpr const char* pins_name = "msctl.pins";

struct Pin {
  std::string name;     // "actions/checkout", "debian"
  std::string version;  // the tag that people read: "v6.0.2", "trixie-slim"
  std::string digest;   // of a commit in hexadecimal, or of an image: "sha256:…"

  bool is_image() const { return digest.starts_with("sha256:"); }
  bool operator==(const Pin&) const = default;
};

// By name, each once.
using Pins = std::vector<Pin>;

// Those that this version of msctl brings.
const Pins& shipped_pins();

// Those of msctl.pins. Errors: badPins, with the line.
base::Result<Pins> parse_pins(std::string_view text);
std::string write_pins(const Pins& pins);

// `own` before `usual`.
Pins with(const Pins& usual, const Pins& own);

// "registry.example:5000/ci:1" as name and tag, as they stand in a pin. Without a tag it is "latest"; with a
// digest of its own there is nothing to pin, and both are empty.
std::pair<std::string, std::string> split_image(std::string_view image);

// nullptr: none.
const Pin* find_pin(const Pins& pins, std::string_view name);

}  // namespace msctl::pipeline
