// What msctl and its guard say to each other: messages in packets of a SOCK_SEQPACKET socket pair. Both ends
// are the same program, so the form is free: a kind, a number, and length-prefixed texts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::local::guard {

enum class Kind : std::uint8_t {
  // msctl → guard
  spawn,     // texts: see SpawnRequest; descriptors: stdout, stderr
  signal,    // value: signal number, to the process group
  kill,      // SIGKILL for the group and whatever of it escaped the group
  shutdown,  // everything is to be gone; then the guard ends
  // guard → msctl
  spawned,  // value: pid
  refused,  // value: errno
  ended,    // value: wait status; no process of it is left
};

struct Message {
  Kind kind{};
  std::uint64_t id = 0;  // chosen by msctl, one a start
  std::int64_t value = 0;
  std::vector<std::string> texts;
};

struct SpawnRequest {
  std::uint64_t id = 0;
  std::string folder;
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // "NAME=value", over what msctl was started with (without MSCTL_*)
  std::vector<std::string>
      cleanup;  // argv to run once it has ended (a container to be removed); may be empty
  // Marks in the environment by which a descendant that left the process group is recognised: all must be
  // there.
  std::vector<std::string> marks;
};

std::string encode(const Message& message);
// Takes the first message off `bytes`.
std::optional<Message> decode(std::string_view& bytes);

Message to_message(const SpawnRequest& request);
std::optional<SpawnRequest> spawn_request(const Message& message);

}  // namespace msctl::local::guard
