#include "runtime/local/guard/protocol.h"

#include <cstring>

namespace msctl::local::guard {
namespace {

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class T>
bool take(std::string_view& in, T& value) {
  if (in.size() < sizeof value) return false;
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return true;
}

void put_list(std::vector<std::string>& out, const std::vector<std::string>& list) {
  out.push_back(std::to_string(list.size()));
  out.insert(out.end(), list.begin(), list.end());
}

bool take_list(const std::vector<std::string>& in, std::size_t& at, std::vector<std::string>& list) {
  if (at >= in.size()) return false;
  std::size_t count = std::strtoul(in[at++].c_str(), nullptr, 10);
  if (count > in.size() - at) return false;
  auto first = in.begin() + static_cast<std::ptrdiff_t>(at);
  list.assign(first, first + static_cast<std::ptrdiff_t>(count));
  at += count;
  return true;
}

}  // namespace

std::string encode(const Message& message) {
  std::string out;
  put(out, static_cast<std::uint8_t>(message.kind));
  put(out, message.id);
  put(out, message.value);
  put(out, static_cast<std::uint32_t>(message.texts.size()));
  for (const std::string& text : message.texts) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out += text;
  }
  return out;
}

std::optional<Message> decode(std::string_view& bytes) {
  Message message;
  std::uint8_t kind = 0;
  std::uint32_t count = 0;
  if (!take(bytes, kind) || !take(bytes, message.id) || !take(bytes, message.value) || !take(bytes, count))
    return std::nullopt;
  message.kind = static_cast<Kind>(kind);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t size = 0;
    if (!take(bytes, size) || bytes.size() < size) return std::nullopt;
    message.texts.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return message;
}

Message to_message(const SpawnRequest& request) {
  Message message{Kind::spawn, request.id, 0, {request.folder}};
  put_list(message.texts, request.argv);
  put_list(message.texts, request.environment);
  put_list(message.texts, request.cleanup);
  put_list(message.texts, request.marks);
  return message;
}

std::optional<SpawnRequest> spawn_request(const Message& message) {
  if (message.texts.empty()) return std::nullopt;
  SpawnRequest request;
  request.id = message.id;
  request.folder = message.texts.front();
  std::size_t at = 1;
  if (!take_list(message.texts, at, request.argv) || !take_list(message.texts, at, request.environment) ||
      !take_list(message.texts, at, request.cleanup) || !take_list(message.texts, at, request.marks))
    return std::nullopt;
  return request;
}

}  // namespace msctl::local::guard
