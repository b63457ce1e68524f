// A response's head: whole and in pieces it gives the same, and what is accepted ends in exactly one way. The
// first byte tells what was asked.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http1/head.h"
#include "tests/fuzz/check.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr HeadLimits limits{4096, 512, 32};
  Asked asked{.head = (data[0] & 1) != 0, .upgrade = (data[0] & 2) != 0};
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto head = std::make_unique<ResponseHead>(), other = std::make_unique<ResponseHead>();
  Progress progress;
  Outcome whole = parse_response(text, limits, asked, progress, *head);
  Progress grown;
  Outcome outcome;
  for (std::size_t end = 0; outcome.state == State::need_more && end <= text.size(); end += 1 + end / 8) {
    std::string piece(text.substr(0, end));
    outcome = parse_response(piece, limits, asked, grown, *other);
  }
  if (outcome.state == State::need_more) outcome = parse_response(text, limits, asked, grown, *other);
  FUZZ_CHECK(outcome.state == whole.state && outcome.consumed == whole.consumed &&
             outcome.fault == whole.fault);
  if (whole.state != State::done) return 0;
  FUZZ_CHECK(head->status >= 100 && head->status <= 599);
  FUZZ_CHECK(head->interim == (head->status < 200 && head->status != 101));
  FUZZ_CHECK(!head->switching || asked.upgrade);
  bool bodiless = asked.head || head->status < 200 || head->status == 204 || head->status == 304;
  FUZZ_CHECK(!bodiless || head->body.framing == Framing::none);
  FUZZ_CHECK(bodiless || head->body.framing != Framing::none);
  FUZZ_CHECK(head->body.framing != Framing::until_close || !head->keep_alive);
  for (const Field& field : head->fields)
    FUZZ_CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  FUZZ_CHECK(head->reason.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  return 0;
}
