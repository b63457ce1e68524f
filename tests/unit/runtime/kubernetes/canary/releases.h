// Two releases of a small shop, as `scaffolds` renders them: orders needs users, and the gateway has routes
// to orders.
#pragma once

#include <string>

#include "runtime/kubernetes/objects/ref.h"
#include "runtime/release/release.h"

namespace msctl::fakes {

using Json = nlohmann::json;

inline Json labels_of(const std::string& name) {
  return {{kubernetes::names::name, name}, {kubernetes::names::part_of, "shop"}};
}

inline Json object(const char* version, const char* kind, const std::string& name, const std::string& of) {
  Json labels = labels_of(of);
  labels[kubernetes::names::managed_by] = "msctl";
  return {{"apiVersion", version},
          {"kind", kind},
          {"metadata", {{"name", name}, {"namespace", "shop"}, {"labels", std::move(labels)}}}};
}

inline Json peer(const std::string& name) {
  return {{"podSelector", {{"matchLabels", labels_of(name)}}}};
}

inline Json policy(const std::string& name, Json ingress, Json egress) {
  Json out = object("networking.k8s.io/v1", "NetworkPolicy", name, name);
  out["spec"] = {{"podSelector", {{"matchLabels", labels_of(name)}}},
                 {"policyTypes", {"Ingress", "Egress"}},
                 {"ingress", std::move(ingress)},
                 {"egress", std::move(egress)}};
  return out;
}

inline Json deployment(const std::string& name, const std::string& image, int replicas) {
  Json out = object("apps/v1", "Deployment", name, name);
  Json labels = out["metadata"]["labels"];
  out["spec"] = {{"replicas", replicas},
                 {"selector", {{"matchLabels", labels_of(name)}}},
                 {"template",
                  {{"metadata", {{"labels", labels}}},
                   {"spec",
                    {{"serviceAccountName", name},
                     {"topologySpreadConstraints",
                      Json::array({{{"labelSelector", {{"matchLabels", labels_of(name)}}}}})},
                     {"containers", Json::array({{{"name", name}, {"image", image}}})}}}}}};
  return out;
}

inline Json service(const std::string& name) {
  Json out = object("v1", "Service", name, name);
  out["spec"] = {{"selector", labels_of(name)}, {"ports", Json::array({{{"name", "main"}, {"port", 8080}}})}};
  return out;
}

inline Json ports(int port) {
  return Json::array({{{"port", port}}});
}

inline constexpr const char* gateway_file =
    "listeners:\n  - address: \"0.0.0.0:8080\"\n"
    "routes:\n"
    "  - name: orders\n    match:\n      path: /orders/**\n    upstream: orders\n"
    "    rateLimit:\n      quota: 100\n      window: 1m\n      by: address\n"
    "  - name: orders-2\n    match:\n      path: /buy\n      headers:\n        X-Version: \"2\"\n    "
    "upstream: orders\n"
    "upstreams:\n  orders:\n    endpoints: [\"orders:8080\"]\n"
    "accessLog: false\n";

// `version`: of the image of orders. Replicas: those of orders.
inline release::Release shop(const std::string& version, int replicas = 4) {
  release::Release out;
  out.id = 7;
  out.workspace = "shop";
  out.environment = "staging";
  out.services = {"orders", "users"};

  release::Part users{"users", {}, "users:1", {}};
  users.objects = {
      deployment("users", "users:1", 2), service("users"),
      policy("users",
             Json::array({{{"from", Json::array({peer("orders"), peer("old")})}, {"ports", ports(8080)}}}),
             Json::array())};

  release::Part orders{"orders", {"users"}, "orders:" + version, {}};
  Json settings = object("v1", "ConfigMap", "orders-settings-" + version, "orders");
  settings["data"] = {{"VERSION", version}};
  Json scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", "orders", "orders");
  Json account = object("v1", "ServiceAccount", "orders", "orders");
  orders.objects = {
      settings,
      account,
      deployment("orders", "orders:" + version, replicas),
      service("orders"),
      scaler,
      policy("orders", Json::array({{{"from", Json::array({peer("gateway")})}, {"ports", ports(8080)}}}),
             Json::array({{{"to", Json::array({peer("users")})}, {"ports", ports(8080)}}}))};

  release::Part gateway{"gateway", {"orders"}, "msctl:1", {}};
  Json configuration = object("v1", "ConfigMap", "gateway", "gateway");
  configuration["data"] = {{"gateway.yaml", gateway_file}, {"users-keys.yaml", "[]\n"}};
  gateway.objects = {configuration, deployment("gateway", "msctl:1", 2), service("gateway"),
                     policy("gateway", Json::array(),
                            Json::array({{{"to", Json::array({peer("orders")})}, {"ports", ports(8080)}}}))};
  for (Json& each : gateway.objects)
    if (each["kind"] != "ConfigMap") each["metadata"]["labels"][kubernetes::names::component] = "gateway";
  out.parts = {std::move(users), std::move(orders), std::move(gateway)};
  return out;
}

}  // namespace msctl::fakes
