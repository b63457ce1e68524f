#include "scaffolds/rename.h"

#include <algorithm>
#include <array>
#include <functional>

namespace msctl::scaffolds {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}
char to_upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// Words that cannot be an identifier or a module in at least one of C++, Go, Java, JavaScript, TypeScript,
// Python, Rust.
constexpr auto reserved = std::to_array<std::string_view>({
    "abstract",  "alignas",   "alignof",      "and",       "any",      "as",       "asm",      "assert",
    "async",     "auto",      "await",        "become",    "bool",     "boolean",  "box",      "break",
    "byte",      "case",      "catch",        "chan",      "char",     "class",    "compl",    "concept",
    "const",     "consteval", "constexpr",    "constinit", "continue", "crate",    "debugger", "declare",
    "decltype",  "def",       "default",      "defer",     "del",      "delete",   "do",       "double",
    "dyn",       "elif",      "else",         "enum",      "eval",     "except",   "explicit", "export",
    "extends",   "extern",    "fallthrough",  "false",     "final",    "finally",  "float",    "fn",
    "for",       "friend",    "from",         "func",      "function", "global",   "go",       "goto",
    "if",        "impl",      "implements",   "import",    "in",       "init",     "inline",   "instanceof",
    "int",       "interface", "internal",     "is",        "lambda",   "let",      "long",     "loop",
    "macro",     "main",      "map",          "match",     "mod",      "module",   "move",     "mut",
    "mutable",   "namespace", "native",       "new",       "nil",      "noexcept", "none",     "nonlocal",
    "not",       "null",      "nullptr",      "operator",  "or",       "override", "package",  "pass",
    "print",     "priv",      "private",      "protected", "pub",      "public",   "raise",    "range",
    "record",    "ref",       "register",     "requires",  "return",   "select",   "self",     "short",
    "signed",    "sizeof",    "static",       "std",       "strictfp", "string",   "struct",   "super",
    "switch",    "symbol",    "synchronized", "template",  "this",     "throw",    "throws",   "trait",
    "transient", "true",      "try",          "type",      "typedef",  "typeid",   "typename", "typeof",
    "union",     "unsafe",    "unsigned",     "unsized",   "use",      "using",    "var",      "virtual",
    "void",      "volatile",  "wchar",        "where",     "while",    "with",     "xor",      "yield",
});

std::string as_identifier(std::string name, char digit_prefix) {
  if (is_digit(name.front())) name.insert(name.begin(), digit_prefix);
  if (std::ranges::binary_search(reserved, std::string_view(name))) name += '_';
  return name;
}

// A hump of a camel-case word may begin or end where the sentinel does: NewSampleServiceTest holds
// SampleService.
struct Form {
  std::string_view from;
  std::string_view to;
  bool hump_before;  // a letter or a digit may stand before it
  bool hump_after;   // an upper-case letter or a digit may stand after it
  bool whole;        // no '_' may stand beside it
};

std::vector<Form> table(const std::vector<Renaming>& renamings, const std::vector<Word>& words) {
  std::vector<Form> out;
  for (const auto& [from, to] : renamings) {
    out.push_back({from.kebab, to.kebab, false, false, false});
    out.push_back({from.snake, to.snake, false, false, false});
    out.push_back({from.upper, to.upper, false, false, false});
    out.push_back({from.pascal, to.pascal, true, true, false});
    out.push_back({from.camel, to.camel, false, true, false});
  }
  for (const auto& [from, to] : words) out.push_back({from, to, false, false, true});
  // Stable: of the forms that are spelled alike (a name of one word) the first stands.
  std::ranges::stable_sort(out, std::ranges::greater{}, [](const Form& form) { return form.from.size(); });
  return out;
}

bool stands_alone(std::string_view text, std::size_t at, const Form& form) {
  if (form.whole) {
    auto joins = [&](std::size_t i) { return i < text.size() && (is_word(text[i]) || text[i] == '_'); };
    return !(at > 0 && joins(at - 1)) && !joins(at + form.from.size());
  }
  if (at > 0 && is_word(text[at - 1]) && !(form.hump_before && !is_upper(text[at - 1]))) return false;
  std::size_t end = at + form.from.size();
  if (end == text.size() || !is_word(text[end])) return true;
  return form.hump_after && !is_lower(text[end]);
}

const Form* match_at(std::string_view text, std::size_t at, const std::vector<Form>& forms) {
  for (const Form& form : forms)
    if (text.substr(at).starts_with(form.from) && stands_alone(text, at, form)) return &form;
  return nullptr;
}

}  // namespace

Forms forms_of(std::string_view name) {
  Forms out;
  bool hump = true;
  for (char c : name) {
    out.kebab += c;
    out.snake += c == '-' ? '_' : c;
    out.upper += c == '-' ? '_' : to_upper(c);
    if (c == '-') {
      hump = true;
      continue;
    }
    out.pascal += hump ? to_upper(c) : c;
    out.camel += hump && !out.camel.empty() ? to_upper(c) : c;
    hump = false;
  }
  out.snake = as_identifier(std::move(out.snake), 's');
  out.camel = as_identifier(std::move(out.camel), 's');
  if (is_digit(out.pascal.front())) out.pascal.insert(out.pascal.begin(), 'S');
  return out;
}

std::vector<std::string> spellings(const Forms& forms) {
  std::vector<std::string> out;
  for (const std::string& each : {forms.kebab, forms.snake, forms.pascal, forms.camel, forms.upper})
    if (std::ranges::find(out, each) == out.end()) out.push_back(each);
  return out;
}

std::string rename(std::string_view text, const std::vector<Renaming>& renamings,
                   const std::vector<Word>& words, std::size_t most) {
  const std::vector<Form> forms = table(renamings, words);
  std::string first_letters;
  for (const Form& form : forms)
    if (first_letters.find(form.from.front()) == std::string::npos) first_letters += form.from.front();

  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t at = text.find_first_of(first_letters); at != std::string_view::npos;
       at = text.find_first_of(first_letters, at)) {
    if (out.size() > most) return out;
    const Form* form = match_at(text, at, forms);
    if (form == nullptr) {
      ++at;
      continue;
    }
    out.append(text.substr(done, at - done)).append(form->to);
    at += form->from.size();
    done = at;
  }
  return out.append(text.substr(done));
}

}  // namespace msctl::scaffolds
