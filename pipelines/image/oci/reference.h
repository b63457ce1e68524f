// Names of images: "registry.example:5000/shop/orders:1.2@sha256:…", as Docker has made them usual.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace msctl::image {

struct Reference {
  std::string registry;    // "registry.example:5000"; docker.io where none is stated
  std::string repository;  // "shop/orders"
  std::string tag;         // may be empty
  std::string digest;      // may be empty

  bool operator==(const Reference&) const = default;
  std::string name() const;  // without tag and digest
  std::string text() const;
  // What a manifest is asked for by: the digest, else the tag, else "latest".
  std::string version() const;
};

std::optional<Reference> parse_reference(std::string_view text);

bool is_tag(std::string_view text);

}  // namespace msctl::image
