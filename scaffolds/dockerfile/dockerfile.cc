#include "scaffolds/dockerfile/dockerfile.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/toolchain/commands.h"
#include "runtime/workspace/to_gateway.h"
#include "scaffolds/containers/containers.h"
#include "scaffolds/containers/text.h"
#include "scaffolds/dockerfile/lines.h"
#include "scaffolds/embedded.h"

namespace msctl::scaffolds::dockerfile {
namespace {

using workspace::Service;

constexpr std::string_view plain_base = "debian:12.12-slim";

constexpr std::string_view gateway =
    R"file(# docker build --tag msctl:VERSION --file deploy/gateway/Dockerfile "$(dirname "$(command -v msctl)")"
FROM debian:12.12-slim
COPY --chmod=0755 msctl /usr/local/bin/
EXPOSE 8080
USER 10001:10001
ENTRYPOINT ["msctl"]
CMD ["gateway", "run", "--config", "/etc/msctl/gateway.yaml"]
)file";

// In a container nothing chooses the port, and only the machine's own programs would reach 127.0.0.1.
std::string in_container(std::string_view word) {
  std::string out(word);
  for (const std::string_view port : {"${PORT}", "$PORT"})
    for (std::size_t at = out.find(port); at != std::string::npos; at = out.find(port, at))
      out.replace(at, port.size(), std::to_string(containers::service_port));
  for (const std::string_view host : {"127.0.0.1", "localhost"}) {
    const std::size_t at = out.find(host);
    if (at == std::string::npos) continue;
    const std::size_t end = at + host.size();
    // A word that is an address to listen on, never one within a URL.
    const bool whole = at == 0 || out[at - 1] == '=';
    if (whole && (end == out.size() || out[end] == ':')) out.replace(at, host.size(), "0.0.0.0");
  }
  return out;
}

std::vector<std::string> in_container(const std::vector<std::string>& argv) {
  std::vector<std::string> out;
  for (const std::string& word : argv) out.push_back(in_container(word));
  return out;
}

// The folder of the container's root that stands for the service's own.
std::string inner_folder(const Service& service) {
  return containers::build_context(service) == "." ? "/app/" + service.relative : "/app";
}

// What is copied from where the image is built.
std::string copies(const Service& service) {
  if (containers::build_context(service) != ".") return "COPY . .\n";
  std::string out;
  for (const std::string& folder : service.uses) out += fmt::format("COPY {0} /app/{0}/\n", folder);
  return out + fmt::format("COPY {} ./\n", service.relative);
}

// With the service's own commands, on the bases of its language.
std::string with_commands(const Service& service, const toolchain::Commands& commands, const Bases& bases) {
  const std::string folder = inner_folder(service);
  std::string out = fmt::format("FROM {} AS build\nWORKDIR {}\n", bases.build, folder);
  out += copies(service);
  for (const std::vector<std::string>& step : commands.build) out += "RUN " + exec_form(step) + "\n";
  out += fmt::format("\nFROM {}\nWORKDIR {}\n",
                     bases.last == "scratch" ? std::string(plain_base) : bases.last, folder);
  out += "COPY --from=build /app /app/\n";
  out += fmt::format("ENV HOST=0.0.0.0 PORT={0}\nEXPOSE {0}\nUSER {1}:{1}\n", containers::service_port,
                     containers::user);
  return out + "CMD " + exec_form(in_container(commands.run)) + "\n";
}

std::string without_artefacts(const Service& service, const toolchain::Language* language) {
  const bool from_root = containers::build_context(service) == ".";
  const std::string prefix = from_root ? service.relative + "/" : "";
  std::string out;
  if (from_root) {
    out += "*\n";
    for (const std::string& folder : service.uses) out += fmt::format("!{}\n", folder);
    out += fmt::format("!{}\n", service.relative);
  }
  out += fmt::format("**/.git\n**/.env\n{}*.md\n", prefix);
  if (language != nullptr)
    for (const std::string& artefact : language->artefacts)
      out += artefact.starts_with('.') || artefact.starts_with("__") ? fmt::format("**/{}\n", artefact)
                                                                     : prefix + artefact + "\n";
  return out;
}

bool has_own_commands(const Service& service) {
  return !service.commands.build.empty() || !service.commands.run.empty();
}

}  // namespace

std::string for_service(const Service& service, std::string_view dockerfile) {
  if (containers::build_context(service) != ".") return std::string(dockerfile);
  return from_root(dockerfile, service.relative, service.uses);
}

base::Result<generated::Emitted> emit(const workspace::Workspace& workspace) {
  auto languages = toolchains(workspace.languages());
  if (!languages) return std::unexpected(std::move(languages.error()));
  generated::Emitted out;
  if (!workspace::to_gateway(workspace).routes.empty())
    out.files.push_back({"deploy/gateway/Dockerfile", containers::with_header(gateway), false, {}});
  for (const Service& service : workspace.services) {
    if (service.is_backing()) continue;
    const EmbeddedLanguage* language = find_language(service.language);
    if (language == nullptr || language->dockerfile.empty()) {
      out.notes.push_back(
          {service.name,
           fmt::format(
               "{0}: language {1}, so nobody knows what its image needs: write {2}/Dockerfile yourself",
               service.name, service.language, service.relative),
           true});
      continue;
    }
    const toolchain::Language* description = languages->find(service.language);
    const bool own = has_own_commands(service);
    const std::string content = own ? with_commands(service, toolchain::commands_for(service, *languages),
                                                    bases_of(language->dockerfile))
                                    : for_service(service, language->dockerfile);
    const std::string path = service.relative + "/Dockerfile";
    out.files.push_back({path, containers::with_header(content), false, service.name});
    // The template's own .dockerignore fits only what is built from the service's folder, as its language has
    // it.
    if (own || containers::build_context(service) == ".")
      out.files.push_back({path + ".dockerignore",
                           containers::with_header(without_artefacts(service, description)), false,
                           service.name});
  }
  return out;
}

}  // namespace msctl::scaffolds::dockerfile
