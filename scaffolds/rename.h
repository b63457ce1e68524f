// The templates carry a sentinel name in five forms; a new service gets its own name in the same forms.
//
//   sample-service  kebab    text, hosts, paths, Redis keys     → order-api
//   sample_service  snake    identifiers, file names            → order_api
//   SampleService   pascal   types                              → OrderApi
//   sampleService   camel    identifiers                        → orderApi
//   SAMPLE_SERVICE  upper    environment variables              → ORDER_API
//
// Only whole words are replaced: "sample-services" and "resample_service" stay. Snake, pascal and camel forms
// are identifiers in some language, so a name that could not be one is bent: "2fa" becomes s2fa, "class"
// becomes class_.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::scaffolds {

struct Forms {
  std::string kebab, snake, pascal, camel, upper;
};

// `name`: an RFC 1123 label.
Forms forms_of(std::string_view name);

struct Renaming {
  Forms from, to;
};

// A word of its own, such as the sentinel of a template's variable: replaced where no letter, digit or '_'
// stands beside it.
struct Word {
  std::string from, to;
};

// All in one pass, the longest that fits first: what one has put in is never renamed by another. Ends early
// once the result is longer than `most`.
std::string rename(std::string_view text, const std::vector<Renaming>& renamings,
                   const std::vector<Word>& words = {}, std::size_t most = std::string::npos);

// The forms of a name, each once.
std::vector<std::string> spellings(const Forms& forms);

}  // namespace msctl::scaffolds
