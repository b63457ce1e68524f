#include "runtime/kubernetes/kubeconfig/plugin.h"

#include <fmt/format.h>

#include "runtime/base/base64.h"

namespace msctl::kubernetes::kubeconfig {
namespace {

using Json = nlohmann::json;

// A person may have to find a phone, or to log in with a browser.
constexpr auto longest_with_person = std::chrono::minutes{10};
constexpr auto longest_alone = std::chrono::minutes{1};

std::unexpected<base::Error> failed(const Exec& exec, const std::string& why) {
  return base::fail(base::Code::credentialPlugin, fmt::format("{}: {}", exec.command, why),
                    exec.install_hint);
}

std::string text(const Json& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Json exec_info(const Exec& exec, const Cluster& cluster, const std::string& authorities, bool interactive) {
  Json out{
      {"apiVersion", exec.api_version}, {"kind", "ExecCredential"}, {"spec", {{"interactive", interactive}}}};
  if (!exec.cluster_info) return out;
  Json about{{"server", cluster.server}};
  if (!cluster.server_name.empty()) about["tls-server-name"] = cluster.server_name;
  if (cluster.insecure) about["insecure-skip-tls-verify"] = true;
  if (!authorities.empty()) about["certificate-authority-data"] = base::to_base64(authorities);
  if (!cluster.exec_config.is_null()) about["config"] = cluster.exec_config;
  out["spec"]["cluster"] = std::move(about);
  return out;
}

}  // namespace

base::Result<Told> read_exec_credential(const Exec& exec, const std::string& output) {
  const Json answer = Json::parse(output, nullptr, false);
  if (!answer.is_object() || text(answer, "kind") != "ExecCredential")
    return failed(exec, "what it prints is no ExecCredential");
  if (text(answer, "apiVersion") != exec.api_version)
    return failed(exec, fmt::format("it answers in another version than {}", exec.api_version));
  const auto status = answer.find("status");
  if (status == answer.end() || !status->is_object()) return failed(exec, "it answers without a 'status'");
  Told out{
      text(*status, "token"), text(*status, "clientCertificateData"), text(*status, "clientKeyData"), {}};
  if (out.token.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return failed(exec, "its token has a line break in it");
  if (out.certificate.empty() != out.key.empty())
    return failed(exec, "it tells a certificate without its key, or a key without its certificate");
  if (out.token.empty() && out.certificate.empty())
    return failed(exec, "it tells neither token nor certificate");
  if (const std::string until = text(*status, "expirationTimestamp"); !until.empty()) {
    out.until = base::parse_rfc3339(until);
    if (!out.until) return failed(exec, "its 'expirationTimestamp' is no time");
  }
  return out;
}

base::Result<Told> ask_plugin(const Exec& exec, const Cluster& cluster, const std::string& authorities,
                              const Outside& outside) {
  if (exec.interactive == Exec::Interactive::always && !outside.terminal)
    return failed(exec, "it must ask a person, and there is no terminal");
  const bool interactive = outside.terminal && exec.interactive != Exec::Interactive::never;
  system::Command command;
  command.argv.push_back(exec.command);
  command.argv.insert(command.argv.end(), exec.arguments.begin(), exec.arguments.end());
  command.env = exec.environment;
  command.env["KUBERNETES_EXEC_INFO"] = exec_info(exec, cluster, authorities, interactive).dump();
  command.timeout = interactive ? longest_with_person : longest_alone;
  command.output_limit = std::size_t{1} << 20;
  command.inherit_errors = true;
  command.terminal = interactive;
  command.cancel = outside.cancel;
  auto finished = outside.processes.run(command);
  if (!finished) return failed(exec, finished.error().message);
  if (finished->cancelled) return base::fail(base::Code::interrupted, "interrupted");
  if (finished->timed_out) return failed(exec, "it has not answered in time");
  if (!finished->ok()) return failed(exec, fmt::format("it ended with exit status {}", finished->status));
  return read_exec_credential(exec, finished->output);
}

}  // namespace msctl::kubernetes::kubeconfig
