#include "pipelines/image/registry/credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/base64.h"
#include "runtime/base/file.h"

namespace msctl::image {
namespace {

using Json = nlohmann::json;

// The names under which a registry may stand in a configuration, the usual one first.
std::vector<std::string> names_of(const std::string& registry) {
  if (registry == "docker.io") return {"https://index.docker.io/v1/", "docker.io", "index.docker.io"};
  return {registry,
          "https://" + registry,
          "http://" + registry,
          "https://" + registry + "/",
          "https://" + registry + "/v1/",
          "https://" + registry + "/v2/"};
}

std::string text(const Json& map, const std::string& key) {
  auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<Credential> credential_of(const Json& entry) {
  if (!entry.is_object()) return std::nullopt;
  Credential out{text(entry, "username"), text(entry, "password"), text(entry, "identitytoken")};
  if (auto both = base::from_base64(text(entry, "auth")); both && !both->empty()) {
    const std::size_t colon = both->find(':');
    if (colon != std::string::npos) {
      out.user = both->substr(0, colon);
      out.password = both->substr(colon + 1);
      while (!out.password.empty() && out.password.back() == '\0') out.password.pop_back();
    }
  }
  if (out.user.empty() && out.identity_token.empty()) return std::nullopt;
  return out;
}

}  // namespace

Credentials::Credentials(Variable variable, system::Processes& processes)
    : variable_(std::move(variable)), processes_(processes) {}

base::Result<std::optional<Credential>> Credentials::ask(const std::string& helper,
                                                         const std::string& server) {
  const std::string program = "docker-credential-" + helper;
  const auto failed = [&](std::string why) {
    return base::fail(base::Code::credentialHelper, fmt::format("{}: {}", program, why));
  };
  if (helper.find('/') != std::string::npos) return failed("its name is a path");
  if (system::find_program(program).empty()) return failed("it is not on PATH");
  system::Command command;
  command.argv = {"sh", "-c", R"(printf '%s\n' "$1" | "$2" get)", "sh", server, program};
  command.timeout = std::chrono::seconds(30);
  auto finished = processes_.run(command);
  if (!finished) return failed(finished.error().message);
  if (!finished->ok()) {
    // The protocol has no status for "I know none": this text is it.
    if (finished->output.find("credentials not found") != std::string::npos) return std::nullopt;
    return failed(finished->output.substr(0, 200));
  }
  const std::string& output = finished->output;
  const Json answer = Json::parse(output.substr(std::min(output.find('{'), output.size())), nullptr, false);
  if (!answer.is_object()) return failed("its answer is no JSON object");
  Credential out{text(answer, "Username"), text(answer, "Secret"), {}};
  if (out.user == "<token>") {
    out.identity_token = std::move(out.password);
    out.user.clear();
    out.password.clear();
  }
  if (out.user.empty() && out.identity_token.empty()) return std::nullopt;
  return out;
}

base::Result<std::optional<Credential>> Credentials::find_in(const std::string& file,
                                                             const std::string& registry) {
  auto bytes = base::read_file(file);
  if (!bytes) return std::nullopt;
  const Json config = Json::parse(*bytes, nullptr, false);
  if (!config.is_object()) return std::nullopt;
  const std::vector<std::string> names = names_of(registry);
  if (auto helpers = config.find("credHelpers"); helpers != config.end() && helpers->is_object())
    for (const std::string& name : names)
      if (const std::string helper = text(*helpers, name); !helper.empty()) return ask(helper, name);
  if (auto all = config.find("auths"); all != config.end() && all->is_object())
    for (const std::string& name : names)
      if (auto entry = all->find(name); entry != all->end())
        if (auto found = credential_of(*entry)) return found;
  if (const std::string helper = text(config, "credsStore"); !helper.empty()) return ask(helper, names[0]);
  return std::nullopt;
}

base::Result<std::optional<Credential>> Credentials::find(const std::string& registry) {
  std::vector<std::string> files;
  const auto add = [&](const char* name, std::string_view below) {
    if (auto value = variable_(name); value && !value->empty()) files.push_back(*value + std::string(below));
  };
  add("REGISTRY_AUTH_FILE", "");
  add("DOCKER_CONFIG", "/config.json");
  add("XDG_RUNTIME_DIR", "/containers/auth.json");
  add("XDG_CONFIG_HOME", "/containers/auth.json");
  add("HOME", "/.config/containers/auth.json");
  add("HOME", "/.docker/config.json");
  for (const std::string& file : files) {
    auto found = find_in(file, registry);
    if (!found || *found) return found;
  }
  return std::nullopt;
}

}  // namespace msctl::image
