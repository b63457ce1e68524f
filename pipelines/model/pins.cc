#include "pipelines/model/pins.h"

#include <algorithm>
#include <stdexcept>

namespace msctl::pipeline {

const std::vector<Pin>& shipped_pins() {
  static const std::vector<Pin> pins{
      {"actions/cache", "v5.0.4", "668228422ae6a00e4ad889ee87cd7109ec5666a7"},
      {"actions/checkout", "v6.0.2", "de0fac2e4500dabe0009e67214ff5f5447ce83dd"},
      {"actions/setup-go", "v6.3.0", "4b73464bb391d4059bd26b0524d20df3927bd417"},
      {"actions/setup-java", "v5.2.0", "be666c2fcd27ec809703dec50e508c2fdc7f6654"},
      {"actions/setup-node", "v6.3.0", "53b83947a5a98c8d113130e565377fae1a50d02f"},
      {"actions/setup-python", "v6.2.0", "a309ff8b426b58ec0e2a45f0f869d46889d02405"},
      {"actions/upload-artifact", "v7.0.0", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"},
      {"debian", "trixie-slim", "sha256:d7e12182ce18b85b93007c1dedf31f2d29e01ccf3182cc4017c709b6259bc132"},
  };
  return pins;
}

const Pin& pin(std::string_view name) {
  auto found = std::ranges::find(shipped_pins(), name, &Pin::name);
  if (found == shipped_pins().end()) throw std::logic_error("no pin of " + std::string(name));
  return *found;
}

}  // namespace msctl::pipeline
