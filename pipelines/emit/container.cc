#include "pipelines/emit/container.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

#include "pipelines/emit/script.h"
#include "pipelines/model/pins.h"

namespace msctl::emit {

std::string image(const pipeline::Pipeline& pipeline) {
  if (pipeline.image.empty()) {
    const pipeline::Pin& pin = pipeline.pin("debian");
    return fmt::format("{}:{}@{}", pin.name, pin.version, pin.digest);
  }
  const auto [name, version] = pipeline::split_image(pipeline.image);
  const pipeline::Pin* pin = pipeline::find_pin(pipeline.pins, name);
  const bool pinned = pin != nullptr && pin->is_image() && pin->version == version;
  return pinned ? fmt::format("{}:{}@{}", name, version, pin->digest) : pipeline.image;
}

// curl is for msctl's archive, git for what a service's own tests may ask; msctl reads repositories by
// itself.
std::string common_packages() {
  return "ca-certificates curl git";
}

std::string packages(const pipeline::Job& job) {
  const std::vector<std::string> own = debian_packages(job);
  return own.empty() ? common_packages() : fmt::format("{} {}", common_packages(), fmt::join(own, " "));
}

KeptFolders kept_folders(const pipeline::Job& job, std::string_view working_copy) {
  constexpr std::string_view kFolder = "{folder}";
  KeptFolders out;
  for (const pipeline::Toolchain& toolchain : job.toolchains)
    for (const toolchain::CacheFolder& folder : toolchain.language->pipeline.caches) {
      for (const auto& [name, value] : folder.variables) {
        std::string text = value;
        if (const std::size_t at = text.find(kFolder); at != std::string::npos)
          text.replace(at, kFolder.size(), fmt::format("{}/.cache/{}", working_copy, folder.name));
        out.variables[name] = text;
      }
      out.paths.push_back(".cache/" + folder.name);
      for (const std::string& key : folder.keys)
        out.keys.push_back(in_folder("{service}/" + key, toolchain.folder));
    }
  return out;
}

std::string preparation() {
  return install_packages() + install_msctl("/opt/msctl", "ln -sf /opt/msctl/bin/msctl /usr/local/bin/msctl");
}

std::vector<std::string> task_lines(const pipeline::Job& job, std::string_view commit) {
  std::vector<std::string> out;
  for (const pipeline::Task& task : job.tasks) out.push_back(command_line(task.argv, commit));
  return out;
}

std::int64_t minutes(base::Duration duration) {
  return std::chrono::ceil<std::chrono::minutes>(duration).count();
}

std::string title(const pipeline::Job& job) {
  return fmt::format("{} / {}", job.service, job.short_name());
}

}  // namespace msctl::emit
