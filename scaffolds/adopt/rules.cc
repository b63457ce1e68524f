#include "scaffolds/adopt/rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>

#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

constexpr std::size_t most_files_searched = 400;
constexpr std::size_t most_matches = 64;

// The nodes behind a dotted key; of a list, those of each item.
void look_up(const yaml::Node& node, std::string_view key, std::vector<const yaml::Node*>& out) {
  if (node.is_list()) {
    for (const yaml::Node& item : node.items) look_up(item, key, out);
    return;
  }
  if (key.empty()) {
    out.push_back(&node);
    return;
  }
  const std::size_t dot = key.find('.');
  if (const yaml::Node* value = node.find(key.substr(0, dot)))
    look_up(*value, dot == std::string_view::npos ? std::string_view{} : key.substr(dot + 1), out);
}

std::string value_of(const yaml::Node& node) {
  return node.is_map() && !node.entries.empty() ? node.entries.front().key.scalar : node.scalar;
}

std::string without_ending(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  const std::size_t slash = path.rfind('/');
  return dot == std::string::npos || (slash != std::string::npos && dot < slash) ? path : path.substr(0, dot);
}

// "app/main.py": app.main; "app/__main__.py" and "app/__init__.py": app.
std::string module_of(const std::string& path) {
  std::string out = without_ending(path);
  std::ranges::replace(out, '/', '.');
  for (const char* ending : {".__main__", ".__init__"})
    if (out.ends_with(ending)) out.resize(out.size() - std::string_view(ending).size());
  return out;
}

bool is_plain(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=@%+,-") ==
         std::string_view::npos;
}

// "./../x": ../x; "././x": ./x; "build/./x": build/x.
std::string tidy(std::string path) {
  for (std::size_t at = 0; (at = path.find("/./", at)) != std::string::npos;) path.erase(at, 2);
  return path.starts_with("./../") ? path.substr(2) : path;
}

}  // namespace

Reader::Reader(const Repository& repository) : repository_(repository) {}
Reader::~Reader() = default;

const std::string* Reader::text(const std::string& path, bool quiet) {
  auto [found, is_new] = texts_.try_emplace(path);
  if (is_new) {
    if (auto read = repository_.read(path))
      found->second = std::move(*read);
    else if (!quiet)
      errors.push_back(std::move(read.error()));
  }
  return found->second ? &*found->second : nullptr;
}

const yaml::Node* Reader::tree(const std::string& path) {
  auto [found, is_new] = trees_.try_emplace(path);
  if (is_new)
    if (const std::string* content = text(path)) {
      if (auto parsed = parse_tree(path, *content))
        found->second = std::move(*parsed);
      else
        errors.push_back(std::move(parsed.error()));
    }
  return found->second ? &*found->second : nullptr;
}

const re2::RE2& Reader::pattern(const std::string& regex) {
  auto& pattern = patterns_[regex];
  if (!pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    pattern = std::make_unique<re2::RE2>(regex, options);
  }
  return *pattern;
}

std::optional<std::pair<std::string, int>> Reader::search(std::string_view text, const std::string& regex,
                                                          const std::string& excluding) {
  const re2::RE2& wanted = pattern(regex);
  if (!wanted.ok()) return std::nullopt;
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(wanted.NumberOfCapturingGroups()) + 1);
  std::size_t begin = 0;
  for (std::size_t matches = 0; matches < most_matches && begin <= text.size(); ++matches) {
    if (!wanted.Match(re2::StringPiece(text.data(), text.size()), begin, text.size(), re2::RE2::UNANCHORED,
                      groups.data(), static_cast<int>(groups.size())))
      return std::nullopt;
    const re2::StringPiece& group = groups.size() > 1 && groups[1].data() != nullptr ? groups[1] : groups[0];
    const auto at = static_cast<std::size_t>(groups[0].data() - text.data());
    std::string value(group.data(), group.size());
    if (excluding.empty() || !re2::RE2::PartialMatch(value, pattern(excluding)))
      return std::pair(std::move(value), line_at(text, static_cast<std::size_t>(group.data() - text.data())));
    begin = at + std::max<std::size_t>(1, groups[0].size());
  }
  return std::nullopt;
}

Rules::Rules(Reader& reader, Subject subject) : reader_(reader), subject_(std::move(subject)) {
  variables_["name"] = subject_.name;
  variables_["root"] = relative_to(subject_.outer, subject_.folder);
  variables_["member"] = relative_to(subject_.folder, subject_.outer);
}

bool Rules::keep(const toolchain::Condition& condition, const std::string& value, const std::string& file) {
  if (condition.name.empty()) return true;
  // Values come from files of others, and some stand in a shell's line.
  if (value.size() > 200 || !is_plain(value) || !is_plain(file)) return false;
  variables_[condition.name] = value;
  variables_[condition.name + ".file"] = file;
  variables_[condition.name + ".folder"] = parent_of(file).empty() ? "." : parent_of(file);
  variables_[condition.name + ".stem"] = without_ending(name_of(file));
  variables_[condition.name + ".module"] = module_of(file);
  variables_[condition.name + ".package"] = module_of(file.starts_with("src/") ? file.substr(4) : file);
  constexpr std::string_view java = "src/main/java/";
  variables_[condition.name + ".class"] = module_of(file.starts_with(java) ? file.substr(java.size()) : file);
  return true;
}

bool Rules::file_holds(const toolchain::Condition& condition, const std::string& file, Place& at) {
  const std::string path = std::filesystem::path(join(subject_.folder, file)).lexically_normal().string();
  if (condition.keys.empty()) {
    if (condition.matches.empty()) {
      if (!condition.excludes.empty() && reader_.search(file, condition.excludes)) return false;
      at = {path, 0};
      return keep(condition, name_of(file), file);
    }
    const std::string* text = reader_.text(path, true);
    if (text == nullptr) return false;
    auto found = reader_.search(*text, condition.matches, condition.excludes);
    if (!found) return false;
    at = {path, found->second};
    // Without a group in the expression it is the file that is asked for.
    const bool grouped = reader_.pattern(condition.matches).NumberOfCapturingGroups() > 0;
    return keep(condition, grouped ? found->first : name_of(file), file);
  }
  const yaml::Node* tree = reader_.tree(path);
  if (tree == nullptr) return false;
  for (const std::string& key : condition.keys) {
    std::vector<const yaml::Node*> nodes;
    look_up(*tree, key, nodes);
    for (const yaml::Node* node : nodes) {
      const std::string value = value_of(*node);
      if (!condition.excludes.empty() && reader_.search(value, condition.excludes)) continue;
      auto found = condition.matches.empty() ? std::optional(std::pair(value, 0))
                                             : reader_.search(value, condition.matches);
      if (!found) continue;
      at = {path, node->line};
      return keep(condition, found->first, file);
    }
  }
  return false;
}

bool Rules::holds(const toolchain::Condition& condition, Place& at) {
  if (!condition.command.empty()) {
    if (subject_.command.empty() || !reader_.search(name_of(subject_.command.front()), condition.command))
      return false;
    variables_["program"] = name_of(subject_.command.front());
    at = subject_.command_at;
    return true;
  }
  for (const std::string& glob : condition.files) {
    constexpr std::string_view outer = "{root}/";
    const bool outside = glob.starts_with(outer);
    const std::string& base = outside ? subject_.outer : subject_.folder;
    std::vector<std::string> files =
        reader_.repository().match(base, outside ? glob.substr(outer.size()) : glob);
    files.resize(std::min(files.size(), most_files_searched));
    for (const std::string& file : files)
      if (file_holds(condition, outside ? join(relative_to(base, subject_.folder), file) : file, at))
        return true;
  }
  return false;
}

bool Rules::hold(const std::vector<toolchain::Condition>& conditions, Place& at) {
  for (const toolchain::Condition& condition : conditions) {
    Place place;
    if (holds(condition, place) == condition.absent) return false;
    if (!condition.absent) at = place;
  }
  return true;
}

void Rules::set_values(const std::vector<toolchain::ConditionalValue>& values) {
  for (const toolchain::ConditionalValue& value : values) {
    if (variables_.contains(value.name)) continue;
    Place ignored;
    if (hold(value.when, ignored)) variables_[value.name] = fill({value.value}).front();
  }
}

toolchain::Argv Rules::fill(const toolchain::Argv& words) const {
  toolchain::Argv out;
  for (const std::string& word : words) {
    if (word == "{arguments}") {
      if (!subject_.command.empty())
        out.insert(out.end(), subject_.command.begin() + 1, subject_.command.end());
      continue;
    }
    std::string filled;
    for (std::size_t i = 0; i < word.size();) {
      const std::size_t close = word[i] == '{' ? word.find('}', i) : std::string::npos;
      auto variable =
          close == std::string::npos ? variables_.end() : variables_.find(word.substr(i + 1, close - i - 1));
      if (variable == variables_.end()) {
        filled += word[i++];
        continue;
      }
      filled += variable->second;
      i = close + 1;
    }
    out.push_back(filled == word ? std::move(filled) : tidy(std::move(filled)));
  }
  return out;
}

bool Rules::is_filled(const toolchain::Argv& words) {
  static const re2::RE2 variable(R"(\{[a-z]+(\.[a-z]+)?\})");
  return std::ranges::none_of(words,
                              [](const std::string& word) { return re2::RE2::PartialMatch(word, variable); });
}

std::optional<std::pair<toolchain::Argv, Place>> Rules::steps(
    const std::vector<toolchain::ConditionalStep>& steps) {
  std::vector<toolchain::Argv> held;
  Place at;
  for (const toolchain::ConditionalStep& step : steps)
    if (Place place; hold(step.when, place)) {
      if (at.file.empty()) at = place;
      held.push_back(fill(step.argv));
    }
  if (held.empty()) return std::nullopt;
  if (held.size() == 1) return std::pair(held.front(), at);
  std::string line;
  for (const toolchain::Argv& argv : held) line += (line.empty() ? "" : " && ") + shell_line(argv);
  return std::pair(toolchain::Argv{"sh", "-c", line}, at);
}

std::string shell_line(const toolchain::Argv& argv) {
  std::string out;
  for (const std::string& word : argv) {
    if (!out.empty()) out += ' ';
    if ((!word.empty() && is_plain(word)) || word == "$PORT") {
      out += word;
      continue;
    }
    out += '\'';
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

}  // namespace msctl::scaffolds::adopt
