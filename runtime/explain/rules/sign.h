// What a rule may say, and what all rules use to say it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/codes.h"
#include "runtime/explain/evidence.h"

namespace msctl::explain::rules {

using namespace std::chrono_literals;

struct Sign {
  base::Code code{};
  std::string sentence;
  std::string cure;
  std::vector<std::string> evidence = {};
  bool certain = false;
  std::string same = {};  // signs of one code and of this are one finding; empty: the sentence
};
using MaybeSign = std::optional<Sign>;

// Settings, volumes and accounts are often made a moment after what needs them.
inline constexpr base::Duration grace = 10s;
// Who has run for so long has started well, whatever comes later.
inline constexpr base::Duration stable = 60s;
// So many ends, each soon after a start, and the next try ends alike.
inline constexpr int hopeless_ends = 3;

// Since `when`, at least so long; an unknown time has not passed.
bool passed(const Evidence& evidence, const When& when, base::Duration duration);

// A container that ended, at least once, and has not run well for long since.
bool unstable(const Evidence& evidence, const Container& container);
// One that ended so often, and so soon after each start, that it will not get better.
bool hopeless(const Evidence& evidence, const Container& container);

// "once", "twice", "5 times".
std::string times(int count);
// "250m cores", "2 cores"; "64 MiB".
std::string cores(std::int64_t thousandths);
std::string bytes(std::int64_t count);
// "exit code 3", "signal 9 (killed)".
std::string how(const Ended& ended);
// "its container" or, where a replica has several, "the container proxy".
std::string subject(const Replica& replica, const Container& container);

// What stands between, without either; empty where they are not both there. An empty `end`: up to the end.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end);
bool has(std::string_view text, std::string_view part);  // whatever the case of ASCII letters
bool has_any(std::string_view text, std::initializer_list<std::string_view> parts);
// Without the layers of remote calls in front: "rpc error: code = Unknown desc = …".
std::string_view without_prefixes(std::string_view text);

// "msctl logs orders -e staging --previous".
std::string msctl(const Evidence& evidence, std::string_view verb, std::string_view flags = "");
// "kubectl -n shop describe pod orders-1".
std::string kubectl(const Evidence& evidence, std::string_view words);

// "last words of orders-1:" and the lines, or nothing.
void add_last_words(const Replica& replica, const Container& container, std::vector<std::string>& out);
// The last of the events of that reason as a line: "FailedMount, 3 times: …".
const Event* last_event(const Replica& replica, std::string_view reason);
std::string line(const Event& event);

}  // namespace msctl::explain::rules
