#include "runtime/kubernetes/api/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace msctl::kubernetes::api {
namespace {

using base::Code;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

base::Error error(Code code, std::string message, std::string suggestion = {}) {
  return base::fail(code, std::move(message), std::move(suggestion)).error();
}

std::string behind(const std::string& text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return at == std::string::npos ? text : text.substr(at + mark.size());
}

std::string in_space(const About& about) {
  return about.space.empty() ? std::string{} : fmt::format(" in the namespace '{}'", about.space);
}

// deployments.apps "x" is forbidden: User "ann" cannot create resource "deployments" in API group "apps" in
// the namespace "shop"
base::Error forbidden(const Failure& failure, const About& about, const std::string& who) {
  const std::string& words = failure.message;
  About told = about;
  // The server knows better which verb it was: an apply is patch, and create where nothing is there yet.
  if (const std::string verb = between(words, "\" cannot ", " resource "); !verb.empty()) {
    told.verb = verb;
    told.plural = between(words, " resource \"", "\"");
    told.group = between(words, " in API group \"", "\"");
    told.space = between(words, " in the namespace \"", "\"");
    told.subresource.clear();
    if (const std::size_t slash = told.plural.find('/'); slash != std::string::npos) {
      told.subresource = told.plural.substr(slash + 1);
      told.plural.resize(slash);
    }
  }
  const std::string user = between(words, "User \"", "\"");
  const std::string resource = told.subresource.empty() ? told.plural : told.plural + "/" + told.subresource;
  const std::string group = told.group.empty() ? "" : "." + told.group;
  auto out = error(Code::forbidden,
                   fmt::format("{} may not {} {}{}{}", user.empty() ? who : user, told.verb, resource, group,
                               in_space(told)),
                   fmt::format("a {} that is bound to this user needs the rule {}",
                               told.space.empty() ? "ClusterRole" : "Role", rule_for(told)));
  out.notes.push_back("the server says: " + words);
  return out;
}

// Whose rule refused the object, and in which words; empty: it was no admission.
std::string refused_by(const std::string& words) {
  if (const std::string hook = between(words, "admission webhook \"", "\""); !hook.empty())
    return fmt::format("the admission webhook '{}': {}", hook, behind(words, "denied the request: "));
  if (const std::string hook = between(words, "failed calling webhook \"", "\""); !hook.empty())
    return fmt::format("the admission webhook '{}', which cannot be asked: {}", hook, behind(words, "\": "));
  if (const std::string policy = between(words, "ValidatingAdmissionPolicy '", "'"); !policy.empty())
    return fmt::format("the policy '{}': {}", policy, behind(words, "denied request: "));
  if (const std::string level = between(words, "violates PodSecurity \"", "\""); !level.empty())
    return fmt::format("Pod Security '{}': {}", level, behind(words, "\": "));
  if (has(words, "because it is being terminated")) return "the namespace, which is being removed";
  return {};
}

base::Error not_allowed(const Failure& failure, const About& about, const std::string& who) {
  const std::string& words = failure.message;
  if (has(words, "\" cannot ")) return forbidden(failure, about, who);
  if (has(words, "exceeded quota: ") || has(words, "failed quota: "))
    return error(Code::quotaRefused, fmt::format("{}: {}", about.text(), behind(words, "is forbidden: ")));
  return error(Code::admissionRefused,
               fmt::format("{} is refused: {}", about.text(), behind(words, "is forbidden: ")));
}

base::Error invalid(const Failure& failure, const About& about) {
  std::vector<std::string> all;
  for (const Cause& each : failure.causes)
    all.push_back(each.field.empty() || each.field == "<nil>"
                      ? each.message
                      : fmt::format("{}: {}", each.field, each.message));
  if (all.empty()) all.push_back(failure.message);
  auto out = error(Code::objectInvalid, fmt::format("{}: {}", about.text(), all.front()));
  out.notes.assign(all.begin() + 1, all.end());
  if (std::ranges::any_of(all, [](const std::string& each) { return has(each, "field is immutable"); }))
    out.suggestion = "this field cannot be changed: the object has to be removed first";
  return out;
}

base::Error conflict(const Failure& failure, const About& about) {
  if (failure.reason == "AlreadyExists")
    return error(Code::objectExists, fmt::format("{} exists already", about.text()));
  if (failure.conflicts.empty())
    return error(Code::objectChanged, fmt::format("{}: {}", about.text(), failure.message));
  return conflict_in_words(failure, about.text());
}

base::Error missing(const Failure& failure, const About& about) {
  if (failure.unserved)
    return error(Code::apiNotServed,
                 fmt::format("{} is not served by this cluster",
                             about.group.empty() ? about.plural : about.plural + "." + about.group));
  if (const std::string space = between(failure.message, "namespaces \"", "\" not found");
      !space.empty() && about.plural != "namespaces")
    return error(Code::objectMissing, fmt::format("{}: the namespace '{}' is not there", about.text(), space),
                 fmt::format("kubectl create namespace {}", space));
  return error(Code::objectMissing, fmt::format("{} is not there{}", about.text(), in_space(about)));
}

}  // namespace

base::Error conflict_in_words(const Failure& failure, const std::string& what) {
  std::vector<std::string> all;
  for (const Conflict& each : failure.conflicts)
    all.push_back(fmt::format("{} is stated by '{}'{}", each.field, each.manager,
                              each.since.empty() ? "" : ", last changed " + each.since));
  auto out = error(Code::fieldConflict, fmt::format("{}: {}", what, all.front()));
  out.notes.assign(all.begin() + 1, all.end());
  return out;
}

std::string between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + open.size());
  const std::size_t end = text.find(close);
  return end == std::string_view::npos ? std::string{} : std::string(text.substr(0, end));
}

std::string rule_for(const About& about) {
  const std::string resource =
      about.subresource.empty() ? about.plural : about.plural + "/" + about.subresource;
  return fmt::format(R"({{apiGroups: ["{}"], resources: ["{}"], verbs: ["{}"]}})", about.group, resource,
                     about.verb);
}

base::Error in_words(const Failure& failure, const About& about, const std::string& who) {
  if (const std::string whose = refused_by(failure.message); !whose.empty() && failure.status != 409)
    return error(Code::admissionRefused, fmt::format("{} is refused by {}", about.text(), whose));
  const bool writes = about.verb != "get" && about.verb != "list" && about.verb != "watch";
  switch (failure.status) {
    case 401: {
      auto out = error(Code::unauthorised, fmt::format("the cluster does not know {}", who));
      out.notes.push_back("the server says: " + failure.message);
      return out;
    }
    case 403:
      return not_allowed(failure, about, who);
    case 404:
      return missing(failure, about);
    case 409:
      return conflict(failure, about);
    case 410:
      return error(Code::versionGone, fmt::format("{}: {}", about.text(), failure.message));
    case 422:
      return invalid(failure, about);
    case 429:
      if (std::ranges::any_of(failure.causes,
                              [](const Cause& each) { return each.reason == "DisruptionBudget"; }))
        return error(Code::disruptionRefused,
                     fmt::format("{}: {}", about.text(), failure.causes.front().message));
      [[fallthrough]];
    case 503:
    case 504:
      return error(Code::clusterBusy, fmt::format("{}: {}", about.text(), failure.message));
    case 400:
    case 413:
      if (writes) return invalid(failure, about);
      [[fallthrough]];
    default:
      // Server-side apply tells a field that no schema has in this way.
      if (writes && (has(failure.message, "field not declared in schema") ||
                     has(failure.message, "failed to create typed patch object")))
        return invalid(failure, about);
      if (failure.reason == "ServerTimeout" || failure.reason == "Timeout" ||
          has(failure.message, "etcdserver: "))
        return error(Code::clusterBusy, fmt::format("{}: {}", about.text(), failure.message));
      return error(Code::clusterFailed,
                   fmt::format("{}: status {}: {}", about.text(), failure.status, failure.message));
  }
}

}  // namespace msctl::kubernetes::api
