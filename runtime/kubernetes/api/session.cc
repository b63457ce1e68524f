#include "runtime/kubernetes/api/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "runtime/kubernetes/api/words.h"

namespace msctl::kubernetes::api {
namespace {

using http::Url;

constexpr base::Duration first_pause = std::chrono::milliseconds{100};
constexpr base::Duration longest_pause = std::chrono::seconds{5};
constexpr base::Duration piece = std::chrono::milliseconds{20};
// Lists of thousands of objects come in pages; what is larger is none of a Kubernetes API's.
constexpr std::size_t largest_body = std::size_t{512} << 20;

// etcd without a leader is told as an internal error, and lasts for a second or two.
bool is_passing(const Failure& failure) {
  return (failure.status >= 502 && failure.status <= 504) || failure.reason == "ServerTimeout" ||
         (failure.status == 500 &&
          (failure.retry_after || failure.message.find("etcdserver: ") != std::string::npos));
}

// An error within the server, or of a webhook that it asks, may be over at once; one that stays is not waited
// for.
constexpr int most_internal = 2;

bool may_repeat(const Failure& failure, Ask::Again again, int& internal) {
  if (failure.status == 429) return again != Ask::Again::never;
  if (again != Ask::Again::safe) return false;
  return is_passing(failure) || (failure.status == 500 && internal++ < most_internal);
}

bool is_unsent(http::Failure::Kind kind) {
  return kind == http::Failure::Kind::resolve || kind == http::Failure::Kind::connect;
}

bool may_repeat(const http::Failure& failure, Ask::Again again) {
  using Why = http::Failure::Kind;
  if (is_unsent(failure.kind)) return true;
  return again == Ask::Again::safe && (failure.kind == Why::broken || failure.kind == Why::timeout);
}

bool changes_something(const Ask& ask) {
  return ask.method != "GET";
}

}  // namespace

bool interrupted(const Limits& limits) {
  return limits.interrupted && limits.interrupted();
}

Failure interruption() {
  Failure out;
  out.error = base::fail(base::Code::interrupted, "interrupted").error();
  return out;
}

Session::Session(Url server, kubeconfig::Access access, std::string authorities,
                 std::unique_ptr<kubeconfig::Credentials> credentials, const base::Clock& clock,
                 Options options)
    : server_(std::move(server)),
      access_(std::move(access)),
      authorities_(std::move(authorities)),
      credentials_(std::move(credentials)),
      clock_(clock),
      options_(std::move(options)) {}

// Connections show a certificate when they are opened: another one needs others.
base::Result<std::shared_ptr<http::Transport>> Session::transport(const kubeconfig::Credential& credential) {
  const std::lock_guard lock(mutex_);
  if (transport_ && certificate_ == credential.certificate) return transport_;
  http::Tls tls;
  tls.authorities = authorities_;
  tls.certificate = credential.certificate;
  tls.key = credential.key;
  tls.server_name = access_.cluster.server_name;
  tls.verify = !access_.cluster.insecure;
  if (options_.transport) {
    transport_ = options_.transport(tls);
  } else {
    http::ClientOptions client;
    client.tls = std::move(tls);
    client.agent = options_.agent;
    transport_ = std::make_shared<http::Client>(std::move(client));
  }
  certificate_ = credential.certificate;
  return transport_;
}

http::Request Session::request_for(const Ask& ask, const kubeconfig::Credential& credential,
                                   const Limits& limits, Attempt& attempt) const {
  http::Request out;
  out.method = ask.method;
  out.url = server_;
  while (out.url.target.ends_with('/')) out.url.target.pop_back();
  out.url.target += ask.target;
  out.headers.emplace_back("Accept", ask.accept);
  if (!credential.authorization.empty()) out.headers.emplace_back("Authorization", credential.authorization);
  const kubeconfig::User& user = access_.user;
  if (!user.as.empty()) out.headers.emplace_back("Impersonate-User", user.as);
  if (!user.as_uid.empty()) out.headers.emplace_back("Impersonate-Uid", user.as_uid);
  for (const std::string& group : user.as_groups) out.headers.emplace_back("Impersonate-Group", group);
  for (const auto& [key, values] : user.as_extra)
    for (const std::string& value : values)
      out.headers.emplace_back("Impersonate-Extra-" + http::percent_encoded(key), value);
  if (!ask.body.empty()) {
    out.headers.emplace_back("Content-Type", ask.content_type);
    out.body = http::body_of(ask.body);
  }
  out.once = true;  // whether it is sent again is decided here
  out.idle_timeout = limits.idle_timeout;
  out.interrupted = limits.interrupted;
  out.sink = [&ask, &attempt](std::string_view bytes) {
    attempt.heard = true;
    if (ask.stream) {
      attempt.stopped = !ask.stream(bytes);
      return !attempt.stopped;
    }
    attempt.body += bytes;
    return attempt.body.size() <= largest_body;
  };
  return out;
}

void Session::tell_warnings(const http::Response& response) {
  if (!options_.warning) return;
  // 299 - "policy/v1beta1 PodDisruptionBudget is deprecated"
  for (const auto& [name, value] : response.headers)
    if (name.size() == 7 && (name == "Warning" || name == "warning"))
      if (const std::string words = between(value, "\"", "\""); !words.empty()) options_.warning(words);
}

Failure Session::unreachable(const http::Failure& failure) const {
  using Why = http::Failure::Kind;
  using Certificate = http::Failure::Certificate;
  if (failure.kind == Why::interrupted) return interruption();
  Failure out;
  out.message = failure.message;
  std::string help;
  base::Code code = base::Code::clusterUnreachable;
  if (failure.certificate != Certificate::good) {
    code = base::Code::serverCertificate;
    if (failure.certificate == Certificate::untrusted)
      help = authorities_.empty()
                 ? "'certificate-authority-data' of the cluster is missing in the kubeconfig"
                 : "the kubeconfig's certificate authority is another one: get the kubeconfig anew";
    if (failure.certificate == Certificate::wrong_name)
      help = "'tls-server-name' in the kubeconfig says which name the certificate has";
    if (failure.certificate == Certificate::expired)
      help = "the cluster's operators have to renew it; or this machine's clock is wrong";
  } else if (failure.kind == Why::plain_text) {
    help = "'server' in the kubeconfig must be an https address of the API server";
  }
  out.error = base::fail(code,
                         fmt::format("the cluster of context '{}' at {}: {}", access_.context,
                                     server_.authority(), failure.message),
                         std::move(help))
                  .error();
  return out;
}

bool Session::pause(int attempt, std::optional<base::Duration> wanted, base::Duration& spent,
                    const Limits& limits) {
  static thread_local std::minstd_rand random(std::random_device{}());
  base::Duration wait = std::min<base::Duration>(first_pause * (1 << std::min(attempt, 10)), longest_pause);
  // Half of it by chance, so that many that were refused together do not come back together.
  wait = wait / 2 + wait / 2 * static_cast<int>(random() % 1000) / 1000;
  if (wanted) wait = std::max(wait, *wanted);
  if (interrupted(limits) || spent + wait > limits.patience) return false;
  spent += wait;
  if (options_.sleep) {
    options_.sleep(wait);
    return !interrupted(limits);
  }
  const auto end = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < end) {
    if (interrupted(limits)) return false;
    std::this_thread::sleep_for(std::min<base::Duration>(piece, wait));
  }
  return true;
}

Answer<std::string> Session::send(const Ask& ask, const Limits& limits) {
  base::Duration spent{};
  bool renewed = false, uncertain = false;
  int internal = 0;
  for (int attempts = 0;;) {
    if (interrupted(limits)) return std::unexpected(interruption());
    auto credential = credentials_->current();
    if (!credential) return std::unexpected(Failure{credential.error()});
    auto way = transport(*credential);
    if (!way) return std::unexpected(Failure{way.error()});
    Attempt attempt;
    const http::Request request = request_for(ask, *credential, limits, attempt);
    const base::Instant began = clock_.now();
    ++requests_;
    if (ask.about.verb == "watch") ++watches_;
    auto response = (*way)->send(request);
    if (attempt.stopped) return std::string{};
    if (!response) {
      const http::Failure& failure = response.error();
      spent += clock_.now() - began;  // a server that is silent for long has used up patience, too
      uncertain = uncertain || (changes_something(ask) && !is_unsent(failure.kind));
      if (may_repeat(failure, ask.again) && !(ask.stream && attempt.heard) &&
          pause(attempts++, std::nullopt, spent, limits)) {
        ++repeated_;
        continue;
      }
      Failure out = interrupted(limits) ? interruption() : unreachable(failure);
      out.uncertain = uncertain;
      return std::unexpected(std::move(out));
    }
    tell_warnings(*response);
    if (response->status / 100 == 2) return std::move(attempt.body);
    if (response->status == 401 && !renewed && credentials_->renew(*credential)) {
      renewed = true;
      ++repeated_;
      continue;
    }
    std::string who = credentials_->describe();
    Failure failure =
        read_failure(response->status, response->body, response->header("Retry-After"), ask.about, who);
    uncertain = uncertain || (changes_something(ask) && (is_passing(failure) || failure.status == 500));
    if (may_repeat(failure, ask.again, internal) && pause(attempts++, failure.retry_after, spent, limits)) {
      ++repeated_;
      continue;
    }
    if (interrupted(limits)) return std::unexpected(interruption());
    failure.uncertain = uncertain;
    return std::unexpected(std::move(failure));
  }
}

std::string Session::whoami(const Limits& limits) {
  {
    const std::lock_guard lock(mutex_);
    if (!whoami_.empty()) return whoami_;
  }
  Ask ask;
  ask.method = "POST";
  ask.target = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  ask.about = {"create", "authentication.k8s.io", "selfsubjectreviews", {}, "SelfSubjectReview", {}, {}};
  ask.body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";
  auto body = send(ask, limits);
  if (!body) return {};
  const Json answer = Json::parse(*body, nullptr, false);
  const auto place = Json::json_pointer("/status/userInfo/username");
  if (!answer.is_object() || !answer.contains(place) || !answer[place].is_string()) return {};
  const std::lock_guard lock(mutex_);
  return whoami_ = answer[place].get<std::string>();
}

Counts Session::counts() const {
  return {requests_, repeated_, watches_};
}

}  // namespace msctl::kubernetes::api
