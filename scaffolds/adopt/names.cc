#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "scaffolds/adopt/propose.h"

namespace msctl::scaffolds::adopt {
namespace {

constexpr std::size_t longest = 63;  // RFC 1123

// Folders that say nothing of what is in them.
bool is_generic(const std::string& name) {
  return name == "src" || name == "app" || name == "cmd" || name == "source" || name == "code";
}

std::string cut(std::string label, std::size_t length) {
  if (label.size() > length) label.resize(length);
  while (label.ends_with('-')) label.pop_back();
  return label;
}

std::string name_from_folder(const std::string& root, const std::string& folder) {
  for (std::string at = folder; !at.empty(); at = parent_of(at))
    if (!is_generic(name_of(at)) || parent_of(at).empty())
      if (std::string label = label_of(is_generic(name_of(at)) ? name_of(root) : name_of(at)); !label.empty())
        return label;
  return label_of(name_of(root));
}

}  // namespace

std::string label_of(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    // OrderService is order-service.
    if (upper && i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z') out += '-';
    if (upper)
      out += static_cast<char>(c - 'A' + 'a');
    else if (fine)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  return cut(out.starts_with('-') ? out.substr(1) : out, longest);
}

void name_services(const std::string& root, const std::set<std::string>& taken,
                   std::vector<Service>& services) {
  std::set<std::string> used = taken;
  for (Service& service : services) {
    if (service.known) continue;
    std::string wanted =
        service.backing ? label_of(service.compose->name) : name_from_folder(root, service.folder);
    if (wanted.empty()) wanted = "service";
    std::string name = wanted;
    if (used.contains(name) && !service.backing && !parent_of(service.folder).empty())
      if (std::string with_parent = label_of(name_of(parent_of(service.folder))); !with_parent.empty())
        name = cut(with_parent + "-" + wanted, longest);
    for (int number = 2; used.contains(name); ++number) {
      const std::string ending = fmt::format("-{}", number);
      name = cut(wanted, longest - ending.size()) + ending;
    }
    if (name != wanted)
      service.warn(service.because,
                   fmt::format("there is a service '{}' already: this one is named '{}'", wanted, name));
    used.insert(name);
    service.name = std::move(name);
  }
}

}  // namespace msctl::scaffolds::adopt
