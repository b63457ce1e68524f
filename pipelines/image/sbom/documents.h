// Packages of an image as the documents that others read: SPDX 2.3 and CycloneDX 1.5, in JSON. The same
// packages and image are the same bytes.
#pragma once

#include <cstdint>
#include <string>

#include "pipelines/image/sbom/packages.h"

namespace msctl::image {

struct Subject {
  std::string service;
  std::string name;     // "registry.example/shop/orders"
  std::string digest;   // of the image
  std::string version;  // of msctl
  std::int64_t time = 0;
};

constexpr std::string_view spdx_type = "application/spdx+json";
constexpr std::string_view cyclonedx_type = "application/vnd.cyclonedx+json";

std::string spdx(const Subject& subject, const Packages& packages);
std::string cyclonedx(const Subject& subject, const Packages& packages);

}  // namespace msctl::image
