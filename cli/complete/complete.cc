#include "cli/complete/complete.h"

#include <algorithm>
#include <ostream>

#include "cli/command.h"
#include "cli/complete/services.h"

namespace msctl::cli::complete {
namespace {

// Where the cursor stands: which command, which of its arguments, and whether a flag waits for its value.
struct Position {
  std::string path;
  const Command* command = nullptr;
  std::size_t arguments = 0;      // complete words that are arguments
  std::vector<std::string> used;  // those words
  const Flag* waiting = nullptr;
  bool flags_ended = false;
  std::string folder;
};

const Flag* find_flag(const Position& at, std::string_view word) {
  static const Command none;
  const Command& command = at.command ? *at.command : none;
  if (word.starts_with("--")) return command.flag(word.substr(2, word.find('=') - 2));
  if (word.size() < 2) return nullptr;
  for (const auto* flags : {&command.flags, &common_flags()})
    for (const Flag& flag : *flags)
      if (flag.letter == word.back()) return &flag;  // the last of a bundle is the one that may take a value
  return nullptr;
}

void take_flag(Position& at, const std::string& word) {
  const Flag* flag = find_flag(at, word);
  bool has_value = word.find('=') != std::string::npos;
  if (flag && !flag->is_switch() && !flag->optional && !has_value) at.waiting = flag;
}

void take(Position& at, const Catalogue& catalogue, const Context& context, const std::string& word) {
  if (at.waiting) {
    if (at.waiting->name == "directory") at.folder = context.path(word);
    at.waiting = nullptr;
  } else if (!at.flags_ended && word == "--") {
    at.flags_ended = true;
  } else if (!at.flags_ended && word.size() > 1 && word[0] == '-') {
    take_flag(at, word);
  } else if (!at.command || at.command->is_group()) {
    at.path += (at.path.empty() ? "" : " ") + word;
    at.command = catalogue.find(at.path);
  } else {
    ++at.arguments;
    at.used.push_back(word);
  }
}

void add(Completion& to, std::string word, std::string doc, std::string_view typed) {
  if (word.starts_with(typed)) to.candidates.push_back({std::move(word), std::move(doc)});
}

// Candidates for a value; `prefix` stands before each in the same word ("--output=").
void add_values(Completion& to, Kind kind, const std::vector<std::string>& choices, const Position& at,
                const Catalogue& catalogue, const std::string& typed, const std::string& prefix = {}) {
  auto already = [&](const std::string& name) { return std::ranges::find(at.used, name) != at.used.end(); };
  switch (kind) {
    case Kind::service:
      for (const std::string& name : service_names(at.folder))
        if (!already(name)) add(to, prefix + name, {}, typed);
      break;
    case Kind::service_count:
      for (const std::string& name : service_names(at.folder)) add(to, prefix + name + "=", {}, typed);
      to.directive = "nospace";
      break;
    case Kind::command: {
      std::string group;
      for (const std::string& word : at.used) group += (group.empty() ? "" : " ") + word;
      for (const std::string& word : catalogue.words_after(group)) add(to, prefix + word, {}, typed);
      break;
    }
    case Kind::code:
      for (const base::CodeInfo& code : base::all_codes())
        add(to, prefix + base::to_string(code.code), std::string(code.title), typed);
      break;
    case Kind::file:
      to.directive = "files";
      break;
    case Kind::folder:
      to.directive = "folders";
      break;
    default:
      for (const std::string& choice : choices) add(to, prefix + choice, {}, typed);
  }
}

// The environments are those of the workspace; this build acts on one.
std::vector<std::string> choices_of(const Flag& flag) {
  return flag.name == "env" ? std::vector<std::string>{"local"} : flag.choices;
}

void add_flags(Completion& to, const Position& at, const std::string& typed) {
  static const Command none;
  const Command& command = at.command ? *at.command : none;
  for (const auto* flags : {&command.flags, &common_flags()})
    for (const Flag& flag : *flags) add(to, "--" + flag.name, flag.doc, typed);
  if (!at.command) add(to, "--version", "print the version", typed);
}

void add_flag_value(Completion& to, const Position& at, const Catalogue& catalogue,
                    const std::string& typed) {
  const Flag* flag = find_flag(at, typed);
  if (!flag) return;
  auto equals = typed.find('=');
  add_values(to, flag->kind, choices_of(*flag), at, catalogue, typed, typed.substr(0, equals + 1));
}

void add_words(Completion& to, const Position& at, const Catalogue& catalogue, const std::string& typed) {
  if (!at.command || at.command->is_group()) {
    for (const std::string& word : catalogue.words_after(at.path)) {
      std::string path = at.path.empty() ? word : at.path + " " + word;
      if (word.starts_with(typed)) add(to, word, catalogue.find(path)->summary, typed);
    }
    return;
  }
  const auto& arguments = at.command->arguments;
  if (arguments.empty()) return;
  bool beyond = at.arguments >= arguments.size();
  if (beyond && !arguments.back().many) return;
  const Argument& argument = beyond ? arguments.back() : arguments[at.arguments];
  add_values(to, argument.kind, argument.choices, at, catalogue, typed);
}

}  // namespace

Completion complete(const Context& context, const std::vector<std::string>& words) {
  const Catalogue& catalogue = *context.catalogue;
  Position at;
  at.folder = context.folder;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) take(at, catalogue, context, words[i]);
  std::string typed = words.empty() ? "" : words.back();

  Completion result;
  if (!at.path.empty() && !at.command) return result;  // an unknown command: nothing is known of what follows
  if (at.waiting)
    add_values(result, at.waiting->kind, choices_of(*at.waiting), at, catalogue, typed);
  else if (!at.flags_ended && typed.starts_with("--") && typed.find('=') != std::string::npos)
    add_flag_value(result, at, catalogue, typed);
  else if (!at.flags_ended && typed.starts_with('-'))
    add_flags(result, at, typed);
  else
    add_words(result, at, catalogue, typed);
  return result;
}

void answer(Context& context, const std::vector<std::string>& words) {
  Completion result = complete(context, words);
  for (const Candidate& candidate : result.candidates) {
    context.out << candidate.word;
    if (!candidate.doc.empty()) context.out << '\t' << candidate.doc;
    context.out << '\n';
  }
  context.out << ':' << result.directive << '\n';
}

}  // namespace msctl::cli::complete
