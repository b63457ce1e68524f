#include "pipelines/image/registry/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <random>

#include "pipelines/image/registry/challenge.h"
#include "runtime/base/base64.h"
#include "runtime/base/text.h"

namespace msctl::image {
namespace {

constexpr int most_redirects = 5;
constexpr auto longest_pause = std::chrono::seconds(60);

// Addresses that never leave this machine: only there a registry may do without TLS.
bool is_local(const std::string& host) {
  return host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.") ||
         host.starts_with("[::1]");
}

bool is_busy(int status) {
  return status == 408 || status == 429 || status >= 500;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool writes(const std::string& method) {
  return method != "GET" && method != "HEAD";
}

// The registry's own words: {"errors":[{"code","message","detail"}]}.
std::string words_of(const http::Response& response) {
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  std::string out = fmt::format("status {}", response.status);
  if (!json.is_object() || !json.contains("errors") || !json["errors"].is_array()) return out;
  for (const auto& error : json["errors"]) {
    if (!error.is_object()) continue;
    for (const char* key : {"code", "message"})
      if (error.contains(key) && error[key].is_string())
        out += fmt::format("{} {}", key == std::string_view("code") ? "," : ":",
                           error[key].get<std::string>().substr(0, 300));
    // Where a disk is full, for example, only the detail says so.
    if (error.contains("detail") && !error["detail"].empty())
      out += fmt::format(
          " ({})",
          error["detail"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 300));
  }
  return out;
}

}  // namespace

Registry::Registry(http::Transport& transport, std::string name, RegistryOptions options)
    : transport_(transport),
      name_(std::move(name)),
      host_(name_ == "docker.io" ? "registry-1.docker.io" : name_),
      options_(std::move(options)) {}

std::optional<http::Url> Registry::url_of(const Ask& ask) {
  const std::string root = (plain_ ? "http://" : "https://") + host_ + "/v2/";
  auto base = http::parse_url(root);
  if (!base) return std::nullopt;
  if (ask.target.starts_with('/') || ask.target.find("://") != std::string::npos)
    return http::resolve(*base, ask.target);
  base->target += ask.target;
  return base;
}

std::string Registry::scope_of(const Ask& ask, bool push) {
  std::string out = fmt::format("repository:{}:{}", ask.repository, push ? "pull,push" : "pull");
  if (!ask.more_scope.empty()) out += " " + ask.more_scope;
  return out;
}

// Other servers than the one that was asked are not told who asks.
Registry::Answer Registry::follow(http::Request request) {
  for (int left = most_redirects;; --left) {
    auto response = transport_.send(request);
    if (!response || !is_redirect(response->status)) return response;
    const std::string_view location = response->header("Location");
    auto next = http::resolve(request.url, location);
    if (left == 0 || location.empty() || !next)
      return std::unexpected(http::Failure{http::Failure::Kind::malformed, "it redirects to nowhere"});
    if (request.url.scheme == "https" && next->scheme != "https")
      return std::unexpected(
          http::Failure{http::Failure::Kind::malformed, "it redirects to a place without TLS"});
    if (next->authority() != request.url.authority() || next->scheme != request.url.scheme)
      std::erase_if(request.headers, [](const auto& header) { return header.first == "Authorization"; });
    if (response->status == 303) {
      request.method = "GET";
      request.body.reset();
    }
    request.url = *std::move(next);
  }
}

Registry::Answer Registry::send_once(const Ask& ask, const http::Url& url, bool push) {
  http::Request request;
  request.method = ask.method;
  request.url = url;
  request.headers = ask.headers;
  request.body = ask.body;
  if (!request.body && (ask.method == "POST" || ask.method == "PUT" || ask.method == "PATCH"))
    request.body = http::body_of("");
  request.sink = ask.sink;
  {
    const std::lock_guard lock(mutex_);
    // What a token allows for more is good for less.
    for (const std::string& scope : {scope_of(ask, push), scope_of(ask, true), std::string("basic")})
      if (auto found = authorizations_.find(scope); found != authorizations_.end()) {
        request.headers.emplace_back("Authorization", found->second);
        break;
      }
  }
  return follow(std::move(request));
}

base::Result<std::optional<Credential>> Registry::credential() {
  const std::lock_guard lock(mutex_);
  if (!credential_)
    credential_.emplace(options_.credential ? options_.credential()
                                            : base::Result<std::optional<Credential>>{std::nullopt});
  return *credential_;
}

base::Result<std::string> Registry::token(const http::Url& realm, const std::string& service,
                                          const std::vector<std::string>& scopes) {
  auto known = credential();
  if (!known) return std::unexpected(known.error());
  http::Request request;
  request.url = realm;
  if (*known && !(*known)->identity_token.empty()) {
    http::Url form;
    form.target = "/";
    http::add_query(form, "grant_type", "refresh_token");
    http::add_query(form, "service", service);
    http::add_query(form, "client_id", "msctl");
    http::add_query(form, "refresh_token", (*known)->identity_token);
    std::string all;
    for (const std::string& scope : scopes) all += (all.empty() ? "" : " ") + scope;
    http::add_query(form, "scope", all);
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = http::body_of(form.target.substr(form.target.find('?') + 1));
  } else {
    if (!service.empty()) http::add_query(request.url, "service", service);
    for (const std::string& scope : scopes) http::add_query(request.url, "scope", scope);
    if (*known)
      request.headers.emplace_back("Authorization",
                                   "Basic " + base::to_base64((*known)->user + ":" + (*known)->password));
  }
  for (int attempt = 0;; ++attempt) {
    auto response = follow(request);
    const bool again = response ? is_busy(response->status)
                                : response.error().kind == http::Failure::Kind::broken ||
                                      response.error().kind == http::Failure::Kind::timeout;
    if (again && attempt + 1 < options_.attempts &&
        pause(attempt, response ? response->header("Retry-After") : std::string_view{}))
      continue;
    if (!response) return std::unexpected(failure_of(response.error()));
    if (response->status / 100 != 2)
      return std::unexpected(refusal_of(*response, fmt::format("{} gives no token", realm.authority())));
    const auto json = nlohmann::json::parse(response->body, nullptr, false);
    for (const char* key : {"token", "access_token"})
      if (json.is_object() && json.contains(key) && json[key].is_string()) {
        std::string out = json[key].get<std::string>();
        if (out.find_first_of("\r\n") == std::string::npos && !out.empty()) return out;
      }
    return base::fail(base::Code::registryFailed,
                      fmt::format("{} answers without a token", realm.authority()));
  }
}

// True: it is worth asking again.
base::Result<bool> Registry::authorise(const http::Response& refusal, const Ask& ask, bool push) {
  for (const auto& [name, field] : refusal.headers) {
    if (base::lower(name) != "www-authenticate") continue;
    for (const Challenge& challenge : parse_challenges(field)) {
      if (challenge.scheme == "bearer") {
        auto realm = http::parse_url(challenge.value("realm"));
        // A password must not travel in the open, but from this machine to itself.
        if (!realm || (realm->scheme != "https" && !is_local(realm->authority())))
          return base::fail(base::Code::registryRefused,
                            fmt::format("{} names no server of tokens that can be trusted: '{}'", name_,
                                        challenge.value("realm")));
        std::vector<std::string> scopes{
            fmt::format("repository:{}:{}", ask.repository, push ? "pull,push" : "pull")};
        if (!ask.more_scope.empty()) scopes.push_back(ask.more_scope);
        auto made = token(*realm, challenge.value("service"), scopes);
        if (!made) return std::unexpected(made.error());
        const std::lock_guard lock(mutex_);
        authorizations_[scope_of(ask, push)] = "Bearer " + *made;
        return true;
      }
      if (challenge.scheme == "basic") {
        auto known = credential();
        if (!known) return std::unexpected(known.error());
        if (!*known) continue;
        const std::lock_guard lock(mutex_);
        authorizations_.try_emplace("basic",
                                    "Basic " + base::to_base64((*known)->user + ":" + (*known)->password));
        return true;
      }
    }
  }
  return false;
}

bool Registry::pause(int attempt, std::string_view retry_after) {
  if (options_.interrupted && options_.interrupted()) return false;
  static thread_local std::minstd_rand random(std::random_device{}());
  base::Duration wait = std::chrono::milliseconds(250) * (1 << std::min(attempt, 6));
  wait += wait * static_cast<int>(random() % 100) / 200;
  int seconds = 0;
  if (std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds).ec == std::errc{})
    wait = std::max<base::Duration>(wait, std::chrono::seconds(std::clamp(seconds, 0, 60)));
  if (options_.sleep) options_.sleep(std::min<base::Duration>(wait, longest_pause));
  return !(options_.interrupted && options_.interrupted());
}

base::Result<http::Response> Registry::ask(const Ask& ask) {
  const bool push = writes(ask.method);
  int asked_who = 0;
  for (int attempt = 0;;) {
    const auto url = url_of(ask);
    if (!url)
      return base::fail(base::Code::registryFailed,
                        fmt::format("{} names an address that is none: {}", name_, ask.target));
    auto answer = send_once(ask, *url, push);
    if (!answer) {
      using Kind = http::Failure::Kind;
      const Kind kind = answer.error().kind;
      if (kind == Kind::plain_text && !plain_ && is_local(name_)) {
        plain_ = true;
        continue;
      }
      const bool again = kind == Kind::broken || kind == Kind::timeout || kind == Kind::connect;
      if (again && !ask.once && ++attempt < options_.attempts && pause(attempt - 1, {})) continue;
      return std::unexpected(failure_of(answer.error()));
    }
    if (answer->status == 401 && asked_who < 2) {
      // A token of an hour ago is refused, too: the second time a new one is fetched.
      ++asked_who;
      auto again = authorise(*answer, ask, push);
      if (!again) return std::unexpected(again.error());
      if (*again) continue;
    }
    if (is_busy(answer->status) && !ask.once && ++attempt < options_.attempts &&
        pause(attempt - 1, answer->header("Retry-After")))
      continue;
    return std::move(*answer);
  }
}

base::Error Registry::failure_of(const http::Failure& failure) const {
  if (failure.kind == http::Failure::Kind::interrupted)
    return base::fail(base::Code::interrupted, "interrupted").error();
  return base::fail(base::Code::registryUnreachable, fmt::format("{}: {}", name_, failure.message)).error();
}

base::Error Registry::refusal_of(const http::Response& response, const std::string& what) const {
  base::Code code = base::Code::registryFailed;
  if (response.status == 401 || response.status == 403) code = base::Code::registryRefused;
  if (response.status == 404) code = base::Code::imageMissing;
  return base::fail(code, fmt::format("{}: {}: {}", name_, what, words_of(response))).error();
}

}  // namespace msctl::image
