// Feeds a head whole, and split at every byte, and demands the same result.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http1/head.h"
#include "tests/catch.h"

namespace msctl::gateway::http1 {

inline std::string describe(const Outcome& outcome) {
  switch (outcome.state) {
    case Outcome::State::need_more:
      return "need more";
    case Outcome::State::done:
      return "done";
    case Outcome::State::fault:
      return std::string(info(outcome.fault).reason);
  }
  return "";
}

// Parses `text`, given first up to `split` and then whole. Each piece lies in memory of exactly its size, so
// that the address sanitizer sees a read beyond it.
template <class Head, class Parse>
Outcome feed(std::string_view text, std::size_t split, Head& head, Parse&& parse) {
  Progress progress;
  auto exact = [](std::string_view piece) {
    auto memory = std::make_unique<char[]>(piece.size());
    std::copy(piece.begin(), piece.end(), memory.get());
    return memory;
  };
  auto front = exact(text.substr(0, split));
  Outcome outcome = parse(std::string_view(front.get(), split), progress, head);
  if (outcome.state == Outcome::State::need_more) outcome = parse(text, progress, head);
  return outcome;
}

template <class Head, class Parse>
Outcome feed_all_ways(std::string_view text, Head& head, Parse&& parse) {
  Progress fresh;
  Outcome whole = parse(text, fresh, head);
  auto other = std::make_unique<Head>();
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Outcome outcome = feed(text, split, *other, parse);
    INFO("split at " << split << ": " << describe(outcome) << " instead of " << describe(whole));
    REQUIRE(outcome.state == whole.state);
    REQUIRE(outcome.fault == whole.fault);
    REQUIRE(outcome.consumed == whole.consumed);
  }
  // Byte by byte.
  Progress progress;
  Outcome outcome;
  for (std::size_t size = 0; size <= text.size() && outcome.state == Outcome::State::need_more; ++size)
    outcome = parse(text.substr(0, size), progress, *other);
  REQUIRE(outcome.state == whole.state);
  REQUIRE(outcome.fault == whole.fault);
  return whole;
}

inline Outcome request(std::string_view text, RequestHead& head, const HeadLimits& limits = {}) {
  return feed_all_ways(text, head, [&](std::string_view buffer, Progress& progress, RequestHead& into) {
    return parse_request(buffer, limits, progress, into);
  });
}

inline std::string request_result(std::string_view text, const HeadLimits& limits = {}) {
  auto head = std::make_unique<RequestHead>();
  return describe(request(text, *head, limits));
}

inline Outcome response(std::string_view text, ResponseHead& head, Asked asked = {}) {
  return feed_all_ways(text, head, [&](std::string_view buffer, Progress& progress, ResponseHead& into) {
    return parse_response(buffer, HeadLimits{}, asked, progress, into);
  });
}

inline std::string response_result(std::string_view text, Asked asked = {}) {
  auto head = std::make_unique<ResponseHead>();
  return describe(response(text, *head, asked));
}

}  // namespace msctl::gateway::http1
