// What Compose and Kubernetes both need to know of the workspace: its services as containers, with the ports,
// addresses and variables that they have there, and the gateway's configuration for that place.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/workspace/types.h"

namespace msctl::scaffolds::containers {

// Where a service of a shipped language listens, and where its callers find it.
inline constexpr int service_port = 8080;
// Nobody on the host, and the same in every image that msctl writes.
inline constexpr int user = 10001;
// From the wish to stop to SIGKILL, in seconds: first the balancers have time to notice, then the service to
// answer what it has.
inline constexpr int balancers_notice = 5;
inline constexpr int grace_period = 25;
inline constexpr int kill_after = 35;

using Variables = std::vector<std::pair<std::string, std::string>>;

struct Container {
  const workspace::Service* service = nullptr;
  std::string name;
  std::string image;  // of own services the name alone, "shop/orders": the tag is somebody else's to say
  bool is_own = false;
  int port = 0;
  std::string address;                // as callers have it: "http://orders:8080"
  Variables addresses;                // of its needs: INVENTORY_URL
  std::vector<std::string> needs;     // those that are containers, too
  std::vector<std::string> callers;   // containers that need it
  std::vector<std::string> outside;   // URLs of needs that run elsewhere
  bool is_routed = false;             // the gateway sends requests to it
  Variables settings;                 // its own `env`, and what every container of ours gets
  std::vector<std::string> secrets;   // names of variables
  std::vector<std::string> writable;  // folders, beside /tmp
  std::vector<std::string> check;     // argv within the image that tells whether it is ready; mostly empty
  std::vector<std::string> arguments;

  bool can_scale() const;
  int least() const;  // replicas
  int most() const;
};

struct Gateway {
  std::string name;  // "gateway", where no service has that name
  int port = 0;
  int admin_port = 9090;    // probes and metrics
  bool local_only = false;  // nothing but the machine itself is to reach it
  std::vector<std::string> upstreams;
};

struct Containers {
  std::string workspace;
  std::vector<Container> all;      // by name, without services that run elsewhere
  std::optional<Gateway> gateway;  // where there are routes

  const Container* find(std::string_view name) const;
};

// A backing service with both an image and a URL: `prefer_urls` tells which of them counts. Errors: noImage.
base::Result<Containers> containers(const workspace::Workspace& workspace, bool prefer_urls = false);

// The gateway's configuration and the files that it names, by file name: gateway.yaml first. All of them
// belong into one folder.
std::vector<std::pair<std::string, std::string>> gateway_files(const workspace::Workspace& workspace,
                                                               const Containers& containers);

// The name under which the image of a service is known: "shop/orders".
std::string image_name(const workspace::Workspace& workspace, const workspace::Service& service);

// The folder that a service's image is built from, relative to the root: its own, or "." where it uses shared
// ones.
std::string build_context(const workspace::Service& service);

struct HostPort {
  std::string host;
  int port = 0;  // 0: none known
};
HostPort host_of(std::string_view url);

}  // namespace msctl::scaffolds::containers
