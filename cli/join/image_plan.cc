#include "cli/join/image_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/flags.h"
#include "pipelines/image/dockerfile/dockerfile.h"
#include "runtime/base/file.h"
#include "runtime/toolchain/requirements.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

namespace fs = std::filesystem;

// Another number where the same inputs make another image.
constexpr std::string_view format = "1";

std::string joined(const std::vector<workspace::RecipeFiles>& files) {
  std::string out;
  for (const workspace::RecipeFiles& each : files)
    out += fmt::format("{}>{}!{};", each.from, each.to, fmt::join(each.except, ","));
  return out;
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) out += fmt::format("{}={};", name, value);
  return out;
}

// An image is built of what is pinned, or not at all.
base::Result<void> expect_locks(const workspace::Service& service, const std::vector<std::string>& locks) {
  for (const std::string& lock : locks) {
    const std::size_t colon = lock.find(": "), next = lock.find(": ", colon + 1);
    const std::string file = lock.substr(0, colon);
    std::error_code error;
    if (fs::exists(fs::path(service.folder) / file, error)) continue;
    if (colon != std::string::npos && next != std::string::npos) {
      const std::string other = lock.substr(colon + 2, next - colon - 2);
      auto bytes = base::read_file((fs::path(service.folder) / other).string());
      if (bytes && bytes->find(lock.substr(next + 2)) == std::string::npos) continue;
    }
    return base::fail(base::Code::noLockFile,
                      fmt::format("{} has no {}/{}, which pins what its image is built of", service.name,
                                  service.relative, file));
  }
  return {};
}

}  // namespace

image::Place ImageTask::place(const std::string& home) const {
  image::Place out{service->language,        service->folder,       {},
                   home + "/.m2/repository", platform.architecture, {}};
  if (!recipe.packages.empty()) out.list = service->folder + "/" + recipe.packages;
  for (const std::string& each : recipe.programs)
    out.programs.push_back((fs::path(service->folder) / image::expand(each, variables)).string());
  return out;
}

base::Result<void> ImagePlan::complete_direct(ImageTask& task, const toolchain::Language* language) {
  const workspace::Service& service = *task.service;
  task.recipe = service.recipe ? *service.recipe : language->image;
  if (auto locked = expect_locks(service, task.recipe.locks); !locked) return locked;
  if (task.platform != image::host_platform() && !task.recipe.portable)
    return base::fail(base::Code::badPlatform,
                      fmt::format("{} is compiled for {}, not for {}", service.name,
                                  image::host_platform().text(), task.platform.text()));
  if (task.platform.os != "linux")
    return base::fail(base::Code::badPlatform,
                      fmt::format("images for {} are not built", task.platform.text()));
  task.base = task.recipe.base;
  for (const std::string& name : {service.language, service.name})
    if (auto own = workspace_.image_bases.find(name); own != workspace_.image_bases.end())
      task.base = own->second;
  auto digest = bases_.digest(task.base);
  if (!digest) return std::unexpected(digest.error());
  task.run = task.recipe.run;
  std::vector<toolchain::Argv> steps = task.recipe.build;
  if (task.run.empty()) task.run = service.commands.run;
  // As it is everywhere else: only a language's steps know of {variables}.
  const bool stated = steps.empty() && !service.commands.build.empty();
  if (stated) steps = {service.commands.build};
  if (language != nullptr) {
    if (task.run.empty()) task.run = language->run;
    if (steps.empty()) steps = language->build;
  }

  // Where the steps do not ask for which processor they build, one run of them is for all.
  bool asks = joined(task.recipe.environment).find("{arch}") != std::string::npos;
  for (const toolchain::Argv& step : steps)
    for (const std::string& word : step) asks = asks || (!stated && word.find("{arch}") != std::string::npos);
  task.work = fmt::format("{}/work/{}{}", options_.folder, service.name,
                          asks ? "-" + task.platform.architecture : std::string{});
  const std::string home = context_.variable("HOME").value_or("");
  task.variables = {{"folder", service.folder},
                    {"work", task.work},
                    {"arch", task.platform.architecture},
                    {"home", home},
                    {"cargo", context_.variable("CARGO_HOME").value_or(home + "/.cargo")}};
  for (const toolchain::Argv& step : steps) {
    task.steps.emplace_back();
    for (const std::string& word : step)
      task.steps.back().push_back(stated ? word : image::expand(word, task.variables));
  }
  Dependence dependence = keeping_.depends(service, "image", steps);
  task.environment = std::move(dependence.environment);
  for (const auto& [name, value] : task.recipe.environment) {
    std::erase_if(task.environment, [&](const std::string& each) { return each.starts_with(name + "="); });
    task.environment.push_back(name + "=" + image::expand(value, task.variables));
  }
  task.depends = std::move(dependence.task);
  auto& more = task.depends.tools;
  more.push_back({"base " + task.base, *digest, {}});
  more.push_back({"recipe",
                  fmt::format("{} {} {} {} {}", joined(task.recipe.dependencies),
                              joined(task.recipe.application), fmt::join(task.recipe.programs, ","),
                              joined(task.recipe.variables), joined(task.recipe.environment)),
                  {}});
  more.push_back({"run", fmt::format("{}", fmt::join(task.run, " ")), {}});
  return {};
}

base::Result<void> ImagePlan::complete_dockerfile(ImageTask& task) {
  auto tool = image::container_tool(system::find_program);
  if (!tool) return std::unexpected(tool.error());
  task.tool = *tool;
  task.work = fmt::format("{}/work/{}-{}", options_.folder, task.service->name, task.platform.architecture);
  task.steps =
      image::dockerfile_steps(*tool, {.folder = task.service->folder,
                                      .file = task.service->folder + "/Dockerfile",
                                      .name = fmt::format("localhost/{}/{}:msctl-{}", workspace_.name,
                                                          task.service->name, task.platform.architecture),
                                      .layout = task.work,
                                      .platform = task.platform,
                                      .other_platform = task.platform != image::host_platform(),
                                      .time = options_.time,
                                      .fresh = !keeping_.options().use});
  for (const auto& [name, value] : context_.environment)
    if (!name.starts_with("MSCTL_")) task.environment.push_back(name + "=" + value);
  Dependence dependence = keeping_.depends(*task.service, "image", {{"Dockerfile"}});
  task.depends = std::move(dependence.task);
  task.depends.tools.push_back({"tool", *tool, {}});
  return {};
}

base::Result<ImageTask> ImagePlan::task_of(const workspace::Service& service,
                                           const toolchain::Language* language,
                                           const image::Platform& platform) {
  ImageTask task;
  task.service = &service;
  task.platform = platform;
  task.variant = platform.text();
  std::error_code error;
  const bool has_file = fs::exists(fs::path(service.folder) / "Dockerfile", error);
  const bool own = !service.commands.build.empty() || !service.commands.run.empty();
  const bool has_recipe = service.recipe || (language != nullptr && !language->image.base.empty() && !own);
  task.road = options_.road;
  if (task.road == Road::automatic) task.road = has_recipe || !has_file ? Road::direct : Road::dockerfile;
  if (task.road == Road::direct && !has_recipe)
    return base::fail(
        base::Code::noRecipe,
        own ? fmt::format("{} is built or run by commands of its own, which tell nothing of what "
                          "its image needs, and has no Dockerfile",
                          service.name)
            : fmt::format("nothing says how {} becomes an image", service.name),
        fmt::format("say what is in it under 'image' of {}, or write {}/Dockerfile", service.file,
                    service.relative));
  if (task.road == Road::dockerfile && !has_file)
    return base::fail(base::Code::noRecipe,
                      fmt::format("{} has no {}/Dockerfile", service.name, service.relative));
  auto completed = task.road == Road::direct ? complete_direct(task, language) : complete_dockerfile(task);
  if (!completed) return std::unexpected(completed.error());
  task.depends.tools.push_back(
      {"image", fmt::format("{} {} at {}", format, platform.text(), options_.time), {}});
  return task;
}

std::expected<std::vector<ImageTask>, base::Errors> ImagePlan::tasks(const std::vector<std::string>& names) {
  if (auto known = expect_known(names, workspace_.service_names()); !known)
    return std::unexpected(base::Errors{known.error()});
  auto languages = scaffolds::toolchains(workspace_.languages());
  if (!languages) return std::unexpected(base::Errors{languages.error()});
  std::vector<ImageTask> out;
  base::Errors errors;
  std::set<std::string> checked;
  for (const workspace::Service& service : workspace_.services) {
    const bool named = std::ranges::find(names, service.name) != names.end();
    if (named && service.is_backing())
      errors.push_back(
          base::fail(base::Code::noRecipe,
                     fmt::format("{} is a backing service: it has no sources here", service.name))
              .error());
    if (service.is_backing() || (!names.empty() && !named)) continue;
    const toolchain::Language* language = languages->find(service.language);
    for (const image::Platform& platform : options_.platforms) {
      auto task = task_of(service, language, platform);
      if (!task) {
        errors.push_back(task.error());
        break;
      }
      if (task->road == Road::direct && language != nullptr && checked.insert(language->name).second)
        if (auto missing = toolchain::missing(*language, keeping_.versions(), system::find_program))
          errors.push_back(*std::move(missing));
      out.push_back(*std::move(task));
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace msctl::cli::join
