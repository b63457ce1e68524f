#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "pipelines/image/layer/elf.h"
#include "pipelines/image/sbom/packages.h"
#include "runtime/base/file.h"
#include "runtime/digest/digest.h"

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

// At the first '-' that a digit follows: "spring-boot-3.5.16" → "spring-boot", "3.5.16".
bool part(const std::string& stem, std::string& name, std::string& version) {
  for (std::size_t at = stem.find('-'); at != std::string::npos; at = stem.find('-', at + 1))
    if (at + 1 < stem.size() && stem[at + 1] >= '0' && stem[at + 1] <= '9') {
      name = stem.substr(0, at);
      version = stem.substr(at + 1);
      return true;
    }
  return false;
}

// Folders "ARTIFACT/VERSION" of Maven's repository, with the group above them.
std::map<std::string, std::string> groups_in(const std::string& repository) {
  std::map<std::string, std::string> out;
  std::error_code error;
  for (auto at =
           fs::recursive_directory_iterator(repository, fs::directory_options::skip_permission_denied, error);
       !error && at != fs::end(at); at.increment(error)) {
    if (at->path().extension() != ".jar") continue;
    const fs::path version = at->path().parent_path(), artifact = version.parent_path();
    std::string group = artifact.parent_path().lexically_relative(repository).string();
    std::ranges::replace(group, '/', '.');
    out[at->path().filename().string()] = group;
  }
  return out;
}

struct Installed {
  std::string version, source, architecture;
};

// dpkg's status file: fields of one package, an empty line, the next.
std::map<std::string, Installed> status_of(const std::string& file) {
  std::map<std::string, Installed> out;
  std::ifstream in(file);
  std::string name;
  Installed now;
  const auto finish = [&] {
    if (!name.empty()) out[name + ":" + now.architecture] = now;
    name.clear();
    now = {};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) finish();
    if (line.starts_with("Package: ")) name = line.substr(9);
    if (line.starts_with("Version: ")) now.version = line.substr(9);
    if (line.starts_with("Architecture: ")) now.architecture = line.substr(14);
  }
  finish();
  return out;
}

}  // namespace

base::Result<Packages> from_jars(const std::string& folder, const std::string& repository) {
  Packages out;
  const std::map<std::string, std::string> groups = groups_in(repository);
  std::error_code error;
  for (const auto& each : fs::directory_iterator(folder, error)) {
    if (each.path().extension() != ".jar") continue;
    const std::string file = each.path().filename().string();
    std::string name, version;
    if (!part(each.path().stem().string(), name, version)) continue;
    auto bytes = base::read_file(each.path().string());
    if (!bytes) return std::unexpected(bytes.error());
    const auto group = groups.find(file);
    out.push_back({name,
                   version,
                   group == groups.end() ? fmt::format("pkg:generic/{}@{}", name, version)
                                         : fmt::format("pkg:maven/{}/{}@{}", group->second, name, version),
                   "SHA256",
                   digest::sha256(*bytes),
                   {}});
  }
  if (error)
    return base::fail(base::Code::noPackages, fmt::format("{}: {}", folder, error.message()),
                      "build the service first");
  return sorted(std::move(out));
}

Packages from_dpkg(const std::vector<std::string>& files, const std::string& dpkg, const std::string& arch) {
  // A path of Debian may be told with or without /usr: the folders are one.
  std::set<std::string> wanted;
  for (const std::string& file : files) {
    wanted.insert(file);
    if (file.starts_with("/usr/lib")) wanted.insert(file.substr(4));
  }
  std::set<std::string> owners;
  std::error_code error;
  for (const auto& each : fs::directory_iterator(dpkg + "/info", error)) {
    if (each.path().extension() != ".list") continue;
    std::ifstream in(each.path());
    for (std::string line; std::getline(in, line);)
      if (wanted.contains(line)) {
        owners.insert(each.path().stem().string());  // "libc6:amd64"
        break;
      }
  }
  const std::map<std::string, Installed> all = status_of(dpkg + "/status");
  Packages out;
  for (const std::string& owner : owners) {
    const std::string name = owner.substr(0, owner.find(':'));
    auto found = all.find(name + ":" + arch);
    if (found == all.end()) found = all.find(name + ":all");
    if (found == all.end()) continue;
    std::string version;
    for (const char c : found->second.version)
      version += c == '+' ? "%2B" : c == '~' ? "~" : std::string(1, c);
    out.push_back({name,
                   found->second.version,
                   fmt::format("pkg:deb/debian/{}@{}?arch={}", name, version, found->second.architecture),
                   {},
                   {},
                   {}});
  }
  return sorted(std::move(out));
}

base::Result<Packages> packages_of(const Place& place) {
  Packages out;
  const auto take = [&](base::Result<Packages> (*read)(std::string_view, const std::string&),
                        const char* name) -> base::Result<void> {
    const std::string file = place.folder + "/" + name;
    auto text = base::read_file(file);
    if (!text) return base::fail(base::Code::noPackages, text.error().message);
    auto found = read(*text, file);
    if (!found) return std::unexpected(found.error());
    out.insert(out.end(), found->begin(), found->end());
    return {};
  };
  base::Result<void> taken;
  if (place.language == "go") taken = take(from_go_mod, "go.mod");
  if (place.language == "node") taken = take(from_package_lock, "package-lock.json");
  if (place.language == "python") taken = take(from_requirements, "requirements.txt");
  if (place.language == "rust") taken = take(from_cargo_lock, "Cargo.lock");
  if (!taken) return std::unexpected(taken.error());
  if (!place.list.empty()) {
    auto text = base::read_file(place.list);
    if (!text) return base::fail(base::Code::noPackages, text.error().message);
    auto found = from_list(*text, place.list);
    if (!found) return found;
    out.insert(out.end(), found->begin(), found->end());
  }
  if (place.language == "java") {
    auto found = from_jars(place.folder + "/target/lib", place.maven);
    if (!found) return found;
    out.insert(out.end(), found->begin(), found->end());
  }
  std::vector<std::string> files;
  for (const std::string& program : place.programs) {
    auto libraries = libraries_of(program);
    if (!libraries) return std::unexpected(libraries.error());
    for (const Library& each : libraries->all) files.push_back(each.path);
  }
  if (!files.empty())
    for (Package& each : from_dpkg(files, "/var/lib/dpkg", place.arch)) out.push_back(std::move(each));
  return sorted(std::move(out));
}

}  // namespace msctl::image
