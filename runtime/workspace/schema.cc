#include "runtime/workspace/schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gateway/config/schema.h"
#include "runtime/workspace/jobs.h"
#include "runtime/workspace/recipe.h"
#include "runtime/workspace/secret_source.h"

namespace msctl::workspace {
namespace {

using schema::Field;
using schema::Kind;
using schema::TypePtr;

TypePtr argv(std::string example) {
  return schema::list(schema::text(std::move(example)));
}

TypePtr scaling_rules() {
  return schema::object({
      {"stabilizationWindowSeconds", schema::integer(0, 3600),
       "Past recommendations that are considered, in seconds."},
      {"selectPolicy", schema::choice({"Max", "Min", "Disabled"}), "Which policy decides.", false, "Max"},
      {"policies",
       schema::list(schema::object({
           {"type", schema::choice({"Pods", "Percent"}), "What is counted.", true},
           {"value", schema::integer(1, 1'000'000), "How much may change.", true},
           {"periodSeconds", schema::integer(1, 1800), "In which time.", true},
       })),
       "Bounds on the speed of scaling."},
  });
}

TypePtr scale() {
  return schema::object({
      {"min", schema::integer(0, 10'000), "The fewest replicas; 0 lets an idle service stop.", false, "1"},
      {"max", schema::integer(1, 10'000), "The most replicas.", true},
      {"target",
       schema::object({
           {"cpu", schema::scalar(Kind::percentage), "Of the processor request, on average."},
           {"memory", schema::scalar(Kind::percentage), "Of the memory request, on average."},
           {"requestsPerSecond", schema::integer(1, 1'000'000), "A replica, as the gateway counts them."},
           {"concurrency", schema::integer(1, 1'000'000),
            "Requests under way a replica, as the gateway counts them."},
           {"latencyP95", schema::scalar(Kind::duration), "As the gateway measures it."},
       }),
       "What is held steady. With several, the one that wants most replicas decides."},
      {"behavior",
       schema::object({{"scaleUp", scaling_rules(), "How fast replicas are added."},
                       {"scaleDown", scaling_rules(), "How fast replicas are removed."}}),
       "As in Kubernetes' HorizontalPodAutoscaler (autoscaling/v2)."},
  });
}

std::string title_of(const std::string& name) {
  if (name == "msctl") return "msctl.yaml";
  if (name == "service") return "service.yaml";
  if (name == "gateway") return "a gateway's configuration file";
  if (name == "template") return "template.yaml";
  return "a file of API keys";
}

TypePtr type_of(const std::string& name, const std::vector<std::string>& languages) {
  if (name == "msctl") return workspace_schema();
  if (name == "service") return service_schema(languages);
  if (name == "gateway") return gateway::config::gateway_file_schema();
  if (name == "template") return template_schema(languages);
  return gateway::config::key_file_schema();
}

}  // namespace

schema::TypePtr workspace_schema() {
  static const TypePtr type = schema::object({
      {"schema", schema::integer(1, 1), "The version of this format.", false, "1"},
      {"workspace", schema::scalar(Kind::label), "The workspace's name.", true},
      {"services", schema::list(schema::text("services/*")),
       "Folders that hold a service.yaml; '*' stands for any name.", true},
      {"gateway", gateway::config::gateway_schema(), "The single way in."},
      {"environments",
       schema::map(schema::object({
           {"kubernetes",
            schema::object({
                {"context", schema::text("staging"), "The context of the kubeconfig.", true},
                {"namespace", schema::scalar(Kind::label), "The namespace.", false, "the workspace's name"},
            }),
            "The cluster."},
           {"registry", schema::text("registry.example/shop"), "Where images are pushed."},
           {"approval", schema::scalar(Kind::boolean),
            "Pipelines deploy to it only when a person has said yes.", false, "false"},
           {"secrets", secret_source_type(), "Where the values of services' secrets come from.", false,
            "cluster"},
       })),
       "Where the workspace can be deployed, by name."},
      {"pipelines",
       schema::object({
           {"systems",
            schema::list(schema::choice({"github", "gitlab", "azure", "circleci", "bitbucket", "buildkite",
                                         "woodpecker", "jenkins"})),
            "The systems that pipelines are generated for."},
           {"trunk", schema::text("main"), "The branch that is released from.", false, "main"},
           {"timeout", schema::scalar(Kind::duration, "30m"), "After which a job is ended.", false, "30m"},
           {"msctl",
            schema::object({
                {"archive", schema::text("https://files.example/msctl-1.0.0-linux-amd64.tar.gz"),
                 "A URL of an archive with bin/msctl below one folder.", true},
                {"sha256", schema::text(), "The archive's SHA-256, in hexadecimal.", true},
            }),
            "Where jobs get msctl. Without it they use the one that is on PATH, or what the variables "
            "MSCTL_ARCHIVE and MSCTL_SHA256 of the system say."},
           {"image", schema::text("registry.example/ci@sha256:…"),
            "The image that jobs run in, where a system runs them in containers: Debian, or with apt-get and "
            "all they need.",
            false, "Debian 13, pinned"},
           {"packages", schema::list(schema::text("protobuf-compiler")),
            "Debian packages that the jobs need besides their toolchains."},
           {"cache",
            schema::object({
                {"url", schema::text("https://cache.example/msctl"),
                 "An HTTP server where results are shared: GET and PUT of URL/KEY, with the token in "
                 "MSCTL_CACHE_TOKEN."},
                {"size", schema::scalar(Kind::size, "1GiB"),
                 "How many bytes of results are kept on this machine, of all workspaces.", false, "1GiB"},
            }),
            "Where results of tests and linters are kept (`docs/cache.md`)."},
           {"images",
            schema::object({
                {"bases", schema::map(schema::text("debian:12-slim")),
                 "What images stand on, by language or by the name of a service: a reference, "
                 "oci:FOLDER:NAME, or scratch."},
            }),
            "How images are built (`docs/images.md`)."},
       }),
       "Continuous integration."},
  });
  return type;
}

schema::TypePtr service_schema(const std::vector<std::string>& languages) {
  std::vector<std::string> all = languages;
  all.push_back("none");
  return schema::object({
      {"service", schema::scalar(Kind::label), "The service's name: one business capability.", true},
      {"language", schema::choice(std::move(all)),
       "What it is written in; 'none' for commands of its own. Absent: a backing service."},
      {"needs", schema::list(schema::scalar(Kind::label)),
       "Services that it calls; each is given as <NEED>_URL."},
      {"build", argv("make"), "How it is built.", false, "the language's"},
      {"test", argv("make"), "How it is tested.", false, "the language's"},
      {"lint", argv("make"), "How it is linted.", false, "the language's"},
      {"integration", argv("./integration-test"),
       "Tests of the running service, which find it behind GATEWAY_URL.", false, "the language's"},
      {"run", argv("./orders"), "How it is run. It listens on $PORT.", false, "the language's"},
      {"env", schema::map(schema::text()), "Environment variables."},
      {"secrets", schema::list(schema::text("PAYMENT_KEY")),
       "Names of environment variables whose values come from the environment, never from this file."},
      {"variables", schema::list(schema::text("DATABASE_URL")),
       "Environment variables that its build, tests and linters see besides those of its language, and that "
       "their results depend on: NAME or PREFIX*."},
      {"uses", schema::list(schema::text("libs/money")),
       "Shared folders, from the workspace's root, that change what this service is."},
      {"health",
       schema::object({
           {"ready", schema::text("/health/ready"), "A path that answers 2xx or 3xx when requests may come.",
            false, "/health/ready; a TCP connect for language none and backing services"},
           {"live", schema::text("/health/live"),
            "A path that answers 2xx or 3xx as long as the process is of use.", false,
            "/health/live; a TCP connect for language none and backing services"},
       }),
       "How the service's health is asked."},
      {"resources",
       schema::object({
           {"cpu", schema::scalar(Kind::cpu), "The processor request."},
           {"memory", schema::scalar(Kind::memory), "The memory request and limit."},
       }),
       "What a replica may use."},
      {"replicas", schema::integer(0, 10'000), "How many copies run.", false, "1"},
      {"scale", scale(), "Between how many copies, instead of replicas."},
      {"jobs", jobs_type(),
       "What runs once around each deploy, in the service's image and with its settings "
       "(`docs/deploy.md`)."},
      {"routes", schema::list(gateway::config::service_route_schema()),
       "How requests reach it through the gateway."},
      {"scheme", schema::text("redis"), "The scheme of the URL that callers are given.", false, "http"},
      {"command", argv("redis-server"), "A backing service's program; $PORT is replaced."},
      {"image", schema::one_of({schema::text("redis:7"), service_recipe_type()}),
       "A backing service's image, run by podman or docker; of a service with a language, what is in the "
       "image "
       "that `msctl build` makes of it, instead of what its language says (`docs/images.md`)."},
      {"imagePort", schema::integer(1, 65535), "The port on which the image's program listens."},
      {"url", schema::one_of({schema::text("redis://cache.example:6379"), schema::map(schema::text())}),
       "A backing service that runs elsewhere: its URL, or one for each environment."},
  });
}

std::vector<std::string> schema_names() {
  return {"msctl", "service", "gateway", "keys", "template"};
}

nlohmann::ordered_json json_schema(const std::string& name, const std::vector<std::string>& languages) {
  nlohmann::ordered_json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                             {"$id", fmt::format("https://msctl.dev/schema/1/{}.json", name)},
                             {"title", title_of(name)}};
  out.update(schema::to_json_schema(*type_of(name, languages)));
  return out;
}

std::string reference(const std::vector<std::string>& languages) {
  std::string out =
      "# Reference: the files\n\nGenerated from the description that also validates them: see `msctl "
      "schema`.\n";
  for (const std::string& name : schema_names())
    out += fmt::format("\n## {}\n\n{}", title_of(name), schema::to_markdown(*type_of(name, languages)));
  return out;
}

}  // namespace msctl::workspace
