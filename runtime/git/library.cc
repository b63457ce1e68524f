#include "runtime/git/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace msctl::git {
namespace {

constexpr const char* file = "libgit2.so.1.5";

base::Result<Library> load() {
  void* handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    auto error = base::fail(base::Code::gitMissing, fmt::format("{} cannot be loaded", file),
                            "apt-get install libgit2-1.5");
    if (const char* reason = ::dlerror()) error.error().notes.emplace_back(reason);
    return error;
  }
  Library out;
#define MSCTL_GIT_FUNCTION(name)                                                           \
  out.name = reinterpret_cast<decltype(&::git_##name)>(::dlsym(handle, "git_" #name));     \
  if (out.name == nullptr)                                                                 \
    return base::fail(base::Code::gitMissing, fmt::format("{} lacks git_{}", file, #name), \
                      "apt-get install --reinstall libgit2-1.5");
#include "runtime/git/functions.inc"
#undef MSCTL_GIT_FUNCTION
  if (out.libgit2_init() < 0) return base::fail(base::Code::gitMissing, out.reason());

  // A repository of another user is read: its owner matters where git runs what a configuration names, which
  // libgit2 never does, and in containers of CI systems owners are rarely right.
  out.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // Extensions that do not change how objects are stored.
  std::array extensions{"worktreeconfig", "partialclone"};
  out.libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
  return out;
}

}  // namespace

std::string Library::reason() const {
  const git_error* last = error_last();
  std::string out = last != nullptr && last->message != nullptr ? last->message : "unknown";
  std::ranges::replace(out, '\n', ' ');
  return out;
}

base::Result<const Library*> library() {
  static const base::Result<Library> loaded = load();
  if (!loaded) return std::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace msctl::git
