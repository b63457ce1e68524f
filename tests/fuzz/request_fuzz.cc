// A request's head: whole and in pieces it gives the same; what is accepted is unambiguous, and is accepted
// again, with the same meaning, when it is written out anew.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http1/authority.h"
#include "gateway/http1/head.h"
#include "tests/fuzz/check.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

namespace {

constexpr HeadLimits limits{4096, 512, 32};

void check_slices(std::string_view text, const RequestHead& head) {
  auto inside = [&](std::string_view part) {
    return part.empty() ||
           (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  for (const Field& field : head.fields) {
    FUZZ_CHECK(inside(field.name) && inside(field.value));
    FUZZ_CHECK(!field.name.empty());
    FUZZ_CHECK(field.name.find_first_of(": \t\r\n") == std::string_view::npos);
    FUZZ_CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    FUZZ_CHECK(classify(field.name) == field.id);
  }
  FUZZ_CHECK(inside(head.method) && inside(head.target) && inside(head.host) && inside(head.query));
}

void check_meaning(const RequestHead& head) {
  int lengths = 0, codings = 0, hosts = 0;
  for (const Field& field : head.fields) {
    lengths += field.id == Name::content_length;
    codings += field.id == Name::transfer_encoding;
    hosts += field.id == Name::host;
  }
  FUZZ_CHECK(lengths <= 1 && codings <= 1 && lengths + codings <= 1);
  FUZZ_CHECK(hosts == 1 || (hosts == 0 && head.minor == 0));
  FUZZ_CHECK((head.body.framing == Framing::chunked) == (codings == 1));
  FUZZ_CHECK((head.body.framing == Framing::length) == (lengths == 1));
  FUZZ_CHECK(head.body.framing != Framing::until_close);
  FUZZ_CHECK(head.asterisk ? head.path.empty() : head.path.starts_with('/'));
  if (!head.authority.empty()) {
    Authority authority;
    FUZZ_CHECK(parse_authority(head.authority, authority));
    FUZZ_CHECK(authority.host == head.host && authority.port == head.port);
  }
}

// Written out again in the plainest form, it means the same.
void check_again(const RequestHead& head) {
  std::string text = std::string(head.method) + " " + std::string(head.target) + " HTTP/1." +
                     std::to_string(head.minor) + "\r\n";
  for (const Field& field : head.fields)
    text += std::string(field.name) + ": " + std::string(field.value) + "\r\n";
  text += "\r\n";
  auto again = std::make_unique<RequestHead>();
  Progress progress;
  Outcome outcome = parse_request(text, {16384, 4096, 128}, progress, *again);
  FUZZ_CHECK(outcome.state == State::done && outcome.consumed == text.size());
  FUZZ_CHECK(again->body.framing == head.body.framing && again->body.length == head.body.length);
  FUZZ_CHECK(again->fields.size() == head.fields.size() && again->keep_alive == head.keep_alive);
  FUZZ_CHECK(again->host == head.host && again->path == head.path && again->query == head.query &&
             again->upgrade == head.upgrade);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto head = std::make_unique<RequestHead>(), other = std::make_unique<RequestHead>();
  Progress progress;
  Outcome whole = parse_request(text, limits, progress, *head);
  // In growing pieces, each in memory of its own.
  Progress grown;
  Outcome outcome;
  for (std::size_t end = 0; outcome.state == State::need_more && end <= size; end += 1 + end / 8) {
    std::string piece(text.substr(0, end));
    outcome = parse_request(piece, limits, grown, *other);
  }
  if (outcome.state == State::need_more) outcome = parse_request(text, limits, grown, *other);
  FUZZ_CHECK(outcome.state == whole.state && outcome.consumed == whole.consumed &&
             outcome.fault == whole.fault);
  if (whole.state == State::done) {
    FUZZ_CHECK(whole.consumed <= size && text.substr(0, whole.consumed).ends_with("\r\n\r\n"));
    check_slices(text, *head);
    check_meaning(*head);
    check_again(*head);
  }
  if (whole.state == State::fault)
    FUZZ_CHECK(info(whole.fault).status >= 400 && info(whole.fault).status < 600);
  return 0;
}
