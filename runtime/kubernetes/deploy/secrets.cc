#include "runtime/kubernetes/deploy/secrets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <random>
#include <set>

#include "runtime/base/base64.h"
#include "runtime/digest/digest.h"
#include "runtime/kubernetes/deploy/parallel.h"

namespace msctl::kubernetes::deploy {
namespace {

constexpr std::string_view between = "-secrets-";
constexpr std::size_t digits = 10;
constexpr const char* seen_secret = "msctl.dev/secrets";

using Values = std::map<std::string, std::string>;

// Each reference to a Secret in the variables of its Pods' containers.
template <class Object, class Take>
void each_reference(Object& object, const Take& take) {
  const Json::json_pointer where("/spec/template/spec");
  if (!object.contains(where)) return;
  auto& spec = object.at(where);
  for (const char* kind : {"initContainers", "containers"}) {
    if (!spec.contains(kind)) continue;
    for (auto& container : spec.at(kind)) {
      if (!container.contains("env")) continue;
      for (auto& variable : container.at("env")) {
        const Json::json_pointer reference("/valueFrom/secretKeyRef/name");
        if (variable.contains(reference)) take(variable.at(reference));
      }
    }
  }
}

bool is_ours(const std::string& secret, const std::string& part) {
  const std::string start = part + std::string(between);
  return secret.size() == start.size() + digits && secret.starts_with(start) &&
         secret.find_first_not_of("0123456789abcdef", start.size()) == std::string::npos;
}

// That this release gives the part; empty: none of ours.
std::string secret_of(const release::Release& release, const std::string& part) {
  std::string out;
  if (const release::Part* found = release.find(part))
    for (const Json& object : found->objects)
      each_reference(object, [&](const Json& name) {
        if (is_ours(name.get_ref<const std::string&>(), part)) out = name;
      });
  return out;
}

bool refers_to(const release::Part& part, const std::string& secret) {
  bool out = false;
  for (const Json& object : part.objects)
    each_reference(object, [&](const Json& name) { out = out || name == secret; });
  return out;
}

std::optional<Values> values_in(const Json& secret) {
  Values out;
  if (!secret.contains("data") || !secret["data"].is_object()) return out;
  for (const auto& [name, value] : secret["data"].items()) {
    auto text = value.is_string() ? base::from_base64(value.get<std::string>()) : std::nullopt;
    if (!text) return std::nullopt;
    out[name] = *std::move(text);
  }
  return out;
}

// A Job cannot be changed: with other values it is another one.
void rename_job(Json& job, const std::string& secret) {
  std::string name = job["metadata"]["name"];
  if (name.size() <= digits) return;
  name.replace(name.size() - digits, digits, digest::sha256(name + secret).substr(0, digits));
  job["metadata"]["name"] = name;
}

void refer(release::Part& part, const std::string& secret) {
  for (Json& object : part.objects) {
    bool changed = false;
    each_reference(object, [&](Json& name) {
      if (name != part.name) return;
      name = secret;
      changed = true;
    });
    if (changed && object.value("kind", "") == "Job") rename_job(object, secret);
  }
}

Json secret_object(const release::Release& release, const std::string& part, const std::string& name,
                   const std::string& space, const Values& values) {
  Json out{{"apiVersion", "v1"},
           {"kind", "Secret"},
           {"type", "Opaque"},
           {"immutable", true},
           {"metadata",
            {{"name", name},
             {"namespace", space},
             {"labels",
              {{names::managed_by, "msctl"}, {names::part_of, release.workspace}, {names::name, part}}}}},
           {"data", Json::object()}};
  for (const auto& [key, value] : values) out["data"][key] = base::to_base64(value);
  return out;
}

// Going back would only find out when no replica starts.
base::Errors without_secrets(Cluster& cluster, const release::Release& back) {
  base::Errors out;
  for (const std::string& name : secrets_of(back)) {
    auto there = cluster.get({"v1", "Secret", name});
    if (there || there.error().error.code == base::Code::forbidden) continue;
    if (there.error().kind != Refusal::Kind::not_found)
      out.push_back(there.error().error);
    else
      out.push_back(base::fail(base::Code::secretNotThere,
                               fmt::format("release {} needs the Secret {}, which is gone", back.id, name),
                               "go back to another release, or deploy: that brings the values anew")
                        .error());
  }
  return out;
}

class Settling {
public:
  Settling(Cluster& cluster, release::Release& wanted, const Ground& ground,
           const std::function<std::string()>& fresh, Unread unread)
      : cluster_(cluster), wanted_(wanted), ground_(ground), fresh_(fresh), unread_(unread) {}

  // Values that the deploy brings.
  base::Result<void> bring(release::Part& part, const Values& values) {
    // What a killed deploy has made may be the very same.
    std::optional<Values> running;
    std::string unread;
    for (const auto* release : {&ground_.running, &ground_.unfinished}) {
      const std::string name = *release ? secret_of(**release, part.name) : std::string();
      if (name.empty()) continue;
      auto there = find(name);
      if (!there && there.error().code == base::Code::forbidden && unread_ == Unread::told) {
        unread = name;
        continue;
      }
      if (!there) return std::unexpected(there.error());
      if (release == &ground_.running) running = *there;
      if (*there != values) continue;
      refer(part, name);
      return {};
    }
    const std::string name = fmt::format("{}{}{}", part.name, between, fresh_());
    refer(part, name);
    std::lock_guard guard(mutex_);
    out_.make.push_back(secret_object(wanted_, part.name, name, cluster_.space(), values));
    if (!unread.empty()) out_.unread[part.name] = unread;
    out_.changed[part.name] = changed(running.value_or(Values{}), values);
    return {};
  }

  // One that somebody has made. Who may not look at it goes on without: that it is missing, if so, is found
  // where it is missed. A cluster that does not answer is neither: without the annotation all would restart.
  base::Result<void> look(release::Part& part) {
    auto there = cluster_.get({"v1", "Secret", part.name});
    if (!there &&
        (there.error().kind == Refusal::Kind::not_found || there.error().error.code == base::Code::forbidden))
      return {};
    if (!there) return std::unexpected(there.error().error);
    for (Json& object : part.objects)
      if (object.value("kind", "") == "Deployment")
        object["spec"]["template"]["metadata"]["annotations"][seen_secret] =
            fmt::format("{}.{}", uid_of(*there), version_of(*there));
    return {};
  }

  Secrets take() { return std::move(out_); }

private:
  base::Result<std::optional<Values>> find(const std::string& name) {
    auto there = cluster_.get({"v1", "Secret", name});
    if (there) return values_in(*there);
    if (there.error().kind == Refusal::Kind::not_found) return std::nullopt;
    return std::unexpected(there.error().error);
  }

  static std::vector<std::string> changed(const Values& before, const Values& after) {
    std::set<std::string> out;
    for (const auto& [name, value] : after)
      if (const auto had = before.find(name); had == before.end() || had->second != value) out.insert(name);
    for (const auto& [name, value] : before)
      if (!after.contains(name)) out.insert(name);
    return {out.begin(), out.end()};
  }

  Cluster& cluster_;
  release::Release& wanted_;
  const Ground& ground_;
  const std::function<std::string()>& fresh_;
  Unread unread_;
  std::mutex mutex_;
  Secrets out_;
};

std::string meaning(const Secrets& secrets, const std::string& part, const std::string& names) {
  const auto unread = secrets.unread.find(part);
  if (unread == secrets.unread.end()) return fmt::format("new values of {}", names);
  return fmt::format("perhaps new values of {}: the Secret {} may not be read", names, unread->second);
}

}  // namespace

std::expected<Secrets, base::Errors> settle_secrets(Cluster& cluster, release::Release& wanted,
                                                    const Ground& ground, const SecretValues& values,
                                                    const std::function<std::string()>& fresh,
                                                    Unread unread) {
  // What ran once refers to what it referred to.
  if (wanted.goes_back) {
    if (base::Errors gone = without_secrets(cluster, wanted); !gone.empty())
      return std::unexpected(std::move(gone));
    return Secrets{};
  }
  Settling settling(cluster, wanted, ground, fresh, unread);
  std::vector<std::optional<base::Error>> problems(wanted.parts.size());
  in_parallel(wanted.parts.size(), requests_at_once, [&](std::size_t i) {
    release::Part& part = wanted.parts[i];
    if (!refers_to(part, part.name)) return;
    const auto brought = values.find(part.name);
    auto done = brought == values.end() ? settling.look(part) : settling.bring(part, brought->second);
    if (!done) problems[i] = done.error();
  });
  base::Errors errors;
  for (std::optional<base::Error>& problem : problems)
    if (problem) errors.push_back(*std::move(problem));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return settling.take();
}

base::Errors try_secrets(Cluster& cluster, const Secrets& secrets) {
  base::Errors out;
  for (const Json& secret : secrets.make)
    if (auto tried = cluster.apply(secret, {.force = true, .dry_run = true}); !tried)
      out.push_back(tried.error().error);
  return out;
}

base::Result<void> remove_secrets(Cluster& cluster, Writer& writer, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    auto there = cluster.get({"v1", "Secret", name});
    if (!there && there.error().kind == Refusal::Kind::not_found) continue;
    if (!there) return std::unexpected(there.error().error);
    if (auto removed = writer.remove(*there); !removed) return removed;
  }
  return {};
}

std::string fresh_version() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random()).substr(0, digits);
}

void add_meaning(const Secrets& secrets, Plan& plan) {
  for (Step& step : plan.steps)
    if (const auto found = secrets.changed.find(step.part);
        found != secrets.changed.end() && step.ref.kind == "Deployment" && step.action != Action::remove)
      step.means.push_back(meaning(secrets, step.part, fmt::format("{}", fmt::join(found->second, ", "))));
}

std::vector<std::string> secrets_of(const release::Release& release) {
  std::set<std::string> out;
  for (const release::Part& part : release.parts)
    if (std::string name = secret_of(release, part.name); !name.empty()) out.insert(std::move(name));
  return {out.begin(), out.end()};
}

}  // namespace msctl::kubernetes::deploy
