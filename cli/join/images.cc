#include "cli/join/images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <future>
#include <ostream>
#include <set>

#include "cli/flags.h"
#include "cli/output/progress.h"
#include "pipelines/image/dockerfile/dockerfile.h"
#include "runtime/base/file.h"
#include "runtime/digest/digest.h"
#include "runtime/toolchain/requirements.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

namespace fs = std::filesystem;

// Another number where the same inputs make another image.
constexpr std::string_view format = "1";
constexpr std::size_t most_reasons = 5;

std::string folder_of(const workspace::Workspace& workspace) {
  return workspace.root + "/.msctl/images";
}

base::Errors one(base::Error error) {
  return {std::move(error)};
}

// What a kept result says: "sha256:… SIZE TYPE".
std::string text_of(const image::Descriptor& image) {
  return fmt::format("{} {} {}\n", image.digest, image.size, image.media_type);
}

std::optional<image::Descriptor> descriptor_of(std::string_view text) {
  image::Descriptor out;
  const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos || !text.ends_with('\n'))
    return std::nullopt;
  out.digest = text.substr(0, first);
  out.media_type = text.substr(second + 1, text.size() - second - 2);
  auto [end, error] = std::from_chars(text.data() + first + 1, text.data() + second, out.size);
  if (error != std::errc{} || end != text.data() + second || !image::is_digest(out.digest))
    return std::nullopt;
  return out;
}

std::string joined(const std::vector<toolchain::ImageFiles>& files) {
  std::string out;
  for (const toolchain::ImageFiles& each : files)
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

struct ImageBuild::Task {
  const workspace::Service* service = nullptr;
  image::Platform platform;
  Road road = Road::direct;
  toolchain::Image recipe;
  std::vector<std::string> run;
  std::string base;  // of the direct road
  std::string work, tool;
  image::Variables variables;
  std::vector<toolchain::Argv> steps;  // as they are run
  std::vector<std::string> environment;
  cache::Task depends;
  std::optional<cache::Inputs> inputs;
  std::string key;
  std::optional<image::Descriptor> made;
  bool kept = false;
  std::vector<std::string> because;
  std::string base_repository;
};

ImageBuild::ImageBuild(Context& context, const workspace::Workspace& workspace, ImageOptions options)
    : context_(context),
      workspace_(workspace),
      options_(std::move(options)),
      layout_(folder_of(workspace)),
      use_(layout_),
      store_(layout_.folder() + "/kept", files_),
      tools_(cache_folder(context) + "/tools", files_, processes_, system::find_program),
      depends_(context, workspace, tools_),
      registries_(context) {
  if (options_.platforms.empty()) options_.platforms = {image::host_platform()};
  // reproducible-builds.org's specification; without it there is no time at all.
  if (auto text = context.variable("SOURCE_DATE_EPOCH"))
    std::from_chars(text->data(), text->data() + text->size(), time_);
}

ImageBuild::~ImageBuild() {
  if (!cache_folder(context_).empty()) tools_.save();
}

base::Result<std::string> ImageBuild::registry_prefix() const {
  std::vector<const workspace::Environment*> with;
  for (const workspace::Environment& each : workspace_.environments)
    if (!each.registry.empty() && (options_.environment.empty() || each.name == options_.environment))
      with.push_back(&each);
  if (with.size() == 1) return with.front()->registry;
  if (!options_.push && options_.environment.empty()) return "localhost/" + workspace_.name;
  if (with.empty())
    return base::fail(base::Code::noRegistry,
                      options_.environment.empty()
                          ? "no environment in msctl.yaml has a registry"
                          : fmt::format("the environment '{}' has no registry", options_.environment),
                      "environments: {staging: {registry: registry.example/shop}}");
  std::vector<std::string> names;
  for (const workspace::Environment* each : with) names.push_back(each->name);
  return base::fail(base::Code::noRegistry,
                    fmt::format("several environments have a registry: {}", fmt::join(names, ", ")),
                    fmt::format("msctl build --push -e {}", names.front()));
}

base::Result<std::string> ImageBuild::base_digest(const std::string& name) {
  auto found = base_digests_.find(name);
  if (found == base_digests_.end())
    found = base_digests_
                .emplace(name, image::digest_of_base(name, workspace_.root,
                                                     [this](const std::string& registry) -> image::Registry& {
                                                       return registries_.of(registry);
                                                     }))
                .first;
  return found->second;
}

base::Result<void> ImageBuild::complete_direct(Task& task, const toolchain::Language& language) {
  const workspace::Service& service = *task.service;
  task.recipe = language.image;
  if (auto locked = expect_locks(service, task.recipe.locks); !locked) return locked;
  if (task.platform != image::host_platform() && !task.recipe.portable)
    return base::fail(base::Code::badPlatform,
                      fmt::format("{} is compiled for {}, not for {}", service.name,
                                  image::host_platform().text(), task.platform.text()));
  if (task.platform.os != "linux")
    return base::fail(base::Code::badPlatform,
                      fmt::format("images for {} are not built", task.platform.text()));
  task.base = task.recipe.base;
  for (const std::string& name : {language.name, service.name})
    if (auto own = workspace_.image_bases.find(name); own != workspace_.image_bases.end())
      task.base = own->second;
  auto digest = base_digest(task.base);
  if (!digest) return std::unexpected(digest.error());
  task.run = task.recipe.run.empty() ? language.run : task.recipe.run;
  std::vector<toolchain::Argv> steps = task.recipe.build.empty() ? language.build : task.recipe.build;

  // Where the steps do not ask for which processor they build, one run of them is for all.
  bool asks = joined(task.recipe.environment).find("{arch}") != std::string::npos;
  for (const toolchain::Argv& step : steps)
    for (const std::string& word : step) asks = asks || word.find("{arch}") != std::string::npos;
  task.work = fmt::format("{}/work/{}{}", layout_.folder(), service.name,
                          asks ? "-" + task.platform.architecture : std::string{});
  const std::string home = context_.variable("HOME").value_or("");
  task.variables = {{"folder", service.folder},
                    {"work", task.work},
                    {"arch", task.platform.architecture},
                    {"home", home},
                    {"cargo", context_.variable("CARGO_HOME").value_or(home + "/.cargo")}};
  for (const toolchain::Argv& step : steps) {
    task.steps.emplace_back();
    for (const std::string& word : step) task.steps.back().push_back(image::expand(word, task.variables));
  }
  Dependence dependence = depends_.of(service, "image", steps);
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

base::Result<void> ImageBuild::complete_dockerfile(Task& task) {
  auto tool = image::container_tool(system::find_program);
  if (!tool) return std::unexpected(tool.error());
  task.tool = *tool;
  task.work = fmt::format("{}/work/{}-{}", layout_.folder(), task.service->name, task.platform.architecture);
  task.steps =
      image::dockerfile_steps(*tool, {.folder = task.service->folder,
                                      .file = task.service->folder + "/Dockerfile",
                                      .name = fmt::format("localhost/{}/{}:msctl-{}", workspace_.name,
                                                          task.service->name, task.platform.architecture),
                                      .layout = task.work,
                                      .platform = task.platform,
                                      .other_platform = task.platform != image::host_platform(),
                                      .time = time_,
                                      .fresh = !options_.use_kept});
  for (const auto& [name, value] : context_.environment)
    if (!name.starts_with("MSCTL_")) task.environment.push_back(name + "=" + value);
  Dependence dependence = depends_.of(*task.service, "image", {{"Dockerfile"}});
  task.depends = std::move(dependence.task);
  task.depends.tools.push_back({"tool", *tool, {}});
  return {};
}

base::Result<ImageBuild::Task> ImageBuild::task_of(const workspace::Service& service,
                                                   const toolchain::Language* language,
                                                   const image::Platform& platform) {
  Task task;
  task.service = &service;
  task.platform = platform;
  std::error_code error;
  const bool has_file = fs::exists(fs::path(service.folder) / "Dockerfile", error);
  const bool own = !service.commands.build.empty() || !service.commands.run.empty();
  const bool has_recipe = language != nullptr && !language->image.base.empty() && !own;
  task.road = options_.road;
  if (task.road == Road::automatic) task.road = has_recipe || !has_file ? Road::direct : Road::dockerfile;
  if (task.road == Road::direct && !has_recipe)
    return base::fail(
        base::Code::noRecipe,
        own ? fmt::format("{} is built or run by commands of its own, which tell nothing of what "
                          "its image needs, and has no Dockerfile",
                          service.name)
            : fmt::format("nothing says how {} becomes an image", service.name),
        fmt::format("write {}/Dockerfile", service.relative));
  if (task.road == Road::dockerfile && !has_file)
    return base::fail(base::Code::noRecipe,
                      fmt::format("{} has no {}/Dockerfile", service.name, service.relative));
  auto completed = task.road == Road::direct ? complete_direct(task, *language) : complete_dockerfile(task);
  if (!completed) return std::unexpected(completed.error());
  task.depends.tools.push_back({"image", fmt::format("{} {} at {}", format, platform.text(), time_), {}});
  return task;
}

std::expected<std::vector<ImageBuild::Task>, base::Errors> ImageBuild::plan(
    const std::vector<std::string>& names) {
  if (auto known = expect_known(names, workspace_.service_names()); !known)
    return std::unexpected(one(known.error()));
  auto languages = scaffolds::toolchains(workspace_.languages());
  if (!languages) return std::unexpected(one(languages.error()));
  std::vector<Task> out;
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
      if (task->road == Road::direct && checked.insert(language->name).second)
        if (auto missing = toolchain::missing(*language, tools_, system::find_program))
          errors.push_back(*std::move(missing));
      out.push_back(*std::move(task));
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

std::string ImageBuild::place(const Task& task) const {
  return fmt::format("image of {} for {} in {}", task.service->name, task.platform.text(), workspace_.root);
}

image::Place ImageBuild::place_of(const Task& task) const {
  const std::string home = context_.variable("HOME").value_or("");
  image::Place out{
      task.service->language, task.service->folder, {}, home + "/.m2/repository", task.platform.architecture};
  for (const std::string& each : task.recipe.programs)
    out.programs.push_back((fs::path(task.service->folder) / image::expand(each, task.variables)).string());
  return out;
}

BuiltImage::Part ImageBuild::part_of(const Task& task) {
  BuiltImage::Part out{*task.made, place_of(task), task.base, {}};
  if (!task.base.empty()) out.base_digest = base_digest(task.base).value_or("");
  return out;
}

void ImageBuild::look_up(Task& task, const base::Result<cache::Tree>& tree) {
  if (!tree) {
    task.because = {tree.error().message};
    return;
  }
  auto inputs = cache::inputs_of(*task.service, task.depends, *tree);
  if (!inputs) {
    task.because = {inputs.error().message};
    return;
  }
  task.key = cache::key_of(*inputs);
  task.inputs = std::move(*inputs);
  if (!options_.use_kept) {
    task.because = {"it was asked for anew"};
    return;
  }
  if (auto bytes = store_.get(task.key)) {
    auto image = descriptor_of(*bytes);
    const image::Place place = place_of(task);
    std::error_code error;
    const bool told =
        !options_.parts_told || std::ranges::all_of(place.programs, [&](const std::string& program) {
          return fs::exists(program, error);
        });
    if (image && told && layout_.is_whole(*image)) {
      task.made = std::move(*image);
      task.made->platform = task.platform;
      task.kept = true;
      task.because = {"nothing has changed since it was built"};
      return;
    }
  }
  auto last = store_.last(place(task));
  if (last) task.because = cache::differences(*last, *task.inputs, most_reasons);
  if (task.because.empty())
    task.because = {last ? "its image is no longer kept" : "it was not built here yet"};
}

// Several tasks may share their steps.
std::expected<void, base::Errors> ImageBuild::run(std::vector<Task>& tasks) {
  std::vector<toolchain::Job> jobs;
  for (const Task& task : tasks) {
    if (task.kept) continue;
    if (std::ranges::any_of(jobs, [&](const toolchain::Job& job) {
          return job.service == task.service->name && job.steps == task.steps;
        }))
      continue;
    std::error_code error;
    // A tool adds to the layout that it finds.
    if (task.road == Road::dockerfile) fs::remove_all(task.work, error);
    fs::create_directories(task.road == Road::dockerfile ? layout_.folder() + "/work" : task.work, error);
    if (error)
      return std::unexpected(one(
          base::fail(base::Code::cannotWrite, fmt::format("cannot make {}: {}", task.work, error.message()))
              .error()));
    jobs.push_back({task.service->name, task.service->folder, task.steps, task.environment});
  }
  const StepsRun ran = run_steps(context_, jobs, "builds", options_.verbose, options_.progress);
  if (ran.interrupted)
    return std::unexpected(
        one(base::fail(base::Code::interrupted, "interrupted; the builds were ended").error()));
  base::Errors errors;
  for (const toolchain::Outcome& outcome : ran.outcomes)
    if (!outcome.ok)
      errors.push_back(base::fail(base::Code::imageBuildFailed,
                                  fmt::format("{} could not be built: {}: {}", outcome.service,
                                              fmt::join(outcome.failed, " "), outcome.why))
                           .error());
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return {};
}

base::Result<image::Descriptor> ImageBuild::make(Task& task) {
  if (task.road == Road::dockerfile) {
    auto out = image::take_over(image::Layout(task.work), layout_, task.platform);
    std::error_code error;
    fs::remove_all(task.work, error);
    return out;
  }
  auto base =
      image::find_base(task.base, task.platform, workspace_.root, layout_,
                       [this](const std::string& name) -> image::Registry& { return registries_.of(name); });
  if (!base) return std::unexpected(base.error());
  auto content = image::collect(task.recipe, task.variables, task.service->folder, base->is_scratch());
  if (!content) return std::unexpected(content.error());
  image::Settings settings;
  settings.service = task.service->name;
  settings.platform = task.platform;
  settings.run = task.run;
  settings.variables = task.recipe.variables;
  settings.pack.time = time_;
  settings.pack.interrupted = [this] { return context_.signals.interrupted(); };
  return image::assemble(layout_, *base, *content, settings);
}

// What was changed while it was built may be in the image in a state that nobody can name.
void ImageBuild::keep(std::vector<Task>& tasks) {
  if (std::ranges::none_of(tasks, [](const Task& task) { return !task.kept && task.inputs; })) return;
  auto after = cache::Tree::look(workspace_.root);
  if (!after) return;
  for (Task& task : tasks) {
    if (task.kept || !task.inputs) continue;
    auto inputs = cache::inputs_of(*task.service, task.depends, *after);
    std::string touched;
    if (!inputs || !cache::untouched(*task.inputs, *inputs, touched)) {
      if (options_.explain)
        context_.err << fmt::format("{}: not kept: {} was written meanwhile\n", task.service->name, touched);
      task.key.clear();
      continue;
    }
    (void)store_.put(task.key, text_of(*task.made));
    (void)store_.set_last(place(task), *task.inputs);
  }
}

std::expected<std::vector<BuiltImage>, base::Errors> ImageBuild::build(
    const std::vector<std::string>& names) {
  auto looking = std::async(std::launch::async, [root = workspace_.root] { return cache::Tree::look(root); });
  auto prefix = registry_prefix();
  if (!prefix) return std::unexpected(one(prefix.error()));
  if (!image::parse_reference(*prefix + "/x"))
    return std::unexpected(
        one(base::fail(base::Code::badReference, fmt::format("'{}' is not the name of a registry", *prefix),
                       "registry.example/shop, in small letters")
                .error()));
  auto tasks = plan(names);
  const base::Result<cache::Tree> tree = looking.get();
  if (!tasks) return std::unexpected(std::move(tasks.error()));
  for (Task& task : *tasks) {
    look_up(task, tree);
    if (options_.explain)
      for (const std::string& reason : task.because)
        context_.err << fmt::format("{}: {}: {}\n", task.service->name, task.kept ? "kept" : "built", reason);
  }
  if (auto ran = run(*tasks); !ran) return std::unexpected(std::move(ran.error()));
  for (Task& task : *tasks) {
    if (task.kept) continue;
    auto made = make(task);
    if (!made) return std::unexpected(one(made.error()));
    task.made = *std::move(made);
  }
  keep(*tasks);

  std::vector<BuiltImage> out;
  for (auto first = tasks->begin(); first != tasks->end();) {
    auto last =
        std::find_if(first, tasks->end(), [&](const Task& task) { return task.service != first->service; });
    BuiltImage image;
    image.service = first->service;
    image.repository = *prefix + "/" + first->service->name;
    image.kept = std::all_of(first, last, [](const Task& task) { return task.kept; });
    image.because = first->because;
    image.top = *first->made;
    image.inputs = first->key;
    image.direct = first->road == Road::direct;
    for (auto each = first; each != last; ++each) image.parts.push_back(part_of(*each));
    if (options_.platforms.size() > 1) {
      image::Index index;
      std::string keys;
      for (auto each = first; each != last; ++each) {
        index.manifests.push_back(*each->made);
        keys += each->key;
        if (each->key.empty()) image.inputs.clear();
      }
      auto added = layout_.add(image::index_type, image::write(index));
      if (!added) return std::unexpected(one(added.error()));
      image.top = *std::move(added);
      if (!image.inputs.empty()) image.inputs = digest::sha256(keys);
    }
    for (auto each = first; each != last; ++each)
      if (auto base = image::parse_reference(each->base);
          each->road == Road::direct && base && each->base != "scratch")
        image.mounts.push_back(base->name());
    image.tag = options_.tag.empty() ? image.top.digest.substr(7, 12) : options_.tag;
    if (auto reference = image::parse_reference(image.reference()); !reference)
      return std::unexpected(
          one(base::fail(base::Code::badReference,
                         fmt::format("'{}' is not the name of an image", image.reference()))
                  .error()));
    image::Descriptor named = image.top;
    named.platform.reset();
    if (auto set = layout_.set(image.service->name, named); !set) return std::unexpected(one(set.error()));
    out.push_back(std::move(image));
    first = last;
  }
  return out;
}

std::expected<void, base::Errors> ImageBuild::push(std::vector<BuiltImage>& images) {
  context_.signals.watch({SIGINT, SIGTERM});
  output::Progress progress(context_, options_.progress);
  for (BuiltImage& image : images) {
    const auto reference = image::parse_reference(image.reference());
    registries_.set_own(reference->registry);
    image::Registry& registry = registries_.of(reference->registry);
    image::PushOptions options;
    options.tags = {image.tag};
    for (const std::string& mount : image.mounts) {
      const auto from = image::parse_reference(mount);
      if (!from || from->registry != reference->registry) continue;
      auto bytes = layout_.read(image.top.digest);
      if (!bytes) continue;
      auto manifest = image::read_manifest(*bytes, mount);
      if (!manifest) continue;
      for (const image::Descriptor& layer : manifest->layers) options.mounts[layer.digest] = from->repository;
    }
    options.progress = [&](const image::PushProgress& so_far) {
      progress.show(fmt::format("{}: {:.1f} of {:.1f} MB", image.service->name,
                                static_cast<double>(so_far.sent) / 1e6,
                                static_cast<double>(so_far.total) / 1e6));
    };
    auto pushed = image::push(registry, reference->repository, layout_, image.top, options);
    progress.show({});
    if (!pushed) return std::unexpected(one(pushed.error()));
    progress.say(image.service->name,
                 pushed->was_there ? fmt::format("is at {} already", image.reference())
                                   : fmt::format("pushed to {}", image.reference()),
                 output::Tone::good);
    image.pushed = *pushed;
  }
  return {};
}

void sweep_images(const workspace::Workspace& workspace) {
  (void)image::Layout(folder_of(workspace)).sweep();
}

}  // namespace msctl::cli::join
