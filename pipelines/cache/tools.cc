// Some programs only stand for others: rustup, the shims of version managers, ccache. What they answer
// changes while their file does not, so their answer is not remembered. They are told by this: they are
// scripts outside of /usr, have another name than they were called by (a link to the manager), or several
// names (hard links).
#include "pipelines/cache/tools.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "pipelines/cache/fields.h"
#include "runtime/digest/digest.h"

namespace msctl::cache {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_known = 1000;

// An answer to one of these is about the program alone, and not about what else is installed.
bool asks_the_program(const toolchain::Argv& argv) {
  static const std::set<std::string> questions{"--version",        "version", "-version",
                                               "-dumpfullversion", "-V",      "-v"};
  return argv.size() == 2 && questions.contains(argv[1]);
}

std::string stamp(const std::string& real, const struct stat& info) {
  return fmt::format("{} {} {} {}.{} {}.{}", real, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

bool is_binary(const std::string& path) {
  std::array<char, 4> head{};
  std::ifstream(path, std::ios::binary).read(head.data(), head.size());
  return std::string_view(head.data(), head.size()) ==
         "\x7f"
         "ELF";
}

bool stands_for_itself(const std::string& called, const std::string& real, const struct stat& info) {
  if (info.st_nlink != 1) return false;
  if (fs::path(real).filename().string().find(fs::path(called).filename().string()) == std::string::npos)
    return false;
  return is_binary(real) || (real.starts_with("/usr/") && !real.starts_with("/usr/local/"));
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '\n', ' ');
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

Tools::Tools(std::string memory, system::Files& files, system::Processes& processes,
             toolchain::FindProgram find)
    : memory_(std::move(memory)), files_(files), processes_(processes), find_(std::move(find)) {
  auto bytes = files_.read(memory_);
  if (!bytes) return;
  auto fields = read_fields(*bytes);
  if (!fields || fields->size() % 2 != 0) return;
  for (std::size_t i = 0; i < fields->size(); i += 2)
    known_[std::move((*fields)[i].value)] = std::move((*fields)[i + 1].value);
}

std::string Tools::identity(const system::Command& command) const {
  if (!asks_the_program(command.argv)) return {};
  const std::string program = find_(command.argv.front());
  std::error_code error;
  const std::string real = fs::canonical(program, error).string();
  struct stat info{};
  if (program.empty() || error || ::stat(real.c_str(), &info) != 0) return {};
  if (!stands_for_itself(command.argv.front(), real, info)) return {};
  return fmt::format("{} {}", command.argv[1], stamp(real, info));
}

base::Result<system::Finished> Tools::run(const system::Command& command) {
  const std::string name = identity(command);
  if (name.empty()) return processes_.run(command);
  if (auto found = known_.find(name); found != known_.end()) {
    system::Finished out;
    out.output = found->second;
    return out;
  }
  auto finished = processes_.run(command);
  if (finished && finished->ok()) {
    known_[name] = finished->output;
    changed_ = true;
  }
  return finished;
}

std::string Tools::digest(const std::string& called) {
  const std::string program = find_(called);
  std::error_code error;
  const std::string real = fs::canonical(program, error).string();
  struct stat info{};
  if (program.empty() || error || ::stat(real.c_str(), &info) != 0) return "none";
  const std::string name = "digest " + stamp(real, info);
  if (auto found = known_.find(name); found != known_.end()) return found->second;
  auto bytes = files_.read(real);
  const std::string out = bytes ? digest::sha256(*bytes) : "unreadable";
  if (bytes) {
    known_[name] = out;
    changed_ = true;
  }
  return out;
}

std::vector<Input> Tools::inputs(const toolchain::Language& language) {
  std::vector<Input> out;
  for (const toolchain::Requirement& requirement : language.requirements) {
    if (requirement.version.empty()) {
      out.push_back({"tool " + requirement.command, digest(requirement.command), {}});
      continue;
    }
    system::Command command;
    command.argv = requirement.version;
    command.timeout = std::chrono::seconds(20);
    auto finished = run(command);
    out.push_back({fmt::format("tool {}", fmt::join(requirement.version, " ")),
                   finished ? one_line(finished->output) : "none",
                   {}});
  }
  return out;
}

std::vector<Input> Tools::inputs(const std::vector<toolchain::Argv>& steps) {
  std::set<std::string> programs;
  for (const toolchain::Argv& step : steps)
    if (!step.empty() && step.front().find('/') == std::string::npos) programs.insert(step.front());
  std::vector<Input> out;
  for (const std::string& program : programs) out.push_back({"tool " + program, digest(program), {}});
  return out;
}

void Tools::save() {
  if (!changed_) return;
  if (known_.size() > most_known) known_.clear();
  std::vector<Field> fields;
  for (const auto& [name, value] : known_) {
    fields.push_back({"of", name});
    fields.push_back({"is", value});
  }
  if (files_.replace(memory_, write_fields(fields))) changed_ = false;
}

}  // namespace msctl::cache
