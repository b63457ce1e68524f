// Where an image comes from: an in-toto statement with SLSA's provenance, version 1.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace msctl::image {

constexpr std::string_view provenance_type = "https://slsa.dev/provenance/v1";

struct Provenance {
  std::string name, digest;                                // of the image
  std::string service, workspace;                          // their names
  std::string road;                                        // "direct", "dockerfile"
  std::string repository, commit;                          // of git; the address may be empty
  std::string inputs;                                      // the hash of all that it depends on
  std::string builder;                                     // what runs msctl: a URI
  std::string version;                                     // of msctl
  std::vector<std::pair<std::string, std::string>> bases;  // names with digests
};

std::string statement(const Provenance& provenance);

}  // namespace msctl::image
