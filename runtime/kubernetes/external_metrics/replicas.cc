#include "runtime/kubernetes/external_metrics/replicas.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <thread>

#include "gateway/traffic/document.h"
#include "runtime/kubernetes/canary/choice.h"
#include "runtime/kubernetes/external_metrics/names.h"

namespace msctl::kubernetes::external_metrics {
namespace {

using gateway::traffic::Traffic;

constexpr std::chrono::seconds patience{2};  // with one replica: a controller's own request has ten

std::unexpected<base::Error> silent(const Query& query, const std::string& why) {
  return base::fail(
      base::Code::gatewaysSilent,
      fmt::format("the traffic of {} in {} is not known as a whole: {}", query.service, query.space, why),
      fmt::format("kubectl get endpointslices -n {} -l kubernetes.io/service-name={}", query.space,
                  gateways_of(query.workspace)));
}

}  // namespace

base::Result<std::vector<std::string>> resolve_all(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(failed == 0 ? found : nullptr, ::freeaddrinfo);
  if (failed == EAI_NONAME || failed == EAI_NODATA) return std::vector<std::string>{};
  if (failed != 0)
    return base::fail(base::Code::gatewaysSilent,
                      fmt::format("{} cannot be resolved: {}", host, ::gai_strerror(failed)));
  std::vector<std::string> out;
  for (const addrinfo* each = all.get(); each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0 &&
        std::ranges::find(out, text.data()) == out.end())
      out.emplace_back(text.data());
  }
  return out;
}

base::Result<Sum> Replicas::ask(const Query& query) {
  const std::string host = fmt::format("{}.{}.svc", gateways_of(query.workspace), query.space);
  auto addresses = resolve_(host);
  if (!addresses) return silent(query, addresses.error().message);
  if (addresses->empty())
    return silent(query, fmt::format("no gateway of {} is ready ({})", query.workspace, host));

  std::vector<std::optional<base::Result<Traffic>>> answers(addresses->size());
  {
    std::vector<std::jthread> asking;
    for (std::size_t i = 1; i < answers.size(); ++i)
      asking.emplace_back([&, i] { answers[i] = ask_one((*addresses)[i]); });
    answers[0] = ask_one((*addresses)[0]);
  }
  // What a canary gets counts too: without it the autoscaler would take the replicas away that are to serve
  // all of it again when the canary ends.
  const std::array versions{query.service, canary::canary_name(query.service)};
  Sum out;
  std::optional<double> shortest;
  std::string missing;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const base::Result<Traffic>& answer = *answers[i];
    if (!answer) {
      missing +=
          fmt::format("{}{}: {}", missing.empty() ? "" : "; ", (*addresses)[i], answer.error().message);
      continue;
    }
    shortest = std::min(shortest.value_or(answer->seconds), answer->seconds);
    for (const std::string& version : versions)
      if (const auto found = answer->upstreams.find(version); found != answer->upstreams.end())
        out.flow.add(found->second);
  }
  if (!missing.empty()) return silent(query, missing);
  out.seconds = shortest.value_or(0);
  return out;
}

base::Result<Traffic> Replicas::ask_one(const std::string& address) {
  http::Request request;
  request.url = {"http", address, static_cast<std::uint16_t>(port_), "/traffic"};
  request.idle_timeout = patience;
  auto response = transport_.send(request);
  if (!response) return base::fail(base::Code::gatewaysSilent, response.error().message);
  if (response->status != 200 || response->cut)
    return base::fail(base::Code::gatewaysSilent, fmt::format("it answers {}", response->status));
  return gateway::traffic::from_json(response->body);
}

}  // namespace msctl::kubernetes::external_metrics
