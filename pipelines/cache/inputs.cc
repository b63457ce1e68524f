#include "pipelines/cache/inputs.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "runtime/base/file.h"
#include "runtime/digest/digest.h"
#include "runtime/git/repository.h"

namespace msctl::cache {
namespace {

// Another number where what is kept, or how it is told from its inputs, is another.
constexpr std::string_view format = "1";

// What is compiled for one system need not pass on another.
std::string platform() {
  utsname name{};
  ::uname(&name);
  auto release = base::read_file("/etc/os-release");
  return fmt::format("{} {} {}", name.sysname, name.machine,
                     release ? digest::sha256(*release).substr(0, 16) : "");
}

std::string joined(const toolchain::Argv& argv) {
  std::string out;
  for (const std::string& word : argv) out += fmt::format("{}:{} ", word.size(), word);
  return out;
}

std::string value_of(const git::Stored& stored) {
  std::string out = fmt::format("{:06o} ", stored.mode);
  for (unsigned char byte : stored.id) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

// Everything is below "", the root.
bool is_at_or_below(std::string_view path, std::string_view folder) {
  return folder.empty() ||
         (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

// "file a/b" → "a/b"; the rest as it stands.
std::string shown(const std::string& name) {
  return name.starts_with("file ") ? name.substr(5) : name;
}

}  // namespace

std::string key_of(const Inputs& inputs) {
  digest::Sha256 out;
  std::string line;
  for (const Input& input : inputs) {
    line.clear();
    fmt::format_to(std::back_inserter(line), "{} {}\n{}{}", input.name.size(), input.value.size(), input.name,
                   input.value);
    out.add(line);
  }
  return out.hex();
}

bool untouched(const Inputs& before, const Inputs& after, std::string& name) {
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const bool both = i < before.size() && i < after.size();
    if (both && before[i].name == after[i].name && before[i].value == after[i].value &&
        before[i].changed == after[i].changed)
      continue;
    name = shown(i < after.size() ? after[i].name : before[i].name);
    return false;
  }
  return true;
}

std::vector<std::string> differences(const Inputs& before, const Inputs& now, std::size_t most) {
  std::vector<std::string> out;
  std::size_t more = 0;
  const auto say = [&](const Input& input, std::string_view what) {
    if (out.size() < most)
      out.push_back(fmt::format("{} {}", shown(input.name), what));
    else
      ++more;
  };
  const auto sorted = [](const Inputs& inputs) {
    std::vector<const Input*> all;
    for (const Input& input : inputs) all.push_back(&input);
    std::ranges::sort(all, {}, [](const Input* input) { return std::string_view(input->name); });
    return all;
  };
  const auto was = sorted(before), is = sorted(now);
  for (std::size_t i = 0, j = 0; i < was.size() || j < is.size();) {
    const int order = i == was.size() ? 1 : j == is.size() ? -1 : was[i]->name.compare(is[j]->name);
    if (order < 0)
      say(*was[i++], "is gone");
    else if (order > 0)
      say(*is[j++], "is new");
    else if (was[i++]->value != is[j]->value)
      say(*is[j++], "has changed");
    else
      ++j;
  }
  if (more > 0) out.push_back(fmt::format("and {} more", more));
  return out;
}

base::Result<Tree> Tree::look(const std::string& root) {
  auto repository = git::Repository::open(root);
  if (!repository) return std::unexpected(std::move(repository.error()));
  const std::string prefix = repository->prefix_of(root);
  auto files = git::snapshot(*repository, prefix);
  if (!files) return std::unexpected(std::move(files.error()));
  for (git::SnapshotFile& file : *files) file.path.erase(0, prefix.size());
  return Tree(std::move(*files));
}

bool Tree::add(const std::string& path, const std::vector<std::string>& except, Inputs& to) const {
  auto from = std::ranges::lower_bound(files_, path, {}, &git::SnapshotFile::path);
  bool any = false;
  // Between "a" and "a/b" stands "a-b".
  for (; from != files_.end() && from->path.starts_with(path); ++from) {
    if (!is_at_or_below(from->path, path)) continue;
    any = true;
    if (std::ranges::any_of(except,
                            [&](const std::string& each) { return is_at_or_below(from->path, each); }))
      continue;
    to.push_back({"file " + from->path, value_of(from->stored), from->changed});
  }
  return any;
}

base::Result<Inputs> inputs_of(const workspace::Service& service, const Task& task, const Tree& tree) {
  static const std::string here = platform();
  Inputs out;
  out.push_back({"format", std::string(format), {}});
  out.push_back({"kind", task.kind, {}});
  out.push_back({"service", service.name + " in " + service.relative, {}});
  out.push_back({"platform", here, {}});
  for (std::size_t i = 0; i < task.steps.size(); ++i)
    out.push_back({fmt::format("step {}", i + 1), joined(task.steps[i]), {}});
  for (const Input& tool : task.tools) out.push_back(tool);
  for (const std::string& variable : task.variables) {
    const std::size_t equals = variable.find('=');
    // A value may be a secret: what is kept of it is its hash.
    out.push_back(
        {"variable " + variable.substr(0, equals), digest::sha256(variable.substr(equals + 1)), {}});
  }
  const auto unknown = [](const std::string& path) {
    return base::fail(base::Code::notKept,
                      fmt::format("git keeps nothing in {}, so what stands there is not known",
                                  path.empty() ? "the workspace" : path));
  };
  if (!tree.add(service.relative, task.except, out)) return unknown(service.relative);
  for (const std::string& used : service.uses)
    if (!tree.add(used, {}, out)) return unknown(used);
  return out;
}

}  // namespace msctl::cache
