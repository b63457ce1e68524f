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

// Last words of names that speak of a secret without being one: AUTH_URL is where the service 'auth' is,
// TOKEN_TTL how long a token lives. Taken for secrets, they would be lost.
constexpr auto harmless_endings = std::to_array<std::string_view>(
    {"ADDR",     "ADDRESS",    "ALGORITHM", "AUDIENCE", "COUNT",    "DAYS",     "DISABLED", "ENABLED",
     "ENDPOINT", "EXPIRATION", "EXPIRES",   "EXPIRY",   "FILE",     "FORMAT",   "HEADER",   "HOST",
     "HOSTNAME", "HOURS",      "INTERVAL",  "ISSUER",   "LENGTH",   "LIFETIME", "LIMIT",    "METHOD",
     "MINUTES",  "MODE",       "PORT",      "PREFIX",   "PROVIDER", "REALM",    "REQUIRED", "ROUNDS",
     "SECONDS",  "SIZE",       "TIMEOUT",   "TTL",      "TYPE",     "URI",      "URL",      "VERSION"});

// How the keys of well-known services begin, and addresses whose path is a key.
constexpr auto secret_beginnings = std::to_array<std::string_view>(
    {"-----BEGIN", "AIza", "AKIA", "SG.", "eyJ", "ghp_", "github_pat_", "glpat-",
     "https://discord.com/api/webhooks/", "https://hooks.slack.com/", "rk_live_", "sk-", "sk_live_",
     "sk_test_", "xoxb-", "xoxp-"});

// Parameters of a URL that let somebody in.
constexpr auto secret_parameters = std::to_array<std::string_view>(
    {"ACCESS_TOKEN=", "APIKEY=", "API_KEY=", "KEY=", "PASSWORD=", "SECRET=", "SIG=", "TOKEN="});

constexpr std::size_t longest_user = 20;  // whoever is longer is a token

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string capitals(std::string_view text) {
  std::string out;
  for (char c : text) out += upper(c);
  return out;
}

// "--set this=yes" of a variable: MYSQL_ALLOW_EMPTY_PASSWORD.
bool is_switch(std::string_view value) {
  const std::string word = capitals(value);
  return word == "TRUE" || word == "FALSE" || word == "YES" || word == "NO" || word == "ON" || word == "OFF";
}

bool has_secret_word(std::string_view name) {
  const std::string last = capitals(name.substr(name.find_last_of("_-.") + 1));
  if (last.size() < name.size() && std::ranges::binary_search(harmless_endings, std::string_view(last)))
    return false;
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

// scheme://user:password@host and scheme://host?token=…, or such a part within a longer text.
bool has_password(std::string_view value) {
  const std::string text = capitals(value);
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos)
    return text.find("PASSWORD=") != std::string::npos || text.find("PWD=") != std::string::npos;
  for (std::string_view parameter : secret_parameters)
    for (std::size_t at = 0; (at = text.find(parameter, at + 1)) != std::string::npos;)
      if (!is_name_character(text[at - 1])) return true;
  const std::string_view rest = value.substr(scheme + 3);
  const std::size_t at = rest.substr(0, rest.find_first_of("/?# ")).rfind('@');
  if (at == std::string_view::npos) return false;
  return at > longest_user || rest.substr(0, at).find(':') != std::string_view::npos;
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
  return !is_switch(value) && has_secret_word(name);
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
