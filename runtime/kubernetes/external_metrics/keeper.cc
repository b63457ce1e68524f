#include "runtime/kubernetes/external_metrics/keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/base/base64.h"
#include "runtime/kubernetes/external_metrics/names.h"

namespace msctl::kubernetes::external_metrics {
namespace {

constexpr const char* field_manager = "msctl-gateway";
constexpr const char* administrators =
    "let an administrator apply deploy/kubernetes/deployers/ENV.yaml, as 'msctl generate kubernetes' writes "
    "it";

base::Error problem(base::Code code, std::string message) {
  base::Error out;
  out.code = code;
  out.message = std::move(message);
  out.suggestion = administrators;
  return out;
}

std::string data_at(const Json& secret, const char* key) {
  const auto data = secret.find("data");
  if (data == secret.end() || !data->is_object()) return {};
  const auto found = data->find(key);
  if (found == data->end() || !found->is_string()) return {};
  return base::from_base64(found->get<std::string>()).value_or("");
}

Certificate certificate_in(const Json& secret) {
  return {data_at(secret, "ca.crt"), data_at(secret, "tls.crt"), data_at(secret, "tls.key")};
}

}  // namespace

const Keeper::State& Keeper::look() {
  state_.news.clear();
  telling_.clear();
  look_at_front_proxy();
  // With another certificate than the one in force the APIService would be led astray.
  if (look_at_certificate() && state_.can_serve()) look_at_api_service();
  told_ = std::exchange(telling_, {});
  return state_;
}

// A name that was told in the last look is not told again.
void Keeper::tell(base::Error error) {
  telling_.push_back(error.message);
  if (std::ranges::find(told_, error.message) == told_.end()) state_.news.push_back(std::move(error));
}

void Keeper::look_at_front_proxy() {
  auto told = what_.system.get({"v1", "ConfigMap", "extension-apiserver-authentication"});
  if (!told)
    return tell(problem(base::Code::metricsUnserved,
                        fmt::format("whom to believe cannot be read: {}", told.error().error.message)));
  auto read = front_proxy_of(*told);
  if (!read) return tell(read.error());
  state_.front_proxy = *std::move(read);
}

std::vector<std::string> Keeper::names() const {
  const std::string service = service_of(what_.gateway);
  return {fmt::format("{}.{}.svc", service, what_.own.space()),
          fmt::format("{}.{}.svc.cluster.local", service, what_.own.space())};
}

// Several gateways may find it missing or old at once: one of them writes, the others are refused and read
// the next time what it wrote.
bool Keeper::look_at_certificate() {
  auto found = what_.own.get({"v1", "Secret", service_of(what_.gateway)});
  if (!found && found.error().kind != Refusal::Kind::not_found) {
    tell(problem(base::Code::metricsUnserved,
                 fmt::format("the Secret {} cannot be read: {}", service_of(what_.gateway),
                             found.error().error.message)));
    return false;
  }
  const Certificate present = found ? certificate_in(*found) : Certificate{};
  if (unfit(present, names(), clock_.wall()).empty()) {
    state_.certificate = present;
    return true;
  }
  auto made = make_certificate(names(), clock_.wall(), present);
  if (!made) {
    tell(made.error());
    return false;
  }
  const auto written = stored(found ? std::optional<Json>(*found) : std::nullopt, *made);
  if (written) {
    state_.certificate = *std::move(made);
    return true;
  }
  const Refusal& refusal = written.error();
  if (refusal.kind != Refusal::Kind::exists && refusal.kind != Refusal::Kind::conflict)
    tell(problem(base::Code::metricsUnserved, fmt::format("the Secret {} cannot be written: {}",
                                                          service_of(what_.gateway), refusal.error.message)));
  return false;
}

Answer<Json> Keeper::stored(const std::optional<Json>& before, const Certificate& certificate) {
  Json secret = before.value_or(
      Json{{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"type", "kubernetes.io/tls"},
           {"metadata",
            {{"name", service_of(what_.gateway)},
             // Not managed-by: it is no object of a release, and no deploy removes it.
             {"labels",
              {{kubernetes::names::name, what_.gateway}, {kubernetes::names::part_of, what_.workspace}}}}}});
  secret["data"] = {{"ca.crt", base::to_base64(certificate.authorities)},
                    {"tls.crt", base::to_base64(certificate.certificate)},
                    {"tls.key", base::to_base64(certificate.key)}};
  return before ? what_.own.replace(secret) : what_.own.create(secret);
}

void Keeper::look_at_api_service() {
  auto found = what_.own.get({"apiregistration.k8s.io/v1", "APIService", api_service});
  if (!found) {
    const bool is_missing = found.error().kind == Refusal::Kind::not_found;
    return tell(problem(base::Code::metricsUnpublished,
                        fmt::format("the APIService {} {}", api_service,
                                    is_missing ? std::string("is not there")
                                               : "cannot be read: " + found.error().error.message)));
  }
  const Mine mine{what_.own.space(), service_of(what_.gateway), state_.certificate->authorities};
  switch (verdict(*found, mine, clock_.wall())) {
    case Verdict::current:
    case Verdict::others:
      return;
    case Verdict::foreign: {
      base::Error foreign =
          problem(base::Code::metricsForeign,
                  fmt::format("the APIService {} is not msctl's: it is left as it is", api_service));
      foreign.suggestion = "scale on cpu or memory, or by the adapter that has it";
      return tell(std::move(foreign));
    }
    case Verdict::mine:
      break;
  }
  auto claimed = what_.own.apply(claim(*found, mine), {.manager = field_manager, .force = true});
  // Another gateway was faster, and its claim is as good; the next look tells.
  if (!claimed && claimed.error().kind != Refusal::Kind::conflict)
    tell(problem(base::Code::metricsUnpublished, fmt::format("the APIService {} cannot be changed: {}",
                                                             api_service, claimed.error().error.message)));
}

}  // namespace msctl::kubernetes::external_metrics
