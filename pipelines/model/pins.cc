#include "pipelines/model/pins.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::pipeline {
namespace {

constexpr std::string_view intro =
    "# What pipelines take from elsewhere, pinned. Refreshed by `msctl generate pipeline --update`. Commit "
    "this "
    "file.\n";

bool is_hexadecimal(std::string_view text, std::size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kImage = "sha256:";
  return text.starts_with(kImage) ? is_hexadecimal(text.substr(kImage.size()), 64)
                                  : is_hexadecimal(text, 40) || is_hexadecimal(text, 64);
}

// Whatever goes into a generated file: nothing that would end a word there.
bool is_word(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:+-") ==
             std::string_view::npos;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) out.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

base::Error bad(std::string_view line, int number, std::string message) {
  base::Error error = base::fail(base::Code::badPins, std::move(message)).error();
  error.at = {pins_name, number, 1, std::max(1, static_cast<int>(line.size())), std::string(line)};
  error.expected = "a name, a version and a digest";
  return error;
}

}  // namespace

const Pins& shipped_pins() {
  static const Pins pins{
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

base::Result<Pins> parse_pins(std::string_view text) {
  Pins out;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::vector<std::string_view> parts = words(line);
    if (parts.empty() || parts[0].starts_with('#')) continue;
    if (parts.size() != 3 || !is_word(parts[0]) || !is_word(parts[1]) || !is_digest(parts[2]))
      return std::unexpected(bad(line, number, fmt::format("'{}' is no pin", line)));
    if (find_pin(out, parts[0]) != nullptr)
      return std::unexpected(bad(line, number, fmt::format("{} is pinned twice", parts[0])));
    out.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2])});
  }
  std::ranges::sort(out, {}, &Pin::name);
  return out;
}

std::string write_pins(const Pins& pins) {
  std::string out(intro);
  for (const Pin& pin : pins) out += fmt::format("{} {} {}\n", pin.name, pin.version, pin.digest);
  return out;
}

Pins with(const Pins& usual, const Pins& own) {
  Pins out = own;
  for (const Pin& pin : usual)
    if (find_pin(own, pin.name) == nullptr) out.push_back(pin);
  std::ranges::sort(out, {}, &Pin::name);
  return out;
}

std::pair<std::string, std::string> split_image(std::string_view image) {
  if (image.empty() || image.find('@') != std::string_view::npos) return {};
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool has_tag = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  if (!has_tag) return {std::string(image), "latest"};
  return {std::string(image.substr(0, colon)), std::string(image.substr(colon + 1))};
}

const Pin* find_pin(const Pins& pins, std::string_view name) {
  auto found = std::ranges::find(pins, name, &Pin::name);
  return found == pins.end() ? nullptr : &*found;
}

}  // namespace msctl::pipeline
