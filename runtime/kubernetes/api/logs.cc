#include <fmt/format.h>

#include <chrono>

#include "runtime/kubernetes/api/client.h"
#include "runtime/kubernetes/api/lines.h"
#include "runtime/kubernetes/api/session.h"

namespace msctl::kubernetes::api {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;
// A service may say nothing for days; a connection that is gone is noticed by TCP.
constexpr auto following = std::chrono::hours{24 * 365};

}  // namespace

Answer<void> Client::logs(const LogOptions& options,
                          const std::function<bool(std::string_view)>& line) const {
  auto where = place({"v1", "Pod"}, options.space);
  if (!where) return std::unexpected(std::move(where.error()));
  Ask ask;
  ask.target = fmt::format("{}/{}/log", where->target, http::percent_encoded(options.pod));
  char separator = '?';
  const auto add = [&](const char* name, const std::string& value) {
    ask.target += fmt::format("{}{}={}", std::exchange(separator, '&'), name, http::percent_encoded(value));
  };
  if (!options.container.empty()) add("container", options.container);
  if (options.follow) add("follow", "true");
  if (options.previous) add("previous", "true");
  if (options.timestamps) add("timestamps", "true");
  if (!options.since_time.empty()) add("sinceTime", options.since_time);
  if (options.since)
    add("sinceSeconds", std::to_string(std::max<std::int64_t>(
                            1, std::chrono::ceil<std::chrono::seconds>(*options.since).count())));
  if (options.tail_lines) add("tailLines", std::to_string(*options.tail_lines));
  ask.accept = "*/*";
  ask.about = {"get", {}, "pods", "log", "Pod", options.pod, where->space};
  Lines lines(longest_line);
  ask.stream = [&](std::string_view bytes) { return lines.take(bytes, line); };
  Limits limits = limits_;
  if (options.follow) limits.idle_timeout = following;
  auto sent = session_->send(ask, limits);
  if (!sent) return std::unexpected(std::move(sent.error()));
  lines.finish(line);
  return {};
}

}  // namespace msctl::kubernetes::api
