#include "runtime/toolchain/pipeline.h"

#include "runtime/toolchain/values.h"

namespace msctl::toolchain {
namespace {

schema::Field optional(std::string name, schema::TypePtr type, std::string doc) {
  return {std::move(name), std::move(type), std::move(doc), false, {}};
}

std::map<std::string, std::string> texts_of(const yaml::Node& map, std::string_view key) {
  std::map<std::string, std::string> out;
  if (const yaml::Node* inner = map.find(key))
    for (const yaml::Node::Entry& entry : inner->entries) out[entry.key.scalar] = entry.value.scalar;
  return out;
}

schema::TypePtr cache_type() {
  return schema::object({
      {"name", schema::scalar(schema::Kind::label, "go-modules"), "What is kept.", true, {}},
      {"variables", schema::map(schema::text()), "Lead the tools to {folder}.", true, {}},
      {"keys",
       schema::list(schema::text("go.sum")),
       "Files of the service that say what is fetched.",
       true,
       {}},
  });
}

schema::TypePtr github_type() {
  return schema::object({
      optional("uses", schema::text("actions/setup-go"),
               "The action that brings the toolchain and keeps its caches."),
      optional("with", schema::map(schema::text()),
               "The action's inputs; {service} is the service's folder."),
      optional("run", schema::text("rustup toolchain install 1.85"), "A command that brings the toolchain."),
      optional("ubuntu", schema::list(schema::text()), "Packages that GitHub's runner lacks."),
      optional("paths", schema::list(schema::text("~/.cargo/registry")),
               "Folders that are kept from one run to the next, where no action does it."),
  });
}

}  // namespace

const schema::TypePtr& pipeline_type() {
  static const schema::TypePtr type = schema::object({
      optional("debian", schema::list(schema::text("golang-go")), "The toolchain's packages in Debian 13."),
      optional("caches", schema::list(cache_type()), "Folders that are kept from one pipeline to the next."),
      optional("github", github_type(), "How the toolchain gets onto a runner of GitHub."),
  });
  return type;
}

PipelineSetup pipeline_of(const yaml::Node& section) {
  PipelineSetup out;
  out.debian = strings_of(section, "debian");
  if (const yaml::Node* caches = section.find("caches"))
    for (const yaml::Node& cache : caches->items)
      out.caches.push_back({text_of(cache, "name"), texts_of(cache, "variables"), strings_of(cache, "keys")});
  if (const yaml::Node* github = section.find("github"))
    out.github = {text_of(*github, "uses"), texts_of(*github, "with"), text_of(*github, "run"),
                  strings_of(*github, "ubuntu"), strings_of(*github, "paths")};
  return out;
}

}  // namespace msctl::toolchain
