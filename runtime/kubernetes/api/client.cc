#include "runtime/kubernetes/api/client.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/kubernetes/api/discovery.h"
#include "runtime/kubernetes/api/session.h"
#include "runtime/kubernetes/api/words.h"

namespace msctl::kubernetes::api {
namespace {

std::string text(const Json& map, const char* key) {
  if (!map.is_object()) return {};
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// "?a=b&c=d" from what is not empty.
class Query {
public:
  Query& add(std::string_view name, std::string_view value) {
    if (!value.empty())
      text_ += fmt::format("{}{}={}", text_.empty() ? '?' : '&', name, http::percent_encoded(value));
    return *this;
  }
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

Failure malformed(const About& about, const std::string& body) {
  return read_failure(200, body, {}, about, {});
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// What creating, replacing and patching have in common.
Ask writing(const char* method, const Json& content, const WriteOptions& options) {
  Ask out;
  out.method = method;
  out.target = Query()
                   .add("fieldManager", options.manager)
                   .add("fieldValidation", "Strict")
                   .add("dryRun", options.dry_run ? "All" : "")
                   .text();
  out.body = content.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

// To the state that it was read in.
bool is_bound(const Json& content) {
  return content.is_object() && content.contains("metadata") &&
         !text(content["metadata"], "resourceVersion").empty();
}

}  // namespace

Name name_of(const Json& object) {
  Name out{{text(object, "apiVersion"), text(object, "kind")}, {}};
  if (const auto metadata = object.is_object() ? object.find("metadata") : object.end();
      metadata != object.end()) {
    out.name = text(*metadata, "name");
    out.space = text(*metadata, "namespace");
  }
  return out;
}

Client::Client(std::shared_ptr<Session> session, std::shared_ptr<Discovery> discovery, Limits limits)
    : session_(std::move(session)), discovery_(std::move(discovery)), limits_(std::move(limits)) {}

base::Result<Client> Client::connect(const kubeconfig::Access& access, const kubeconfig::Outside& outside,
                                     Options options) {
  const auto bad = [&](std::string message) {
    auto out = base::fail(base::Code::badKubeconfig, std::move(message));
    out.error().at = access.cluster.at;
    return out;
  };
  auto server = http::parse_url(access.cluster.server);
  if (!server || server->target.find('?') != std::string::npos)
    return bad(fmt::format("the server of cluster '{}' is no address", access.cluster.name));
  const kubeconfig::User& user = access.user;
  const bool secret = !user.token.empty() || !user.token_file.empty() || !user.password.empty() || user.exec;
  if (server->scheme == "http" && secret && !is_local(server->host))
    return bad(fmt::format("a token or password would go to {} without TLS, where all on the way can read it",
                           server->authority()));
  std::string authorities = access.cluster.authority_data;
  if (authorities.empty() && !access.cluster.authority_file.empty()) {
    auto bytes = outside.files.read(access.cluster.authority_file);
    if (!bytes) return bad(fmt::format("the certificate authority: {}", bytes.error().message));
    authorities = std::move(*bytes);
  }
  Limits limits = options.limits;
  auto session = std::make_shared<Session>(std::move(*server), access, std::move(authorities),
                                           std::make_unique<kubeconfig::Credentials>(access, outside),
                                           outside.clock, std::move(options));
  return Client(std::move(session), std::make_shared<Discovery>(), std::move(limits));
}

const std::string& Client::space() const {
  return session_->space();
}

Client Client::with(Limits limits) const {
  return Client(session_, discovery_, std::move(limits));
}

Answer<Resource> Client::resource(const Kind& kind) const {
  return discovery_->resource(kind, *session_, limits_);
}

Answer<Client::Place> Client::place(const Kind& kind, const std::string& space, bool all) const {
  auto resource = this->resource(kind);
  if (!resource) return std::unexpected(std::move(resource.error()));
  Place out{std::move(*resource), base_path(kind.api_version), {}};
  if (out.resource.namespaced && !all) {
    out.space = space.empty() ? session_->space() : space;
    out.target += "/namespaces/" + http::percent_encoded(out.space);
  }
  out.target += "/" + out.resource.plural;
  return out;
}

Failure Client::explained(Failure failure, const Kind& kind) const {
  if (!failure.unserved || well_known(kind) == nullptr) return failure;
  auto asked = discovery_->ask(kind, *session_, limits_);
  return asked || !asked.error().unserved ? failure : std::move(asked.error());
}

Answer<Json> Client::ask(const Name& name, const std::string& subresource, Ask ask, const char* verb) const {
  auto where = place(name.kind, name.space);
  if (!where) return std::unexpected(std::move(where.error()));
  std::string target = std::move(where->target);
  // What is created has its name in its body; a subresource of it is an object of its own.
  if (ask.method != "POST" || !subresource.empty()) target += "/" + http::percent_encoded(name.name);
  if (!subresource.empty()) target += "/" + subresource;
  ask.target = target + ask.target;
  ask.about = {verb,      where->resource.group, where->resource.plural, subresource, name.kind.kind,
               name.name, where->space};
  auto body = session_->send(ask, limits_);
  if (!body) return std::unexpected(explained(std::move(body.error()), name.kind));
  Json out = Json::parse(*body, nullptr, false);
  if (!out.is_object()) return std::unexpected(malformed(ask.about, *body));
  return out;
}

Answer<Json> Client::get(const Name& name, const std::string& subresource) const {
  return ask(name, subresource, {}, "get");
}

Answer<Json> Client::create(const Json& object, const WriteOptions& options) const {
  Ask request = writing("POST", object, options);
  // With a name the second of two is refused; with a generated one there would be two objects.
  const Name name = name_of(object);
  request.again = name.name.empty() ? Ask::Again::unsent : Ask::Again::safe;
  return ask(name, options.subresource, std::move(request), "create");
}

Answer<Json> Client::update(const Json& object, const WriteOptions& options) const {
  Ask request = writing("PUT", object, options);
  request.again = is_bound(object) ? Ask::Again::safe : Ask::Again::unsent;
  return ask(name_of(object), options.subresource, std::move(request), "update");
}

Answer<Json> Client::patch(const Name& name, Patch kind, const Json& patch,
                           const WriteOptions& options) const {
  Ask request = writing("PATCH", patch, options);
  request.content_type = kind == Patch::merge  ? "application/merge-patch+json"
                         : kind == Patch::json ? "application/json-patch+json"
                                               : "application/strategic-merge-patch+json";
  // One that adds to a list does so twice, unless it is bound to a state.
  request.again = is_bound(patch) ? Ask::Again::safe : Ask::Again::unsent;
  return ask(name, options.subresource, std::move(request), "patch");
}

Answer<Json> Client::apply(const Json& object, const ApplyOptions& options) const {
  Ask request;
  request.method = "PATCH";
  request.content_type = "application/apply-patch+yaml";
  request.target = Query()
                       .add("fieldManager", options.manager)
                       .add("force", options.force ? "true" : "")
                       .add("fieldValidation", "Strict")
                       .add("dryRun", options.dry_run ? "All" : "")
                       .text();
  request.body = object.dump(-1, ' ', false, Json::error_handler_t::replace);  // JSON is YAML
  const Name name = name_of(object);
  auto out = ask(name, options.subresource, std::move(request), "patch");
  if (out || out.error().conflicts.empty()) return out;
  // Of a manager that applies, the server does not say since when; the object does.
  Failure& failure = out.error();
  bool unknown = false;
  for (const Conflict& each : failure.conflicts) unknown = unknown || each.since.empty();
  if (auto live = unknown ? get(name) : Answer<Json>(Json()); live && live->is_object()) {
    const Json fields = live->value("/metadata/managedFields"_json_pointer, Json::array());
    for (Conflict& each : failure.conflicts)
      for (const Json& entry : fields)
        if (each.since.empty() && text(entry, "manager") == each.manager) each.since = text(entry, "time");
    failure.error = conflict_in_words(failure, fmt::format("{}/{}", name.kind.kind, name.name));
  }
  return out;
}

Answer<Json> Client::remove(const Name& name, const DeleteOptions& options) const {
  Json body{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resource_version.empty()) body["preconditions"]["resourceVersion"] = options.resource_version;
  if (!options.propagation.empty()) body["propagationPolicy"] = options.propagation;
  if (options.grace_seconds) body["gracePeriodSeconds"] = *options.grace_seconds;
  if (options.dry_run) body["dryRun"] = {"All"};
  Ask request;
  request.method = "DELETE";
  request.body = body.dump();
  request.again = options.uid.empty() ? Ask::Again::unsent : Ask::Again::safe;
  auto out = ask(name, {}, std::move(request), "delete");
  if (!out && out.error().uncertain && out.error().not_found() && !out.error().unserved)
    return Json::object();
  return out;
}

Answer<void> Client::evict(const std::string& pod, const DeleteOptions& options) const {
  Json body{{"apiVersion", "policy/v1"},
            {"kind", "Eviction"},
            {"metadata", {{"name", pod}, {"namespace", session_->space()}}},
            {"deleteOptions", Json::object()}};
  if (!options.uid.empty()) body["deleteOptions"]["preconditions"]["uid"] = options.uid;
  if (options.grace_seconds) body["deleteOptions"]["gracePeriodSeconds"] = *options.grace_seconds;
  if (options.dry_run) body["deleteOptions"]["dryRun"] = {"All"};
  Ask request;
  request.method = "POST";
  request.body = body.dump();
  request.again = Ask::Again::never;  // "too busy" is the budget's word here
  auto out = ask({{"v1", "Pod"}, pod}, "eviction", std::move(request), "create");
  if (!out) return std::unexpected(std::move(out.error()));
  return {};
}

Answer<std::string> Client::raw(const std::string& target) const {
  Ask request;
  request.target = target;
  request.accept = "*/*";
  request.about = {"get", {}, target, {}, {}, {}, {}};
  return session_->send(request, limits_);
}

std::string Client::whoami() const {
  return session_->whoami(limits_);
}

Counts Client::counts() const {
  return session_->counts();
}

}  // namespace msctl::kubernetes::api
