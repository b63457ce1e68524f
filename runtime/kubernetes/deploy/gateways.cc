#include "runtime/kubernetes/deploy/gateways.h"

#include <fmt/format.h>

#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/parallel.h"
#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::deploy {
namespace {

constexpr base::Duration patience = std::chrono::seconds(30);
constexpr base::Duration pause = std::chrono::milliseconds(300);

int admin_port(const Json& pod) {
  for (const Json& container : judge::at(pod, "spec.containers"))
    for (const Json& port : judge::at(container, "ports"))
      if (judge::text(port, "name") == "admin") return judge::number(port, "containerPort");
  return 0;
}

// What is about to end is asked by nobody any more.
bool is_going(const Json& pod) {
  return pod["metadata"].contains("deletionTimestamp");
}

bool is_refused(const Answer<std::string>& answer) {
  return !answer && (answer.error().error.code == base::Code::forbidden ||
                     answer.error().error.code == base::Code::unauthorised);
}

}  // namespace

std::optional<PodRequest> page_of(const Json& pod, const std::string& path) {
  if (judge::text(judge::condition(pod, "Ready"), "status") != "True") return std::nullopt;
  const int port = admin_port(pod);
  if (port == 0) return std::nullopt;
  return PodRequest{judge::text(pod, "metadata.name"), port, path};
}

base::Result<std::vector<PodRequest>> Gateways::find(const std::string& path) {
  auto pods = cluster_.list({"v1", "Pod", {}},
                            fmt::format("{},{}=gateway", selector_of(workspace_), names::component));
  if (!pods) return std::unexpected(pods.error().error);
  std::vector<PodRequest> out;
  for (const Json& pod : *pods)
    if (auto page = is_going(pod) ? std::nullopt : page_of(pod, path)) out.push_back(*std::move(page));
  return out;
}

std::vector<Answer<std::string>> Gateways::ask(const std::vector<PodRequest>& all) {
  std::vector<Answer<std::string>> out(all.size());
  in_parallel(all.size(), requests_at_once, [&](std::size_t i) { out[i] = cluster_.ask_pod(all[i]); });
  return out;
}

base::Result<void> Gateways::check() {
  auto all = find("/health/ready");
  if (!all) return std::unexpected(all.error());
  if (all->empty())
    return base::fail(base::Code::weightsNotInForce, "no replica of the gateway is ready",
                      "msctl status -e ENV --why");
  const auto answers = ask(*all);
  for (const Answer<std::string>& answer : answers)
    if (!answer) return std::unexpected(answer.error().error);
  return {};
}

base::Result<void> Gateways::wait_in_force(const std::string& file) {
  const base::Instant end = pace_.clock.now() + patience;
  for (;;) {
    auto all = find("/config");
    if (!all) return std::unexpected(all.error());
    const auto answers = ask(*all);
    std::string behind;
    for (std::size_t i = 0; i < all->size(); ++i) {
      if (is_refused(answers[i])) return std::unexpected(answers[i].error().error);
      if (!answers[i] || *answers[i] != file) behind = (*all)[i].pod;
    }
    if (!all->empty() && behind.empty()) return {};
    if (pace_.clock.now() >= end)
      return base::fail(base::Code::weightsNotInForce,
                        all->empty() ? std::string("no replica of the gateway is ready")
                                     : fmt::format("{} still serves another configuration", behind),
                        "look at its log: it tells why a configuration was refused");
    if (auto rested = pace_.rest_until(pace_.clock.now() + pause); !rested) return rested;
  }
}

base::Result<std::map<std::string, std::string>> Gateways::metrics() {
  auto all = find("/metrics");
  if (!all) return std::unexpected(all.error());
  auto answers = ask(*all);
  std::map<std::string, std::string> out;
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (is_refused(answers[i])) return std::unexpected(answers[i].error().error);
    if (answers[i]) out[(*all)[i].pod] = *std::move(answers[i]);
  }
  return out;
}

}  // namespace msctl::kubernetes::deploy
