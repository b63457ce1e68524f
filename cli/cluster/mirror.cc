#include "cli/cluster/mirror.h"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "runtime/system/files.h"

namespace msctl::cli::cluster {
namespace {

namespace fs = std::filesystem;

// What an API server takes as a key; a name that leads elsewhere is none.
bool is_key(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

}  // namespace

base::Result<std::unique_ptr<Mirror>> Mirror::make() {
  auto folder = system::TemporaryFolder::make("msctl-gateway");
  if (!folder) return std::unexpected(folder.error());
  return std::unique_ptr<Mirror>(new Mirror(*std::move(folder)));
}

base::Result<void> Mirror::follow(Context& context, const std::string& config_map) {
  auto started = Following::start(context, [this, &context, config_map](kubernetes::Cluster& cluster,
                                                                        const std::function<bool()>& go_on) {
    auto changed = [&](const kubernetes::Files& files) {
      if (auto taken = take(files); !taken) context.err << base::to_text(taken.error()) << std::flush;
    };
    return kubernetes::follow_config_map(cluster, config_map, changed, go_on);
  });
  if (!started) return std::unexpected(started.error());
  following_ = *std::move(started);
  return {};
}

std::string Mirror::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

base::Result<void> Mirror::take(const kubernetes::Files& files) {
  system::RealFiles disk;
  const std::string state = fmt::format("{}/{}", folder(), ++states_);
  for (const auto& [name, content] : files)
    if (is_key(name))
      if (auto written = disk.replace(fmt::format("{}/{}", state, name), content); !written) return written;
  std::string old;
  {
    const std::lock_guard lock(mutex_);
    // The one before may just be read.
    old = std::exchange(before_, std::exchange(newest_, state));
  }
  std::error_code ignored;
  if (!old.empty()) fs::remove_all(old, ignored);
  return disk.replace(folder() + "/state", state);
}

}  // namespace msctl::cli::cluster
