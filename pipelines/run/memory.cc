#include "pipelines/run/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/digest/digest.h"

namespace msctl::pipeline {

bool matches(const std::string& pattern, std::string_view path) {
  if (pattern == "**") return true;
  if (pattern.ends_with("/**"))
    return path.starts_with(std::string_view(pattern).substr(0, pattern.size() - 2));
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos) return path == pattern;
  const std::string_view before = std::string_view(pattern).substr(0, star);
  const std::string_view after = std::string_view(pattern).substr(star + 1);
  return path.size() >= before.size() + after.size() && path.starts_with(before) && path.ends_with(after) &&
         path.substr(before.size(), path.size() - before.size() - after.size()).find('/') ==
             std::string_view::npos;
}

std::string key_of(const Job& job, const std::vector<git::SnapshotFile>& files, const std::string& prefix) {
  digest::Sha256 hash;
  const auto add = [&](std::string_view text) {
    hash.add(fmt::format("{}:", text.size()));
    hash.add(text);
  };
  for (const Task& task : job.tasks) {
    add(fmt::format("task {}", task.argv.size()));
    for (const std::string& word : task.argv) add(word);
  }
  for (const git::SnapshotFile& file : files) {
    if (!file.path.starts_with(prefix)) continue;
    const std::string_view path = std::string_view(file.path).substr(prefix.size());
    if (std::ranges::none_of(job.paths, [&](const std::string& pattern) { return matches(pattern, path); }))
      continue;
    add(path);
    add(fmt::format("{:o}", file.stored.mode));
    add(std::string_view(reinterpret_cast<const char*>(file.stored.id.data()), file.stored.id.size()));
  }
  return hash.hex();
}

Memory parse_memory(std::string_view text) {
  Memory out;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("passed") || !json["passed"].is_object()) return out;
  for (const auto& [id, key] : json["passed"].items())
    if (key.is_string()) out[id] = key.get<std::string>();
  return out;
}

std::string print_memory(const Memory& memory) {
  return nlohmann::ordered_json{{"schema", 1}, {"passed", memory}}.dump(2) + "\n";
}

}  // namespace msctl::pipeline
