// What is known of images that many workspaces use as backing services, beyond what service.yaml states.
#pragma once

#include <string_view>
#include <vector>

namespace msctl::scaffolds::containers {

struct KnownImage {
  std::string_view name;  // the last part of the image's name
  std::string_view scheme;
  int port = 0;
  std::vector<std::string_view> writable;  // folders that the program writes to
  std::vector<std::string_view> check;     // argv: whether it is ready
  std::vector<std::pair<std::string_view, std::string_view>> settings;
};

// By the image ("docker.io/library/redis:7"), else by the scheme of its address; nothing for an unknown one.
const KnownImage* known_image(std::string_view image, std::string_view scheme);

}  // namespace msctl::scaffolds::containers
