#include "cli/join/creation.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "runtime/base/names.h"
#include "scaffolds/write.h"

namespace msctl::cli::join {

base::Result<void> place(Context& context, const std::vector<scaffolds::NewFolder>& folders) {
  context.signals.watch({SIGINT, SIGTERM});
  return scaffolds::place(folders, [&] { return context.signals.interrupted(); });
}

std::vector<std::string> files_of(const std::vector<scaffolds::NewFolder>& folders, const std::string& root) {
  std::vector<std::string> out;
  for (const scaffolds::NewFolder& folder : folders) {
    const std::string relative = std::filesystem::path(folder.path).lexically_relative(root).string();
    for (const auto& [path, file] : folder.tree) out.push_back(relative + "/" + path);
  }
  std::ranges::sort(out);
  return out;
}

base::Result<void> expect_label(std::string_view what, const std::string& name) {
  if (base::is_label(name)) return {};
  auto error = base::fail(base::Code::usage, fmt::format("'{}' is not a valid name of a {}", name, what));
  error.error().expected = "1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or a digit";
  return error;
}

}  // namespace msctl::cli::join
