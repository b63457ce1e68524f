#include <fmt/format.h>

#include <filesystem>

#include "pipelines/image/direct/assemble.h"
#include "pipelines/image/layer/elf.h"

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

// Shared libraries stand together: which folders a loader searches differs from base to base.
const std::string library_folder = std::string(home) + "/lib/";

base::Result<void> add(Entries& to, const std::vector<workspace::RecipeFiles>& files,
                       const Variables& variables, const std::string& folder) {
  for (const workspace::RecipeFiles& each : files) {
    const std::string from = expand(each.from, variables),
                      where = each.to.empty() ? from : expand(each.to, variables);
    const std::string source = (fs::path(folder) / from).string();
    std::error_code error;
    if (!fs::exists(source, error)) {
      if (each.optional) continue;
      return base::fail(base::Code::imageFile, fmt::format("{} is not there after the build", source));
    }
    const std::string place = where.starts_with('/') ? where.substr(1) : std::string(home) + "/" + where;
    if (auto added = to.add(source, place, each.except); !added) return added;
  }
  return {};
}

}  // namespace

std::string expand(const std::string& text, const Variables& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    const auto found =
        end == std::string::npos ? variables.end() : variables.find(text.substr(at + 1, end - at - 1));
    if (found == variables.end()) {
      out += text[at++];
    } else {
      out += found->second;
      at = end + 1;
    }
  }
  return out;
}

base::Result<Content> collect(const workspace::Recipe& recipe, const Variables& variables,
                              const std::string& folder, bool on_scratch) {
  Content out;
  if (auto added = add(out.dependencies, recipe.dependencies, variables, folder); !added)
    return std::unexpected(added.error());
  if (auto added = add(out.application, recipe.application, variables, folder); !added)
    return std::unexpected(added.error());
  for (const std::string& each : recipe.programs) {
    auto libraries = libraries_of((fs::path(folder) / expand(each, variables)).string());
    if (!libraries) return std::unexpected(libraries.error());
    for (const Library& library : libraries->all) {
      if (!on_scratch && is_of_libc(library.name)) continue;
      // The loader is a library, too, where something asks for it by name.
      if (auto added = out.dependencies.add(library.path, library_folder + library.name, {}); !added)
        return std::unexpected(added.error());
    }
    if (on_scratch && !libraries->interpreter.empty()) {
      std::error_code error;
      const std::string real = fs::canonical(libraries->interpreter, error).string();
      if (error)
        return base::fail(base::Code::imageFile,
                          fmt::format("{}: {}", libraries->interpreter, error.message()));
      if (auto added = out.dependencies.add(real, libraries->interpreter.substr(1), {}); !added)
        return std::unexpected(added.error());
    }
  }
  return out;
}

}  // namespace msctl::image
