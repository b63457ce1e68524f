// gateway key: a new API key, and the entry for the file of keys that knows it only by its digest.
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/output/document.h"
#include "gateway/filters/authentication/api_keys.h"
#include "runtime/base/yaml/write.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::string name;
  std::vector<std::string> groups;
};

template <class Bytes>
std::string hex(const Bytes& bytes) {
  std::string out;
  for (std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

// 256 bits: nobody guesses it, so that a digest without salt or stretching keeps it safe.
base::Result<std::string> make_key() {
  std::array<std::uint8_t, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return base::fail(base::Code::internal, "the system gives no random bytes");
  return hex(bytes);
}

// What the gateway sends in X-Consumer-Name and X-Consumer-Groups.
base::Result<void> expect_sendable(const std::string& text, std::string_view what) {
  bool fine = !text.empty() &&
              std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != ','; });
  if (fine) return {};
  return base::fail(base::Code::usage,
                    fmt::format("'{}' cannot be a {}: it is sent in a header field", text, what),
                    "printable ASCII without spaces and commas");
}

Outcome make(Context& context, const Options& options) {
  if (auto valid = expect_sendable(options.name, "consumer's name"); !valid) return fail(valid.error());
  for (const std::string& group : options.groups)
    if (auto valid = expect_sendable(group, "group"); !valid) return fail(valid.error());
  auto key = make_key();
  if (!key) return fail(key.error());
  gateway::filters::Digest digest{};
  if (!gateway::filters::sha256(*key, digest))
    return fail(base::fail(base::Code::internal, "the digest cannot be computed").error());
  nlohmann::ordered_json entry{{"name", options.name}, {"sha256", hex(digest)}};
  if (!options.groups.empty()) entry["groups"] = options.groups;
  auto list = nlohmann::ordered_json::array({entry});
  output::print(context, {{"key", *key}, {"entry", entry}}, [&](std::ostream& out) {
    context.err << fmt::format("the key of '{}', shown this once: {}\n", options.name, *key);
    out << yaml::write(list);
  });
  return base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  return make(context, {.name = arguments.word("NAME"), .groups = arguments.list("groups")});
}

}  // namespace

Command describe_gateway_key() {
  return {
      .path = "gateway key",
      .section = Section::gateway,
      .summary = "make an API key and its entry for the file of keys",
      .description =
          "Makes a key of 256 random bits. The entry for the file that a provider names under `keys:` goes "
          "to "
          "stdout; it holds the key's SHA-256 digest, from which the key cannot be told. The key itself goes "
          "to "
          "stderr, is stored nowhere, and cannot be shown again.",
      .arguments = {{.name = "NAME", .doc = "the consumer, as logs, limits and the services will know it"}},
      .flags = {{.name = "groups",
                 .value = "GROUP",
                 .doc = "groups that the consumer belongs to",
                 .many = true,
                 .commas = true}},
      .examples = {{"msctl gateway key acme >> keys/partners.yaml", "a key for a new partner"},
                   {"msctl gateway key acme --groups gold -o json", "key and entry as a document"}},
      .run = run};
}

}  // namespace msctl::cli::commands
