// kubeconfig files: which clusters there are, and as whom they are asked. Read as kubectl reads them
// (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/): of several files
// the first that has an entry of a name, or a current context, wins, with the whole of it; relative paths are
// relative to the file that states them; "~" means nothing.
//
// Errors tell file, line and column, and never show the line: it may hold a key.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/system/files.h"

namespace msctl::kubernetes::kubeconfig {

struct Cluster {
  std::string name;
  std::string server;                   // "https://127.0.0.1:6443", perhaps with a path
  std::string authority_file;           // absolute, as all paths here
  std::string authority_data;           // PEM; goes before the file
  std::string server_name;              // that its certificate must have, instead of the host
  bool insecure = false;                // its certificate is not looked at
  nlohmann::json exec_config;           // what an exec plugin gets; null: nothing
  std::optional<base::Error> unusable;  // told when it is to be used
  base::Location at;
};

// A program that tells a token or a certificate
// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
struct Exec {
  enum class Interactive : std::uint8_t { never, if_available, always };
  std::string api_version;
  std::string command;  // looked for on PATH unless it has a '/'
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string install_hint;
  bool cluster_info = false;
  Interactive interactive = Interactive::if_available;
};

struct User {
  std::string name;
  std::string certificate_file, certificate_data;  // data goes before the file
  std::string key_file, key_data;
  std::string token, token_file;  // the file goes before the token
  std::string user, password;
  std::optional<Exec> exec;
  // Asks as somebody else, where that is allowed.
  std::string as, as_uid;
  std::vector<std::string> as_groups;
  std::map<std::string, std::vector<std::string>> as_extra;
  std::optional<base::Error> unusable;  // told when it is to be used
  base::Location at;
};

struct Context {
  std::string name, cluster, user;
  std::string space;  // the namespace; empty: "default"
  base::Location at;
};

struct Kubeconfig {
  std::vector<Cluster> clusters;
  std::vector<User> users;
  std::vector<Context> contexts;
  std::string current;               // empty: none is stated
  std::vector<std::string> files;    // that were read
  std::vector<std::string> missing;  // that were looked for, and are not there
};

// One cluster, and as whom it is asked.
struct Access {
  std::string context;  // "in-cluster" for the service account of the pod that msctl runs in
  Cluster cluster;
  User user;
  std::string space = "default";
};

// Holds the text of a kubeconfig, which goes before all files: in a pipeline a credential comes in a
// variable, and then need not be written to a disk. Paths in it are relative to the working folder.
inline constexpr const char* text_variable = "MSCTL_KUBECONFIG";

struct Sources {
  std::function<std::optional<std::string>(const std::string&)> variable;
  const system::Files& files;
  std::string folder;  // relative paths of KUBECONFIG and of `explicit_file` are relative to this one
  std::string explicit_file = {};  // this one alone, and it must exist; empty: KUBECONFIG, or ~/.kube/config
};

// The files as one, or the text in `text_variable` alone. A file of KUBECONFIG that is not there is passed
// over. Errors: badKubeconfig.
base::Result<Kubeconfig> load(const Sources& sources);

// One file; `file` is its absolute path. Errors: badKubeconfig.
base::Result<Kubeconfig> parse(const std::string& file, const std::string& text);

// The context of this name; empty: the current one. Errors: unknownContext, noKubeconfig, badKubeconfig.
base::Result<Access> select(const Kubeconfig& config, const std::string& context);

// load and select. Without any context and any file, the service account of the pod that msctl runs in.
base::Result<Access> find(const Sources& sources, const std::string& context);

}  // namespace msctl::kubernetes::kubeconfig
