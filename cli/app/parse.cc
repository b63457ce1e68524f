#include "cli/app/parse.h"

#include <fmt/format.h>

#include "cli/app/values.h"
#include "runtime/base/names.h"

namespace msctl::cli::app {
namespace {

class Parser {
public:
  Parser(const Catalogue& catalogue, const std::vector<std::string>& words, const Variables& variable)
      : catalogue_(catalogue), words_(words), variable_(variable) {}

  Parsed run() {
    while (next_ < words_.size() && !stopped_) take(words_[next_++]);
    if (parsed_.help || parsed_.version) {
      // Help is never refused for what else is wrong on the line.
      parsed_.errors.clear();
    } else if (!stopped_) {
      assign_arguments();
    }
    fill_in_flags();
    return std::move(parsed_);
  }

private:
  void take(const std::string& word) {
    if (flags_ended_ || word.size() < 2 || word[0] != '-')
      take_word(word);
    else if (word == "--")
      flags_ended_ = true;
    else if (word[1] == '-')
      take_long(word);
    else
      take_short(word);
  }

  // Words are the command's path as long as they can be, then its arguments.
  void take_word(const std::string& word) {
    if (parsed_.command && !parsed_.command->is_group()) {
      positional_.push_back(word);
      return;
    }
    std::string path = parsed_.path.empty() ? word : parsed_.path + " " + word;
    if (!word.empty() && catalogue_.has(path)) {
      parsed_.path = path;
      parsed_.command = catalogue_.find(path);
      return;
    }
    auto words = catalogue_.words_after(parsed_.path);
    std::string subject = parsed_.path.empty() ? "msctl" : "msctl " + parsed_.path;
    add(fmt::format("'{}' is not a command of {}", word, subject), base::did_you_mean(word, words));
    stopped_ = true;
  }

  void take_long(const std::string& word) {
    auto equals = word.find('=');
    std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (name == "version" && parsed_.path.empty() && equals == std::string::npos) {
      parsed_.version = true;
      return;
    }
    const Flag* flag = find(name);
    if (!flag) return unknown_long(name);
    if (equals != std::string::npos)
      set(*flag, "--" + name, word.substr(equals + 1));
    else
      set_without_equals(*flag, "--" + name);
  }

  void take_short(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const Flag* flag = find(word[at]);
      std::string where = fmt::format("-{}", word[at]);
      if (!flag) {
        add(fmt::format("unknown flag {} in '{}'", where, word), see_help());
        return;
      }
      if (!flag->is_switch() && !flag->optional && at + 1 < word.size()) {
        set(*flag, where, word.substr(at + 1));
        return;
      }
      set_without_equals(*flag, where);
    }
  }

  void set_without_equals(const Flag& flag, const std::string& where) {
    if (flag.name == "help")
      parsed_.help = true;
    else if (flag.is_switch())
      set(flag, where, "true");
    else if (flag.optional)
      set(flag, where, flag.implied);
    else if (next_ < words_.size())
      set(flag, where, words_[next_++]);
    else
      add(fmt::format("{} needs a value", where), see_help(),
          flag.choices.empty() ? flag.value : base::either(flag.choices));
  }

  void set(const Flag& flag, const std::string& where, const std::string& value) {
    auto& values = parsed_.arguments.flags[flag.name];
    if (!values.given || !(flag.many || flag.commas)) values.texts.clear();
    values.given = true;
    for (const std::string& each : split(flag, value)) {
      if (auto error = check(flag, where, each)) parsed_.errors.push_back(std::move(*error));
      values.texts.push_back(flag.is_switch() ? (to_switch(each).value_or(false) ? "true" : "false") : each);
    }
  }

  static std::vector<std::string> split(const Flag& flag, const std::string& value) {
    if (!flag.commas) return {value};
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= value.size();) {
      auto comma = std::min(value.find(',', from), value.size());
      if (comma > from) parts.push_back(value.substr(from, comma - from));
      from = comma + 1;
    }
    return parts;
  }

  void assign_arguments() {
    if (!parsed_.command || parsed_.command->is_group()) return;
    std::size_t taken = 0;
    for (const Argument& argument : parsed_.command->arguments) {
      auto& values = parsed_.arguments.positional[argument.name];
      while (taken < positional_.size() && (values.empty() || argument.many)) {
        if (auto error = check(argument, positional_[taken])) parsed_.errors.push_back(std::move(*error));
        values.push_back(positional_[taken++]);
      }
      if (argument.required && values.empty())
        add(fmt::format("{} is missing", argument.name), see_help(), argument.doc);
    }
    if (taken < positional_.size())
      add(fmt::format("'msctl {}' takes no argument '{}'", parsed_.path, positional_[taken]), see_help());
  }

  // Environment and defaults, for every flag that the line did not give.
  void fill_in_flags() {
    for (const Flag& flag : common_flags()) fill_in(flag);
    if (parsed_.command)
      for (const Flag& flag : parsed_.command->flags) fill_in(flag);
  }

  void fill_in(const Flag& flag) {
    if (parsed_.arguments.flags[flag.name].given) return;
    for (const std::string& name : variables(parsed_.path, flag)) {
      auto value = variable_(name);
      if (!value || value->empty()) continue;
      set(flag, name, *value);
      return;
    }
    if (!flag.fallback.empty()) parsed_.arguments.flags[flag.name].texts = split(flag, flag.fallback);
    if (flag.required && !stopped_ && !parsed_.help)
      add(fmt::format("--{} is missing", flag.name), see_help(),
          flag.choices.empty() ? flag.doc : base::either(flag.choices));
  }

  const Flag* find(std::string_view name) const {
    if (parsed_.command) return parsed_.command->flag(name);
    return Command{}.flag(name);
  }

  const Flag* find(char letter) const {
    if (parsed_.command)
      for (const Flag& flag : parsed_.command->flags)
        if (flag.letter == letter) return &flag;
    for (const Flag& flag : common_flags())
      if (flag.letter == letter) return &flag;
    return nullptr;
  }

  void unknown_long(const std::string& name) {
    std::vector<std::string> known;
    if (parsed_.command)
      for (const Flag& flag : parsed_.command->flags) known.push_back("--" + flag.name);
    for (const Flag& flag : common_flags()) known.push_back("--" + flag.name);
    if (parsed_.path.empty()) known.push_back("--version");
    std::string meant = base::did_you_mean("--" + name, known);
    add(fmt::format("unknown flag --{}", name), meant.empty() ? see_help() : meant);
  }

  std::string see_help() const {
    return parsed_.path.empty() ? "msctl --help" : fmt::format("msctl {} --help", parsed_.path);
  }

  void add(std::string message, std::string suggestion, std::string expected = {}) {
    base::Error error;
    error.code = base::Code::usage;
    error.message = std::move(message);
    error.suggestion = suggestion.empty() ? see_help() : std::move(suggestion);
    error.expected = std::move(expected);
    parsed_.errors.push_back(std::move(error));
  }

  const Catalogue& catalogue_;
  const std::vector<std::string>& words_;
  const Variables& variable_;
  Parsed parsed_;
  std::vector<std::string> positional_;
  std::size_t next_ = 0;
  bool flags_ended_ = false;
  bool stopped_ = false;
};

}  // namespace

Parsed parse(const Catalogue& catalogue, const std::vector<std::string>& words, const Variables& variable) {
  return Parser(catalogue, words, variable).run();
}

}  // namespace msctl::cli::app
