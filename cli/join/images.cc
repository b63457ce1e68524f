#include "cli/join/images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "cli/join/image_push.h"
#include "pipelines/image/dockerfile/dockerfile.h"
#include "pipelines/image/share/share.h"
#include "runtime/digest/digest.h"

namespace msctl::cli::join {
namespace {

namespace fs = std::filesystem;

// Of what names images; the images themselves stay as long as the layout keeps them.
constexpr std::uint64_t most_kept = std::uint64_t{16} << 20;

std::string folder_of(const workspace::Workspace& workspace) {
  return workspace.root + "/.msctl/images";
}

base::Errors one(base::Error error) {
  return {std::move(error)};
}

// What is kept of an image: "sha256:… SIZE TYPE".
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

std::vector<Keepable*> keepables(std::vector<ImageTask>& tasks) {
  std::vector<Keepable*> out;
  for (ImageTask& task : tasks) out.push_back(&task);
  return out;
}

}  // namespace

ImageBuild::ImageBuild(Context& context, const workspace::Workspace& workspace, ImageOptions options)
    : context_(context),
      workspace_(workspace),
      options_(std::move(options)),
      layout_(folder_of(workspace)),
      use_(layout_),
      registries_(context),
      bases_(workspace.root, layout_, registries_),
      keeping_(context, workspace, options_.keep,
               {.made = "built",
                .since = "since it was built",
                .never = "it was not built here yet",
                .result = "image"},
               layout_.folder() + "/kept", most_kept),
      home_(context.variable("HOME").value_or("")) {
  if (options_.platforms.empty()) options_.platforms = {image::host_platform()};
  // reproducible-builds.org's specification; without it there is no time at all.
  if (auto text = context.variable("SOURCE_DATE_EPOCH"))
    std::from_chars(text->data(), text->data() + text->size(), time_);
}

void ImageBuild::look_up(std::vector<ImageTask>& tasks) {
  keeping_.look_up(keepables(tasks),
                   [&](std::size_t i, const cache::Entry& entry) { return take(tasks[i], entry); });
}

// What is not here comes from the base, and from where results are shared.
base::Result<void> ImageBuild::take(ImageTask& task, const cache::Entry& entry) {
  auto image = descriptor_of(entry.output);
  if (!image) return base::fail(base::Code::badEntry, "its form is another");
  const image::Place place = task.place(home_);
  std::error_code error;
  if (options_.parts_told && !std::ranges::all_of(place.programs, [&](const std::string& program) {
        return fs::exists(program, error);
      }))
    return base::fail(base::Code::imageMissing, "what is in it is told by its build, which is not here");
  if (!layout_.is_whole(*image)) {
    if (!keeping_.remote()) return base::fail(base::Code::imageMissing, "it is no longer here");
    if (task.road == Road::direct)
      if (auto base = bases_.find(task.base, task.platform); !base) return std::unexpected(base.error());
    if (auto fetched = image::fetch_shared(*keeping_.remote(), layout_, *image); !fetched) {
      task.spoilt = fetched.error().code == base::Code::digestMismatch;
      return fetched;
    }
  }
  image->platform = task.platform;
  task.image = std::move(*image);
  return {};
}

// Several tasks may share their steps.
std::expected<void, base::Errors> ImageBuild::run(const std::vector<ImageTask>& tasks) {
  std::vector<toolchain::Job> jobs;
  for (const ImageTask& task : tasks) {
    if (task.provenance.cached) continue;
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
  const KeepOptions& options = keeping_.options();
  const StepsRun ran = run_steps(context_, jobs, "builds", options.verbose, options.progress);
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

base::Result<image::Descriptor> ImageBuild::make(const ImageTask& task) {
  if (task.road == Road::dockerfile) {
    auto out = image::take_over(image::Layout(task.work), layout_, task.platform);
    std::error_code error;
    fs::remove_all(task.work, error);
    return out;
  }
  auto base = bases_.find(task.base, task.platform);
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

void ImageBuild::keep(std::vector<ImageTask>& tasks) {
  keeping_.keep(
      keepables(tasks), [&](std::size_t i) { return cache::Entry{text_of(*tasks[i].image), {}, {}}; },
      [&](std::size_t i) { return share(tasks[i]); });
}

// The base is where it was: only what is ours goes to the shared cache.
bool ImageBuild::share(const ImageTask& task) {
  std::set<std::string> elsewhere;
  if (task.road == Road::direct) {
    auto base = bases_.find(task.base, task.platform);
    if (!base) return false;
    for (const image::Descriptor& layer : base->layers) elsewhere.insert(layer.digest);
  }
  return image::put_shared(*keeping_.remote(), layout_, *task.image, elsewhere, task.spoilt);
}

std::expected<std::vector<BuiltImage>, base::Errors> ImageBuild::build(
    const std::vector<std::string>& names) {
  auto prefix = registry_prefix(workspace_, options_.environment, options_.push);
  if (!prefix) return std::unexpected(one(prefix.error()));
  ImagePlan plan(context_, workspace_, {options_.platforms, options_.road, time_, layout_.folder()}, keeping_,
                 bases_);
  auto tasks = plan.tasks(names);
  if (!tasks) return std::unexpected(std::move(tasks.error()));
  look_up(*tasks);
  if (auto ran = run(*tasks); !ran) return std::unexpected(std::move(ran.error()));
  for (ImageTask& task : *tasks) {
    if (task.provenance.cached) continue;
    auto made = make(task);
    if (!made) return std::unexpected(one(made.error()));
    task.image = *std::move(made);
    task.made = true;
  }
  keep(*tasks);

  std::vector<BuiltImage> out;
  for (std::size_t i = 0; i < tasks->size();) {
    std::vector<const ImageTask*> of_one;
    for (const auto* service = (*tasks)[i].service; i < tasks->size() && (*tasks)[i].service == service; ++i)
      of_one.push_back(&(*tasks)[i]);
    auto image = image_of(of_one, *prefix);
    if (!image) return std::unexpected(one(image.error()));
    out.push_back(*std::move(image));
  }
  return out;
}

// One manifest, or an index of several.
base::Result<BuiltImage> ImageBuild::image_of(const std::vector<const ImageTask*>& tasks,
                                              const std::string& prefix) {
  BuiltImage out;
  out.service = tasks.front()->service;
  out.direct = tasks.front()->road == Road::direct;
  out.kept = std::ranges::all_of(tasks, [](const ImageTask* each) { return each->provenance.cached; });
  out.top = *tasks.front()->image;
  out.inputs = tasks.front()->key;
  for (const ImageTask* each : tasks) {
    BuiltImage::Part part{*each->image, each->place(home_), each->base, {}};
    if (!each->base.empty()) part.base_digest = bases_.digest(each->base).value_or("");
    out.parts.push_back(std::move(part));
  }
  if (options_.platforms.size() > 1) {
    image::Index index;
    std::string keys;
    for (const ImageTask* each : tasks) {
      index.manifests.push_back(*each->image);
      keys += each->key;
    }
    auto added = layout_.add(image::index_type, image::write(index));
    if (!added) return std::unexpected(added.error());
    out.top = *std::move(added);
    const bool known = std::ranges::none_of(tasks, [](const ImageTask* each) { return each->key.empty(); });
    out.inputs = known ? digest::sha256(keys) : std::string{};
  }
  if (auto named = name(out, prefix); !named) return std::unexpected(named.error());
  return out;
}

base::Result<void> ImageBuild::name(BuiltImage& image, const std::string& prefix) {
  image.repository = fmt::format("{}/{}", prefix, image.service->name);
  image.tag = options_.tag.empty() ? image.top.digest.substr(7, 12) : options_.tag;
  if (auto reference = image::parse_reference(image.reference()); !reference)
    return base::fail(base::Code::badReference,
                      fmt::format("'{}' is not the name of an image", image.reference()));
  image::Descriptor named = image.top;
  named.platform.reset();
  return layout_.set(image.service->name, named);
}

void sweep_images(const workspace::Workspace& workspace) {
  (void)image::Layout(folder_of(workspace)).sweep();
}

}  // namespace msctl::cli::join
