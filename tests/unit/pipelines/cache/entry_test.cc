// Entries and the fields that they are made of: what was written is read, and nothing else is taken.
#include "pipelines/cache/entry.h"

#include <random>

#include "pipelines/cache/fields.h"
#include "runtime/digest/digest.h"
#include "tests/catch.h"

using namespace msctl;
using cache::Entry;

namespace {

const std::string key(64, 'a');

Entry sample() {
  return {std::string("said\0\xff\n", 7), "<testcase/>", std::chrono::milliseconds(1500)};
}

}  // namespace

// FIPS 180-4 and RFC 4231 (case 2).
TEST_CASE("digests are those of the standards") {
  CHECK(digest::sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest::hmac_sha256("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("an entry is read as it was written") {
  for (const std::string signing_key : {"", "secret"}) {
    auto read = cache::read_entry(cache::write_entry(sample(), key, signing_key), key, signing_key);
    REQUIRE(read);
    CHECK(read->output == sample().output);
    CHECK(read->cases == sample().cases);
    CHECK(read->took == sample().took);
  }
}

TEST_CASE("an entry that was cut off or changed anywhere is not taken") {
  const std::string whole = cache::write_entry(sample(), key, "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(cache::read_entry(std::string_view(whole).substr(0, size), key, ""));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    INFO(at);
    CHECK_FALSE(cache::read_entry(changed, key, ""));
  }
  CHECK_FALSE(cache::read_entry(whole + "x", key, ""));
}

TEST_CASE("an entry under another key, or signed with another, is not taken") {
  const std::string plain = cache::write_entry(sample(), key, "");
  CHECK_FALSE(cache::read_entry(plain, std::string(64, 'b'), ""));
  CHECK_FALSE(cache::read_entry(plain, key, "secret"));
  CHECK_FALSE(cache::read_entry(cache::write_entry(sample(), key, "other"), key, "secret"));
  CHECK_FALSE(cache::read_entry(cache::write_entry(sample(), key, "secret"), key, ""));
}

TEST_CASE("fields have one form") {
  CHECK(cache::read_fields("") == std::vector<cache::Field>{});
  CHECK(cache::read_fields("a 1\nx\n") == std::vector<cache::Field>{{"a", "x"}});
  for (const char* bytes : {"a", "a 1", "a 1\n", "a 1\nx", "a 2\nx\n", " 1\nx\n", "a 01\nx\n", "a \nx\n",
                            "a -1\nx\n", "a 1 \nx\n", "a 99999999999999999999\nx\n", "a 1\nxy"}) {
    INFO(bytes);
    CHECK_FALSE(cache::read_fields(bytes));
  }
}
