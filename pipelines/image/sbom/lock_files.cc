#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "pipelines/image/sbom/packages.h"
#include "runtime/base/base64.h"
#include "runtime/base/text.h"

namespace msctl::image {
namespace {

using Json = nlohmann::json;

std::unexpected<base::Error> bad(const std::string& file, std::string_view why) {
  return base::fail(base::Code::noPackages, fmt::format("{}: {}", file, why));
}

// As the package URL specification wants it in names and versions.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == '/' || c == ':';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::string text_of(const Json& map, const char* key) {
  auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Whether a list such as "cpu" of a package, which may hold "!arm", allows `value`.
bool allows(const Json& package, const char* key, const std::string& value) {
  auto list = package.find(key);
  if (list == package.end() || !list->is_array() || list->empty()) return true;
  bool any = false;
  for (const Json& each : *list) {
    if (!each.is_string()) continue;
    const std::string text = each.get<std::string>();
    if (text == "!" + value) return false;
    any = any || text == value || text.starts_with('!');
  }
  return any;
}

std::string hex_of(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

Packages sorted(Packages packages) {
  std::ranges::sort(packages, {}, &Package::purl);
  const auto [first, last] = std::ranges::unique(packages, {}, &Package::purl);
  packages.erase(first, last);
  return packages;
}

base::Result<Packages> from_go_mod(std::string_view text, const std::string& file) {
  Packages out;
  bool block = false, module = false;
  for (std::string line : lines_of(text)) {
    line = trimmed(line.substr(0, line.find("//")));
    module = module || line.starts_with("module ");
    if (line == "require (") {
      block = true;
      continue;
    }
    if (line == ")") block = false;
    if (!block && !line.starts_with("require ")) continue;
    std::istringstream words(block ? line : line.substr(8));
    std::string name, version;
    if (!(words >> name)) continue;
    if (!(words >> version) || !version.starts_with('v'))
      return bad(file, fmt::format("'{}' requires no version", line));
    out.push_back(
        {name, version, fmt::format("pkg:golang/{}@{}", encoded(name), encoded(version)), {}, {}, {}});
  }
  if (!module) return bad(file, "it names no module");
  return sorted(std::move(out));
}

base::Result<Packages> from_package_lock(std::string_view text, const std::string& file) {
  const Json lock = Json::parse(text, nullptr, false);
  if (!lock.is_object()) return bad(file, "it is no JSON object");
  auto all = lock.find("packages");
  if (all == lock.end() || !all->is_object())
    return bad(file, "it has no 'packages': it was written by npm 6 or older");
  Packages out;
  for (const auto& [path, package] : all->items()) {
    const std::size_t at = path.rfind("node_modules/");
    if (at == std::string::npos || !package.is_object()) continue;
    if (package.value("dev", Json(false)) == true || package.value("link", Json(false)) == true) continue;
    if (!allows(package, "os", "linux") || !allows(package, "cpu", "x64")) continue;
    std::string name = text_of(package, "name");
    if (name.empty()) name = path.substr(at + 13);
    const std::string version = text_of(package, "version");
    if (version.empty()) return bad(file, fmt::format("'{}' has no version", path));
    std::string purl_name = encoded(name);
    if (purl_name.starts_with('@')) purl_name = "%40" + purl_name.substr(1);
    Package each{name, version, fmt::format("pkg:npm/{}@{}", purl_name, encoded(version)),
                 {},   {},      text_of(package, "license")};
    const std::string integrity = text_of(package, "integrity");
    if (integrity.starts_with("sha512-"))
      if (auto bytes = base::from_base64(std::string_view(integrity).substr(7));
          bytes && bytes->size() == 64) {
        each.algorithm = "SHA512";
        each.hash = hex_of(*bytes);
      }
    out.push_back(std::move(each));
  }
  return sorted(std::move(out));
}

base::Result<Packages> from_requirements(std::string_view text, const std::string& file) {
  Packages out;
  for (std::string line : lines_of(text)) {
    const bool deeper = line.starts_with(' ') || line.starts_with('\t');
    if (line.starts_with('#')) continue;
    line = trimmed(line.substr(0, line.find(" #")));
    if (line.ends_with('\\')) line = trimmed(std::string_view(line).substr(0, line.size() - 1));
    if (line.empty() || line.starts_with('#')) continue;
    // A package may have the hashes of several files: none of them is the package's then.
    if (const std::size_t at = line.find("--hash="); deeper || at == 0) {
      if (at != 0 || out.empty()) continue;
      Package& last = out.back();
      const bool first = last.algorithm.empty() && line.starts_with("--hash=sha256:");
      last.hash = first ? line.substr(14) : std::string{};
      last.algorithm = first ? "SHA256" : "several";
      continue;
    }
    if (line.starts_with('-')) continue;
    const std::size_t equal = line.find("==");
    if (equal == std::string::npos) return bad(file, fmt::format("'{}' pins no version", line));
    std::string name = trimmed(std::string_view(line).substr(0, std::min(equal, line.find('['))));
    const std::string version =
        trimmed(std::string_view(line).substr(equal + 2, line.find_first_of(" ;", equal + 2) - equal - 2));
    // PEP 503: one name, however it is written.
    std::string normal = base::lower(name);
    std::ranges::replace(normal, '_', '-');
    std::ranges::replace(normal, '.', '-');
    out.push_back(
        {name, version, fmt::format("pkg:pypi/{}@{}", encoded(normal), encoded(version)), {}, {}, {}});
  }
  for (Package& each : out)
    if (each.algorithm == "several") each.algorithm.clear();
  return sorted(std::move(out));
}

base::Result<Packages> from_cargo_lock(std::string_view text, const std::string& file) {
  Packages out;
  Package package;
  std::string source;
  bool inside = false, any = false;
  const auto value = [](const std::string& line) {
    const std::size_t begin = line.find('"'), end = line.rfind('"');
    return begin == end ? std::string{} : line.substr(begin + 1, end - begin - 1);
  };
  const auto finish = [&] {
    // Without a source it is the service itself.
    if (inside && !source.empty() && !package.name.empty() && !package.version.empty()) {
      package.purl = fmt::format("pkg:cargo/{}@{}", encoded(package.name), encoded(package.version));
      out.push_back(package);
    }
    package = {};
    source.clear();
  };
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with('[')) {
      finish();
      inside = line == "[[package]]";
      any = any || inside;
    } else if (line.starts_with("name = ")) {
      package.name = value(line);
    } else if (line.starts_with("version = ")) {
      package.version = value(line);
    } else if (line.starts_with("source = ")) {
      source = value(line);
    } else if (line.starts_with("checksum = ")) {
      package.algorithm = "SHA256";
      package.hash = value(line);
    }
  }
  finish();
  if (!any) return bad(file, "it has no [[package]]");
  return sorted(std::move(out));
}

}  // namespace msctl::image
