// The parser works in two steps, as BuildKit's does: physical lines become instructions (comments and empty
// lines go, a line that ends in the escape character goes on, here-documents belong to the instruction that
// opens them), then each instruction changes the stage that the last FROM began.
#include "scaffolds/adopt/dockerfile.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "runtime/base/text.h"
#include "scaffolds/adopt/formats.h"
#include "scaffolds/adopt/variables.h"

namespace msctl::scaffolds::adopt {
namespace {

using re2::RE2;

constexpr std::size_t most_instructions = 10'000;
constexpr std::size_t most_expanded = 64 * 1024;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct Instruction {
  std::string name;  // in lower case
  std::string text;
  int at = 0;
};

// The words behind each << of a RUN, COPY or ADD: <<EOF, <<-EOF, <<"EOF".
std::vector<std::string> heredocs(const Instruction& instruction) {
  std::vector<std::string> out;
  if (instruction.name != "run" && instruction.name != "copy" && instruction.name != "add") return out;
  const std::string& text = instruction.text;
  for (std::size_t at = 0; (at = text.find("<<", at)) != std::string::npos;) {
    at += 2;
    if (at < text.size() && text[at] == '<') {  // a here-string
      ++at;
      continue;
    }
    if (at < text.size() && text[at] == '-') ++at;
    const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
    if (quote != '\0') ++at;
    std::size_t end = at;
    while (end < text.size() && (is_name_character(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

// "# escape=`" as one of the first lines.
char escape_of(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = trim(take_line(text));
    if (!line.starts_with('#')) break;
    const std::string directive = base::lower(trim(line.substr(1)));
    const std::size_t equals = directive.find('=');
    if (equals == std::string::npos) break;
    if (trim(directive.substr(0, equals)) == "escape")
      return trim(std::string_view(directive).substr(equals + 1)) == "`" ? '`' : '\\';
  }
  return '\\';
}

std::vector<Instruction> instructions_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const char escape = escape_of(text);
  std::vector<Instruction> out;
  int number = 0;
  while (!text.empty() && out.size() < most_instructions) {
    std::string_view line = trim(take_line(text));
    const int at = ++number;
    if (line.empty() || line.front() == '#') continue;
    std::string whole;
    for (;;) {
      const bool goes_on = line.ends_with(escape);
      if (goes_on) line.remove_suffix(1);
      whole.append(line);
      if (!goes_on) break;
      // Comments and empty lines within an instruction are skipped.
      bool found = false;
      while (!text.empty() && !found) {
        line = trim(take_line(text));
        ++number;
        found = !line.empty() && line.front() != '#';
      }
      if (!found) break;
    }
    const std::size_t space = whole.find_first_of(" \t");
    Instruction instruction{base::lower(std::string_view(whole).substr(0, space)), {}, at};
    if (space != std::string::npos)
      instruction.text = std::string(trim(std::string_view(whole).substr(space)));
    for (const std::string& word : heredocs(instruction))
      while (!text.empty()) {
        ++number;
        if (trim(take_line(text)) == word) break;
      }
    out.push_back(std::move(instruction));
  }
  return out;
}

// Words parted by blanks, with quotes and backslashes taken off.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool open = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      if (text[i + 1] == '$') word += '\\';  // for expand
      word += text[++i];
      open = true;
    } else if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open) out.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) out.push_back(std::move(word));
  return out;
}

ImageCommand command_of(std::string_view text, int at) {
  ImageCommand out;
  out.at = at;
  if (text.starts_with('[')) {
    const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_array() && std::ranges::all_of(json, [](const auto& word) { return word.is_string(); })) {
      for (const auto& word : json) out.words.push_back(word.template get<std::string>());
      return out;
    }
  }
  out.line = std::string(text);
  return out;
}

class Parser {
public:
  Dockerfile take(const std::vector<Instruction>& instructions) {
    for (const Instruction& instruction : instructions) take(instruction);
    return std::move(out_);
  }

private:
  void take(const Instruction& instruction) {
    if (instruction.name == "from") return from(instruction);
    if (instruction.name == "arg") return arg(instruction);
    if (out_.stages.empty()) return;  // only ARG may stand before FROM
    DockerStage& stage = out_.stages.back();
    if (instruction.name == "env") return env(instruction, stage);
    if (instruction.name == "expose") return expose(instruction, stage);
    if (instruction.name == "workdir") {
      const std::string folder = expand(instruction.text, variables_);
      stage.folder = folder.starts_with('/') ? folder : stage.folder + "/" + folder;
    }
    if (instruction.name == "cmd") stage.command = command_of(instruction.text, instruction.at);
    if (instruction.name == "entrypoint") {
      stage.entrypoint = command_of(instruction.text, instruction.at);
      if (stage.command && stage.command->at < instruction.at && inherited_command_) stage.command.reset();
      inherited_command_ = false;
    }
    if (instruction.name == "cmd") inherited_command_ = false;
    if (instruction.name == "healthcheck") health(instruction, stage);
  }

  void from(const Instruction& instruction) {
    std::vector<std::string> words = words_of(instruction.text);
    std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
    if (words.empty()) return out_.faults.emplace_back(instruction.at, "FROM names no image"), void();
    DockerStage stage;
    stage.base = expand(words[0], global_);
    stage.at = instruction.at;
    if (words.size() >= 3 && base::lower(words[1]) == "as") stage.name = base::lower(words[2]);
    variables_.clear();
    inherited_command_ = false;
    const std::string base = base::lower(stage.base);
    for (const DockerStage& earlier : out_.stages)
      if (earlier.name == base && !base.empty()) {
        DockerStage inherited = earlier;
        inherited.base = stage.base;
        inherited.name = stage.name;
        inherited.at = stage.at;
        stage = std::move(inherited);
        inherited_command_ = stage.command.has_value();
        for (const auto& [name, variable] : stage.env) variables_[name] = variable.value;
        break;
      }
    out_.stages.push_back(std::move(stage));
  }

  void arg(const Instruction& instruction) {
    for (const std::string& word : words_of(instruction.text)) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      std::map<std::string, std::string>& scope = out_.stages.empty() ? global_ : variables_;
      if (!out_.stages.empty() && out_.stages.back().env.contains(name)) continue;  // ENV wins
      if (equals != std::string::npos)
        scope[name] = expand(word.substr(equals + 1), scope);
      else if (auto found = global_.find(name); found != global_.end())
        scope[name] = found->second;
    }
  }

  void set(DockerStage& stage, const std::string& name, std::string value, int at) {
    variables_[name] = value;
    stage.env[name] = {std::move(value), at};
  }

  void env(const Instruction& instruction, DockerStage& stage) {
    const std::vector<std::string> words = words_of(instruction.text);
    if (!words.empty() && words[0].find('=') == std::string::npos) {  // the old form: ENV NAME the value
      const std::size_t space = instruction.text.find_first_of(" \t");
      if (space != std::string::npos)
        set(stage, words[0], expand(trim(std::string_view(instruction.text).substr(space)), variables_),
            instruction.at);
      return;
    }
    const std::map<std::string, std::string> before = variables_;  // of one line all see the same
    for (const std::string& word : words)
      if (const std::size_t equals = word.find('='); equals != std::string::npos && equals > 0)
        set(stage, word.substr(0, equals), expand(word.substr(equals + 1), before), instruction.at);
  }

  void expose(const Instruction& instruction, DockerStage& stage) {
    for (const std::string& raw : words_of(instruction.text)) {
      const std::string word = expand(raw, variables_);
      const std::size_t slash = word.find('/');
      int port = 0;
      const char* end = word.data() + std::min(slash, word.size());
      // Of a range, the first.
      auto [stop, error] = std::from_chars(word.data(), end, port);
      if (error != std::errc{} || port < 1 || port > 65535 || (stop != end && *stop != '-')) {
        out_.faults.emplace_back(instruction.at, fmt::format("EXPOSE {} names no port", raw));
        continue;
      }
      const bool udp = slash != std::string::npos && base::lower(word.substr(slash + 1)) == "udp";
      if (std::ranges::none_of(stage.ports,
                               [&](const ImagePort& p) { return p.port == port && p.udp == udp; }))
        stage.ports.push_back({port, udp, instruction.at});
    }
  }

  void health(const Instruction& instruction, DockerStage& stage) {
    std::string_view text = instruction.text;
    while (text.starts_with("--")) {  // --interval=5s …
      const std::size_t space = text.find_first_of(" \t");
      text = space == std::string_view::npos ? std::string_view{} : trim(text.substr(space));
    }
    if (base::lower(text.substr(0, 4)) == "none") {
      stage.health.reset();
      return;
    }
    if (base::lower(text.substr(0, 3)) != "cmd") return;
    stage.health = command_of(trim(text.substr(3)), instruction.at);
    stage.health->line = expand(stage.health->line, variables_);
    for (std::string& word : stage.health->words) word = expand(word, variables_);
  }

  Dockerfile out_;
  std::map<std::string, std::string> global_;     // ARG before the first FROM
  std::map<std::string, std::string> variables_;  // of the stage: ARG and ENV
  bool inherited_command_ = false;                // a new ENTRYPOINT drops an inherited CMD
};

}  // namespace

std::string expand(std::string_view text, const std::map<std::string, std::string>& variables) {
  std::string out;
  auto value_of = [&](std::string_view name) {
    auto found = variables.find(std::string(name));
    return found == variables.end() ? std::string{} : found->second;
  };
  for (std::size_t i = 0; i < text.size() && out.size() < most_expanded;) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '$') {
      out += '$';
      i += 2;
      continue;
    }
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i++];
      continue;
    }
    const bool braces = text[i + 1] == '{';
    const std::size_t begin = i + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && is_name_character(text[end])) ++end;
    if (end == begin) {
      out += text[i++];
      continue;
    }
    const std::string value = value_of(text.substr(begin, end - begin));
    if (!braces) {
      out += value;
      i = end;
      continue;
    }
    const std::size_t close = text.find('}', end);
    if (close == std::string_view::npos) {
      out += text[i++];
      continue;
    }
    std::string_view rest = text.substr(end, close - end);
    if (rest.starts_with(":-") || rest.starts_with('-'))
      out += value.empty() ? std::string(rest.substr(rest.front() == ':' ? 2 : 1)) : value;
    else if (rest.starts_with(":+") || rest.starts_with('+'))
      out += value.empty() ? std::string{} : std::string(rest.substr(rest.front() == ':' ? 2 : 1));
    else
      out += value;
    i = close + 1;
  }
  out.resize(std::min(out.size(), most_expanded));
  return out;
}

std::optional<std::vector<std::string>> simple_words(std::string_view text) {
  // The one variable that msctl replaces itself.
  static const RE2 port(R"(\$\{PORT(:?-[0-9]*)?\}|\$PORT\b)");
  constexpr char mark = '\1';
  if (text.find(mark) != std::string_view::npos) return std::nullopt;
  std::string line(text);
  RE2::GlobalReplace(&line, port, std::string(1, mark));
  if (line.find_first_of("$`|&;<>()*?[]{}~#!\n\\") != std::string_view::npos) return std::nullopt;
  std::vector<std::string> words = words_of(line);
  if (!words.empty() && words.front() == "exec") words.erase(words.begin());
  if (words.empty() || words.front().find('=') != std::string::npos) return std::nullopt;
  for (std::string& word : words)
    for (std::size_t at = 0; (at = word.find(mark, at)) != std::string::npos;) word.replace(at, 1, "$PORT");
  return words;
}

std::optional<DockerStage> Dockerfile::stage(std::string_view target) const {
  const std::string wanted = base::lower(target);
  for (const DockerStage& each : stages)
    if (!wanted.empty() && each.name == wanted) return each;
  if (stages.empty()) return std::nullopt;
  return stages.back();
}

Dockerfile parse_dockerfile(std::string_view text) {
  return Parser().take(instructions_of(text));
}

}  // namespace msctl::scaffolds::adopt
