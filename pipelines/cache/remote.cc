#include "pipelines/cache/remote.h"

#include <fmt/format.h>

#include <utility>

namespace msctl::cache {
namespace {

constexpr std::size_t most_bytes = 64u << 20;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

Remote::Remote(http::Transport& transport, http::Url url, std::string token)
    : transport_(transport), url_(std::move(url)), token_(std::move(token)) {}

http::Request Remote::request(std::string method, const std::string& key) const {
  http::Request out;
  out.method = std::move(method);
  out.url = url_;
  out.url.target += (out.url.target.ends_with('/') ? "" : "/") + key;
  if (!token_.empty()) out.headers.emplace_back("Authorization", "Bearer " + token_);
  return out;
}

std::optional<std::string> Remote::get(const std::string& key) {
  std::string bytes;
  const bool whole = fetch(key, [&](std::string_view more) {
    bytes += more;
    return bytes.size() <= most_bytes;
  });
  if (!whole) return std::nullopt;
  return bytes;
}

bool Remote::fetch(const std::string& key, const std::function<bool(std::string_view)>& sink) {
  if (off_) return false;
  http::Request asked = request("GET", key);
  bool wanted = true;
  asked.sink = [&](std::string_view bytes) { return wanted = sink(bytes); };
  auto answer = transport_.send(asked);
  // Whoever has had enough of an entry has nothing against the server.
  if (!wanted) return false;
  if (!answer) {
    give_up(answer.error().message);
    return false;
  }
  if (answer->status == 200) return true;
  if (answer->status != 404 && answer->status != 410) give_up(fmt::format("it answers {}", answer->status));
  return false;
}

bool Remote::has(const std::string& key) {
  if (off_) return false;
  auto answer = transport_.send(request("HEAD", key));
  if (!answer) give_up(answer.error().message);
  return answer && is_success(answer->status);
}

void Remote::put(const std::string& key, std::string_view bytes) {
  if (bytes.size() <= most_bytes) put(key, http::body_of(std::string(bytes)));
}

bool Remote::put(const std::string& key, http::BodySource bytes) {
  if (off_ || reads_only_) return false;
  http::Request asked = request("PUT", key);
  asked.headers.emplace_back("Content-Type", "application/octet-stream");
  asked.body = std::move(bytes);
  auto answer = transport_.send(asked);
  if (!answer) {
    give_up(answer.error().message);
    return false;
  }
  if (is_success(answer->status)) return true;
  constexpr int too_large = 413;
  if (answer->status == 401 || answer->status == 403 || answer->status == 405)
    reads_only_ = true;
  else if (answer->status != too_large)
    give_up(fmt::format("it answers {} to a PUT", answer->status));
  return false;
}

void Remote::give_up(std::string why) {
  if (off_.exchange(true)) return;
  const std::lock_guard lock(mutex_);
  trouble_ = fmt::format("results are not shared, for {} cannot be used: {}", url_.text(), why);
}

std::string Remote::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace msctl::cache
