#include "scaffolds/workspace.h"

#include <fmt/format.h>

#include "runtime/base/names.h"
#include "scaffolds/embedded.h"
#include "scaffolds/service.h"

namespace msctl::scaffolds {
namespace {

constexpr std::string_view msctl_yaml = R"(schema: 1
workspace: {}
services: [services/*]          # each folder with a service.yaml; a new one needs no entry here
)";

constexpr std::string_view gitignore = R"(# State of local runs
/.msctl/

# Secrets
.env
)";

constexpr std::string_view editorconfig = R"(root = true

[*]
charset = utf-8
end_of_line = lf
insert_final_newline = true
trim_trailing_whitespace = true

[*.{yaml,yml,md}]
indent_style = space
indent_size = 2
)";

std::string readme(std::string_view name, const std::vector<std::string>& services) {
  std::string out = fmt::format(R"(# {}

Each folder in `services/` is one service: built, tested and deployed alone.

```sh
msctl check                    # is everything well-formed?
msctl test                     # each service's own tests
msctl run                      # builds and starts all services behind the gateway, on http://127.0.0.1:8080
)",
                                name);
  for (const std::string& service : services)
    out += fmt::format(
        "curl -i http://127.0.0.1:8080/{}/items -H 'Content-Type: application/json' "
        "-d '{{\"name\": \"lamp\", \"quantity\": 3}}'\n",
        service);
  out += R"(```

Another service: `msctl new service NAME --language LANGUAGE`, with `--needs A,B` for the services that it calls.
Secrets and other local settings stand in `.env`, which git ignores.
)";
  return out;
}

void graft(Tree& tree, const std::string& folder, Tree branch) {
  for (auto& [path, file] : branch) tree.emplace(folder + "/" + path, std::move(file));
}

}  // namespace

base::Result<void> check_languages(const std::vector<std::string>& names) {
  const std::vector<std::string> known = language_names();
  for (const std::string& name : names)
    if (find_language(name) == nullptr) {
      auto error = base::fail(base::Code::unknownName, fmt::format("unknown language '{}'", name),
                              base::did_you_mean(name, known));
      error.error().expected = base::either(known);
      return error;
    }
  return {};
}

base::Result<Tree> render_workspace(std::string_view name, const std::vector<std::string>& languages) {
  if (auto known = check_languages(languages); !known) return std::unexpected(std::move(known.error()));
  Tree tree;
  std::vector<std::string> services;
  bool redis = false;
  for (const std::string& language_name : languages) {
    const EmbeddedLanguage& language = *find_language(language_name);
    auto description =
        toolchain::parse_language(std::string(language.name) + "/language.yaml", language.description);
    if (!description) return std::unexpected(std::move(description.error()));
    const std::string service = "hello-" + language_name;
    auto rendered = render_service(language, *description, {service, {}, {}});
    if (!rendered) return std::unexpected(std::move(rendered.error()));
    graft(tree, "services/" + service, std::move(*rendered));
    services.push_back(service);
    redis = redis || description->needs_redis;
  }
  if (redis) graft(tree, "services/redis", redis_service());

  tree["msctl.yaml"].content = fmt::format(msctl_yaml, name);
  tree[".gitignore"].content = gitignore;
  tree[".editorconfig"].content = editorconfig;
  tree["README.md"].content = readme(name, services);
  return tree;
}

}  // namespace msctl::scaffolds
