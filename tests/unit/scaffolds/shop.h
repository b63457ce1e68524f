// A workspace as a value, for tests of what is generated from it.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "runtime/base/yaml/node.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"
#include "tests/catch.h"

namespace msctl::tests {

inline workspace::Service own(const std::string& name, const std::string& language) {
  workspace::Service out;
  out.name = name;
  out.relative = "services/" + name;
  out.language = language;
  out.health = {"/health/ready", "/health/live"};
  return out;
}

inline workspace::Service backing(const std::string& name, const std::string& image,
                                  const std::string& scheme) {
  workspace::Service out;
  out.name = name;
  out.relative = "services/" + name;
  out.image = image;
  out.scheme = scheme;
  return out;
}

inline void route(workspace::Service& service) {
  gateway::config::Route route;
  route.name = service.name;
  route.upstream = service.name;
  route.match.path = "/" + service.name + "/**";
  service.routes = {route};
}

// orders needs inventory and redis; inventory scales; orders is reached through the gateway.
inline workspace::Workspace shop() {
  workspace::Workspace out;
  out.name = "shop";
  workspace::Service inventory = own("inventory", "python");
  workspace::Scale scale{2, 6, {}};
  scale.target.cpu = 70;
  scale.target.requests_per_second = 12.5;
  inventory.scale = scale;
  workspace::Service orders = own("orders", "go");
  orders.needs = {"inventory", "redis"};
  orders.secrets = {"PAYMENT_KEY"};
  orders.env["PRICE"] = "$5 {{ each }}";
  route(orders);
  out.services = {inventory, orders, backing("redis", "redis:7", "redis")};
  return out;
}

inline const std::string& content(const generated::Emitted& emitted, const std::string& path) {
  for (const generated::File& file : emitted.files)
    if (file.path == path) return file.content;
  FAIL("no file " << path);
  static const std::string none;
  return none;
}

inline bool has(const generated::Emitted& emitted, const std::string& path) {
  for (const generated::File& file : emitted.files)
    if (file.path == path) return true;
  return false;
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace msctl::tests
