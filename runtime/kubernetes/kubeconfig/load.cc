// Several files as one, and what a context stands for in them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/names.h"
#include "runtime/kubernetes/kubeconfig/kubeconfig.h"

namespace msctl::kubernetes::kubeconfig {
namespace {

namespace fs = std::filesystem;

constexpr const char* service_account = "/var/run/secrets/kubernetes.io/serviceaccount/";

template <class T>
const T* named(const std::vector<T>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &T::name);
  return found == all.end() ? nullptr : &*found;
}

// The first of a name stays, also within one file.
template <class T>
void add(std::vector<T>& all, std::vector<T>&& more) {
  for (T& each : more)
    if (named(all, each.name) == nullptr) all.push_back(std::move(each));
}

base::Result<void> take(Kubeconfig& config, const std::string& path, const std::string& text) {
  auto one = parse(path, text);
  if (!one) return std::unexpected(one.error());
  add(config.clusters, std::move(one->clusters));
  add(config.users, std::move(one->users));
  add(config.contexts, std::move(one->contexts));
  if (config.current.empty()) config.current = std::move(one->current);
  config.files.push_back(path);
  return {};
}

base::Result<void> read_into(Kubeconfig& config, const Sources& sources, const std::string& path) {
  auto text = sources.files.read(path);
  if (!text) return base::fail(base::Code::badKubeconfig, text.error().message);
  return take(config, path, *text);
}

// What there is instead of the context that was asked for.
std::string where(const Kubeconfig& config) {
  if (!config.files.empty()) return fmt::format("in {}", fmt::join(config.files, ", "));
  if (config.missing.empty()) return "where neither KUBECONFIG nor HOME names a kubeconfig";
  return fmt::format("where there is no {}", fmt::join(config.missing, ", "));
}

base::Error misses(const base::Location& at, std::string message, std::string suggestion) {
  base::Error out;
  out.code = base::Code::badKubeconfig;
  out.message = std::move(message);
  out.at = at;
  out.suggestion = std::move(suggestion);
  return out;
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& all) {
  std::vector<std::string> out;
  for (const T& each : all) out.push_back(each.name);
  return out;
}

// As https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ says.
std::optional<Access> of_pod(const Sources& sources) {
  const auto host = sources.variable("KUBERNETES_SERVICE_HOST");
  const auto port = sources.variable("KUBERNETES_SERVICE_PORT");
  const std::string folder = service_account;
  if (!host || host->empty() || !port || port->empty() || !sources.files.exists(folder + "token"))
    return std::nullopt;
  Access out;
  out.context = "in-cluster";
  out.cluster.name = out.user.name = out.context;
  out.cluster.server =
      fmt::format("https://{}:{}", host->find(':') == std::string::npos ? *host : "[" + *host + "]", *port);
  out.cluster.authority_file = folder + "ca.crt";
  out.user.token_file = folder + "token";
  if (auto space = sources.files.read(folder + "namespace"); space && !space->empty()) out.space = *space;
  return out;
}

}  // namespace

base::Result<Kubeconfig> load(const Sources& sources) {
  Kubeconfig out;
  const auto absolute = [&](const std::string& path) {
    return (fs::path(sources.folder) / path).lexically_normal().string();
  };
  if (!sources.explicit_file.empty()) {
    auto read = read_into(out, sources, absolute(sources.explicit_file));
    if (!read) return std::unexpected(read.error());
    return out;
  }
  if (const auto text = sources.variable(text_variable); text && !text->empty()) {
    auto taken = take(out, absolute("$" + std::string(text_variable)), *text);
    if (!taken) return std::unexpected(taken.error());
    return out;
  }
  std::vector<std::string> paths;
  if (const auto listed = sources.variable("KUBECONFIG"); listed && !listed->empty()) {
    for (std::size_t at = 0; at <= listed->size();) {
      const std::size_t colon = std::min(listed->find(':', at), listed->size());
      const std::string path = listed->substr(at, colon - at);
      if (!path.empty() && std::ranges::find(paths, absolute(path)) == paths.end())
        paths.push_back(absolute(path));
      at = colon + 1;
    }
  } else if (const auto home = sources.variable("HOME"); home && !home->empty()) {
    paths.push_back(*home + "/.kube/config");
  }
  for (const std::string& path : paths) {
    if (!sources.files.exists(path)) {
      out.missing.push_back(path);
      continue;
    }
    if (auto read = read_into(out, sources, path); !read) return std::unexpected(read.error());
  }
  return out;
}

base::Result<Access> select(const Kubeconfig& config, const std::string& context) {
  const std::vector<std::string> known = names_of(config.contexts);
  const std::string name = context.empty() ? config.current : context;
  if (name.empty())
    return base::fail(base::Code::noKubeconfig,
                      fmt::format("no context is chosen, and none is the current one {}", where(config)),
                      known.empty() ? "" : fmt::format("there is {}", base::either(known)));
  const Context* found = named(config.contexts, name);
  if (found == nullptr) {
    auto out = base::fail(base::Code::unknownContext, fmt::format("no context '{}' {}", name, where(config)),
                          base::did_you_mean(name, known));
    if (!known.empty()) out.error().expected = base::either(known);
    return out;
  }
  const Cluster* cluster = named(config.clusters, found->cluster);
  if (cluster == nullptr)
    return std::unexpected(
        misses(found->at,
               fmt::format("context '{}' names the cluster '{}', which is not there", name, found->cluster),
               base::did_you_mean(found->cluster, names_of(config.clusters))));
  if (cluster->unusable) return std::unexpected(*cluster->unusable);
  Access out;
  out.context = name;
  out.cluster = *cluster;
  if (!found->user.empty()) {
    const User* user = named(config.users, found->user);
    if (user == nullptr)
      return std::unexpected(misses(
          found->at, fmt::format("context '{}' names the user '{}', who is not there", name, found->user),
          base::did_you_mean(found->user, names_of(config.users))));
    if (user->unusable) return std::unexpected(*user->unusable);
    out.user = *user;
  }
  if (!found->space.empty()) out.space = found->space;
  return out;
}

base::Result<Access> find(const Sources& sources, const std::string& context) {
  auto config = load(sources);
  if (!config) return std::unexpected(config.error());
  if (config->contexts.empty() && context.empty())
    if (auto own = of_pod(sources)) return std::move(*own);
  return select(*config, context);
}

}  // namespace msctl::kubernetes::kubeconfig
