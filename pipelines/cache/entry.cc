#include "pipelines/cache/entry.h"

#include <charconv>

#include "pipelines/cache/fields.h"
#include "runtime/digest/digest.h"

namespace msctl::cache {
namespace {

constexpr std::string_view magic = "msctl-result 1\n";
constexpr std::size_t digest_size = 64;

std::string digest_of(std::string_view bytes, std::string_view signing_key) {
  return signing_key.empty() ? digest::sha256(bytes) : digest::hmac_sha256(signing_key, bytes);
}

std::unexpected<base::Error> bad(std::string what) {
  return base::fail(base::Code::badEntry, std::move(what));
}

}  // namespace

std::string write_entry(const Entry& entry, std::string_view key, std::string_view signing_key) {
  const std::string body = write_fields({{"key", std::string(key)},
                                         {"nanoseconds", std::to_string(entry.took.count())},
                                         {"output", entry.output},
                                         {"cases", entry.cases}});
  return std::string(magic) + digest_of(body, signing_key) + "\n" + body;
}

base::Result<Entry> read_entry(std::string_view bytes, std::string_view key, std::string_view signing_key) {
  if (!bytes.starts_with(magic)) return bad("it is no result, or one of another version");
  bytes.remove_prefix(magic.size());
  if (bytes.size() <= digest_size || bytes[digest_size] != '\n') return bad("it is cut off");
  const std::string_view said = bytes.substr(0, digest_size), body = bytes.substr(digest_size + 1);
  if (!digest::same(said, digest_of(body, signing_key)))
    return bad(signing_key.empty() ? "its digest is another: it was cut off or changed"
                                   : "it is not signed with the key of this cache");
  auto fields = read_fields(body);
  if (!fields || fields->size() != 4 || (*fields)[0].name != "key" || (*fields)[1].name != "nanoseconds" ||
      (*fields)[2].name != "output" || (*fields)[3].name != "cases")
    return bad("its form is another");
  if ((*fields)[0].value != key) return bad("it is the result of something else");
  const std::string& digits = (*fields)[1].value;
  base::Duration::rep took = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), took);
  if (error != std::errc{} || end != digits.data() + digits.size() || took < 0)
    return bad("its form is another");
  return Entry{std::move((*fields)[2].value), std::move((*fields)[3].value), base::Duration(took)};
}

}  // namespace msctl::cache
