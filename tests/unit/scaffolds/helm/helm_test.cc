#include "scaffolds/helm/helm.h"

#include "scaffolds/helm/template.h"
#include "tests/unit/scaffolds/shop.h"

using namespace msctl;
using namespace msctl::tests;
using scaffolds::helm::Template;

TEST_CASE("expressions stand in the text, and what only looks like one is literal") {
  Template file;
  nlohmann::ordered_json object{{"image", file.value(".Values.image | quote")}, {"note", "{{ not one }}"}};
  object["labels"] = {{"managed", file.value(".Release.Service")}};
  object["resources"] = file.block("toYaml .Values.resources", 2);
  file.add(object);
  CHECK(holds(file.write(),
              "---\n"
              "image: {{ .Values.image | quote }}\n"
              "note: \"{{ \"{{\" }} not one }}\"\n"
              "labels:\n"
              "  managed: {{ .Release.Service }}\n"
              "resources:{{- toYaml .Values.resources | nindent 2 }}\n"));
}

TEST_CASE("what differs between installations is in values.yaml") {
  workspace::Workspace workspace = shop();
  workspace.environments = {{"staging", "", "", "registry.example/shop"}};
  auto emitted = scaffolds::helm::emit(workspace, {{"staging", &workspace}}, "msctl:1");
  REQUIRE(emitted);
  const std::string& values = content(*emitted, "deploy/helm/shop/values.yaml");
  CHECK(holds(values, "  orders:\n    image: shop/orders:unreleased\n    replicas: 1\n"));
  CHECK(
      holds(values,
            "  inventory:\n    image: shop/inventory:unreleased\n    minReplicas: 2\n    maxReplicas: 6\n"));
  CHECK(holds(values, "PORT: \"8080\""));
  const std::string& orders = content(*emitted, "deploy/helm/shop/templates/orders.yaml");
  CHECK(holds(orders, "replicas: {{ (index .Values.services \"orders\").replicas }}\n"));
  CHECK(holds(orders, "app.kubernetes.io/managed-by: {{ .Release.Service }}\n"));
  CHECK_FALSE(holds(orders, "managed-by: msctl"));
  const std::string& inventory = content(*emitted, "deploy/helm/shop/templates/inventory.yaml");
  CHECK_FALSE(holds(inventory, "\n  replicas:"));
  CHECK(holds(content(*emitted, "deploy/helm/shop/values-staging.yaml"),
              "image: registry.example/shop/orders:unreleased"));
}

TEST_CASE("what runs elsewhere in an environment is not installed there") {
  workspace::Workspace workspace = shop();
  workspace.environments = {{"staging", "", "", ""}};
  workspace::Workspace staging = workspace;
  staging.services.back().url = "redis://redis.example:6380";
  auto emitted = scaffolds::helm::emit(workspace, {{"staging", &staging}}, "msctl:1");
  REQUIRE(emitted);
  const std::string& values = content(*emitted, "deploy/helm/shop/values.yaml");
  CHECK(holds(values, "  redis:\n    enabled: true\n"));
  CHECK(holds(values, "    egress:\n"));
  CHECK_FALSE(holds(values, "  inventory:\n    enabled"));
  const std::string& there = content(*emitted, "deploy/helm/shop/values-staging.yaml");
  CHECK(holds(there, "  redis:\n    enabled: false\n"));
  CHECK(holds(there, "REDIS_URL: redis://redis.example:6380\n"));
  CHECK(holds(there, "port: 6380\n"));
  CHECK(holds(content(*emitted, "deploy/helm/shop/templates/orders.yaml"),
              "  egress:{{- toYaml (index .Values.services \"orders\").egress | nindent 4 }}\n"));
  const std::string& redis = content(*emitted, "deploy/helm/shop/templates/redis.yaml");
  CHECK(holds(redis, "{{- if (index .Values.services \"redis\").enabled }}\n---\n"));
  CHECK_FALSE(holds(content(*emitted, "deploy/helm/shop/templates/inventory.yaml"), "{{- if"));
}

TEST_CASE("jobs are hooks, with all that they need before anything else is there") {
  workspace::Workspace workspace = shop();
  for (workspace::Service& service : workspace.services)
    if (service.name == "orders")
      service.jobs = {{"migrate", {"./orders", "migrate"}, workspace::Job::When::before},
                      {"smoke", {"./orders", "smoke"}, workspace::Job::When::after}};
  auto emitted = scaffolds::helm::emit(workspace, {}, "msctl:1");
  REQUIRE(emitted);
  const std::string& orders = content(*emitted, "deploy/helm/shop/templates/orders.yaml");
  CHECK(holds(orders, "  name: orders-migrate\n"));
  CHECK(holds(orders,
              "    helm.sh/hook: pre-install,pre-upgrade\n    helm.sh/hook-weight: \"0\"\n"
              "    helm.sh/hook-delete-policy: before-hook-creation\n"));
  CHECK(holds(orders, "    helm.sh/hook: post-install,post-upgrade\n    helm.sh/hook-weight: \"1\"\n"));
  CHECK(holds(orders, "serviceAccountName: orders.jobs\n"));
  CHECK(holds(orders, "kind: ConfigMap\nmetadata:\n  name: orders.jobs\n"));
  CHECK(holds(orders, "          image: {{ (index .Values.services \"orders\").image | quote }}\n"));
  CHECK_FALSE(holds(orders, "msctl.dev/when"));

  // An environment in which a need runs elsewhere: the jobs go there, too, and still to the service.
  workspace.environments = {{"staging", "", "", ""}};
  workspace::Workspace staging = workspace;
  staging.services.back().url = "redis://redis.example:6380";
  emitted = scaffolds::helm::emit(workspace, {{"staging", &staging}}, "msctl:1");
  REQUIRE(emitted);
  CHECK(holds(
      content(*emitted, "deploy/helm/shop/templates/orders.yaml"),
      "  egress:{{- toYaml (concat (index .Values.services \"orders\").egress (fromYamlArray `[{\"to\":[{"
      "\"podSelector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"orders\","));
}
