#include "scaffolds/adopt/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/workspace/variables.h"
#include "scaffolds/adopt/formats.h"

namespace msctl::scaffolds::adopt {
namespace {

// A name's words, parted by '_', that mean a secret.
constexpr auto secret_words = std::to_array<std::string_view>(
    {"APIKEY", "AUTH", "CREDENTIAL", "CREDENTIALS", "CREDS", "DSN", "KEY", "PASS", "PASSPHRASE", "PASSWD",
     "PASSWORD", "PRIVATE", "PWD", "SALT", "SECRET", "SECRETS", "SIGNATURE", "TOKEN", "TOKENS"});

// How the keys of well-known services begin.
constexpr auto secret_beginnings =
    std::to_array<std::string_view>({"-----BEGIN", "AIza", "AKIA", "SG.", "eyJ", "ghp_", "github_pat_",
                                     "glpat-", "rk_live_", "sk-", "sk_live_", "sk_test_", "xoxb-", "xoxp-"});

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool has_secret_word(std::string_view name) {
  std::string word;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i < name.size() && name[i] != '_' && name[i] != '-' && name[i] != '.') {
      word += upper(name[i]);
      continue;
    }
    if (std::ranges::find(secret_words, word) != secret_words.end()) return true;
    if (word.ends_with("PASSWORD") || word.ends_with("SECRET") || word.ends_with("TOKEN") ||
        word.ends_with("APIKEY"))
      return true;
    word.clear();
  }
  return false;
}

// scheme://user:password@host, or such a part within a longer text.
bool has_password(std::string_view value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) {
    std::string low;
    for (char c : value) low += upper(c);
    return low.find("PASSWORD=") != std::string::npos || low.find("PWD=") != std::string::npos;
  }
  const std::string_view rest = value.substr(scheme + 3);
  const std::size_t at = rest.substr(0, rest.find_first_of("/?# ")).rfind('@');
  return at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
}

// Long, of one word, with capitals, small letters and digits mixed: nobody writes such a thing by hand.
bool looks_random(std::string_view value) {
  if (value.size() < 32 || value.find_first_of(" /:.\\${") != std::string_view::npos) return false;
  int digits = 0, letters = 0;
  for (char c : value) {
    digits += c >= '0' && c <= '9' ? 1 : 0;
    letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1 : 0;
  }
  return digits >= 4 && letters >= 4;
}

// $$ as $; nothing where a single one begins a variable.
std::string without_doubled(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && (++i == text.size() || text[i] != '$')) return {};
    out += text[i];
  }
  return out;
}

}  // namespace

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, is_name_character);
}

bool is_secret(std::string_view name, std::string_view value) {
  if (has_password(value) || looks_random(value)) return true;
  for (std::string_view beginning : secret_beginnings)
    if (value.starts_with(beginning) && value.size() > beginning.size() + 8) return true;
  return has_secret_word(name);
}

std::string interpolation_of(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size();) {
    if (value[i] != '$') {
      out += value[i++];
      continue;
    }
    if (i + 1 < value.size() && value[i + 1] == '$') {
      out += i + 2 < value.size() && value[i + 2] == '{' ? "$$" : "$";
      i += 2;
      continue;
    }
    const bool braces = i + 1 < value.size() && value[i + 1] == '{';
    const std::size_t begin = i + (braces ? 2 : 1);
    std::size_t end = begin;
    while (end < value.size() && is_name_character(value[end])) ++end;
    const std::size_t close = braces ? value.find('}', end) : end;
    if (end == begin || close == std::string_view::npos) {
      out += value[i++];
      continue;
    }
    std::string_view rest = value.substr(end, close - end);
    std::string fallback;
    if (rest.starts_with(":-")) fallback = rest.substr(2);
    if (rest.starts_with('-')) fallback = rest.substr(1);
    fallback = without_doubled(fallback);
    if (fallback.find_first_of("{}") != std::string::npos) fallback.clear();  // one within another
    out += fmt::format("${{{}:-{}}}", value.substr(begin, end - begin), fallback);
    i = close + (braces ? 1 : 0);
  }
  return out;
}

std::vector<Variable> parse_env_file(const std::string& file, std::string_view text) {
  std::vector<Variable> out;
  int line = 0;
  while (!text.empty()) {
    const std::string_view one = take_line(text);
    ++line;
    for (const auto& [name, value] : workspace::parse_dotenv(one))
      if (is_variable_name(name)) out.push_back({name, value, {file, line}, false});
  }
  return out;
}

}  // namespace msctl::scaffolds::adopt
