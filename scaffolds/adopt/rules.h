// Asks a folder whether the conditions of a language's `adopt` hold, and fills in the commands that follow.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scaffolds/adopt/walk.h"

namespace re2 {
class RE2;
}

namespace msctl::scaffolds::adopt {

// Where something was found.
struct Place {
  std::string file;
  int line = 0;
  std::string text() const { return line > 0 ? file + ":" + std::to_string(line) : file; }
};

// What is read of a repository is read, and told of when it is broken, once.
class Reader {
public:
  explicit Reader(const Repository& repository);
  ~Reader();
  const Repository& repository() const { return repository_; }

  // `quiet`: where nothing depends on it, as with one of many sources, it is not told of.
  const std::string* text(const std::string& path, bool quiet = false);
  const yaml::Node* tree(const std::string& path);  // by the file's ending
  const re2::RE2& pattern(const std::string& regex);

  // The first match's first group, or the whole of it; and its line.
  std::optional<std::pair<std::string, int>> search(std::string_view text, const std::string& regex,
                                                    const std::string& excluding = {});

  base::Errors errors;  // files that cannot be understood

private:
  const Repository& repository_;
  std::map<std::string, std::optional<std::string>> texts_;
  std::map<std::string, std::optional<yaml::Node>> trees_;
  std::map<std::string, std::unique_ptr<re2::RE2>> patterns_;
};

// What is known of a folder besides its files.
struct Subject {
  std::string folder;
  std::string outer;                 // the folder of the outer project, or the folder itself
  std::string name;                  // of the service
  std::vector<std::string> command;  // what its image runs
  Place command_at;
};

class Rules {
public:
  Rules(Reader& reader, Subject subject);

  // True where all hold; the variables of those are then set, and `at` says what the last of them found.
  bool hold(const std::vector<toolchain::Condition>& conditions, Place& at);
  void set_values(const std::vector<toolchain::ConditionalValue>& values);

  // Words with their {variables} replaced.
  toolchain::Argv fill(const toolchain::Argv& words) const;

  // Whether each variable had a value.
  static bool is_filled(const toolchain::Argv& words);

  // All steps whose conditions hold, joined by a shell where there are several.
  std::optional<std::pair<toolchain::Argv, Place>> steps(
      const std::vector<toolchain::ConditionalStep>& steps);

private:
  bool holds(const toolchain::Condition& condition, Place& at);
  bool file_holds(const toolchain::Condition& condition, const std::string& file, Place& at);
  bool keep(const toolchain::Condition& condition, const std::string& value, const std::string& file);

  Reader& reader_;
  Subject subject_;
  std::map<std::string, std::string> variables_;
};

// A command as one line for a shell.
std::string shell_line(const toolchain::Argv& argv);

}  // namespace msctl::scaffolds::adopt
