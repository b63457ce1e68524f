#include "runtime/kubernetes/kubeconfig/kubeconfig.h"

#include "runtime/base/base64.h"
#include "tests/catch.h"
#include "tests/fakes/files.h"

using namespace msctl;
using namespace msctl::kubernetes;
using base::Code;

namespace {

struct Home {
  fakes::FakeFiles files;
  std::map<std::string, std::string> variables{{"HOME", "/home/ann"}};

  kubeconfig::Sources sources() const {
    return {[this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              if (found == variables.end()) return std::nullopt;
              return found->second;
            },
            files, "/project"};
  }
  base::Result<kubeconfig::Access> find(const std::string& context = {}) const {
    return kubeconfig::find(sources(), context);
  }
};

std::string config(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
         "clusters:\n- name: a\n  cluster: {" +
         cluster + "}\nusers:\n- name: a\n  user: {" + user +
         "}\ncontexts:\n- name: a\n  context: {cluster: a, user: a, namespace: shop}\n";
}

}  // namespace

TEST_CASE_METHOD(Home, "of several files the first that has an entry wins, whole") {
  variables["KUBECONFIG"] = "/one:none:sub/two";
  files.files["/one"] =
      "current-context: b\n"
      "users: [{name: ann, user: {username: ann}}]\n"
      "contexts: [{name: a, context: {cluster: far, user: ann}}]\n";
  files.files["/project/sub/two"] =
      "current-context: a\n"
      "clusters: [{name: far, cluster: {server: 'https://far:6443', certificate-authority: ca.crt}}]\n"
      "users: [{name: ann, user: {token: secret, tokenFile: ../t}}]\n"
      "contexts: [{name: b, context: {cluster: far, user: ann, namespace: two}}, {name: a, context: "
      "{cluster: no}}]\n";
  const auto current = find();
  REQUIRE(current);
  CHECK(current->context == "b");
  CHECK(current->space == "two");
  CHECK(current->cluster.authority_file == "/project/sub/ca.crt");
  CHECK(current->user.user == "ann");
  CHECK(current->user.token.empty());  // the second file's user of that name does not count at all
  const auto other = find("a");
  REQUIRE(other);
  CHECK(other->cluster.name == "far");
  CHECK(other->space == "default");
}

TEST_CASE_METHOD(Home, "paths are relative to the file that states them, and ~ means nothing") {
  files.files["/home/ann/.kube/config"] =
      config("server: 'https://a:6443', certificate-authority: ../ca.crt",
             "client-certificate: /etc/c.crt, client-key: ~/c.key, exec: {apiVersion: "
             "client.authentication.k8s.io/v1beta1, command: ./bin/token, args: [a, b]}");
  const auto found = find();
  REQUIRE(found);
  CHECK(found->cluster.authority_file == "/home/ann/ca.crt");
  CHECK(found->user.certificate_file == "/etc/c.crt");
  CHECK(found->user.key_file == "/home/ann/.kube/~/c.key");
  REQUIRE(found->user.exec);
  CHECK(found->user.exec->command == "/home/ann/.kube/bin/token");
  CHECK(found->user.exec->arguments == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(Home, "all that a user and a cluster may state is read") {
  files.files["/home/ann/.kube/config"] = config(
      "server: 'https://a:6443/k8s/c', tls-server-name: kube, certificate-authority-data: " +
          base::to_base64("PEM") +
          ", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x, n: 3}}]",
      "as: bob, as-uid: '7', as-groups: [dev, ops], as-user-extra: {scope: [a, b]}, exec: {apiVersion: "
      "client.authentication.k8s.io/v1, command: token, interactiveMode: Never, provideClusterInfo: true, "
      "installHint: get it, env: [{name: A, value: b}]}");
  const auto found = find();
  REQUIRE(found);
  CHECK(found->cluster.server == "https://a:6443/k8s/c");
  CHECK(found->cluster.server_name == "kube");
  CHECK(found->cluster.authority_data == "PEM");
  CHECK(found->cluster.exec_config == nlohmann::json{{"audience", "x"}, {"n", 3}});
  CHECK(found->user.as == "bob");
  CHECK(found->user.as_groups == std::vector<std::string>{"dev", "ops"});
  CHECK(found->user.as_extra.at("scope") == std::vector<std::string>{"a", "b"});
  CHECK(found->user.exec->command == "token");
  CHECK(found->user.exec->cluster_info);
  CHECK(found->user.exec->interactive == kubeconfig::Exec::Interactive::never);
  CHECK(found->user.exec->environment.at("A") == "b");
}

TEST_CASE_METHOD(Home, "an unknown context is told with what there is") {
  files.files["/home/ann/.kube/config"] = config("server: 'https://a'", "token: t");
  const auto found = find("b");
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Code::unknownContext);
  CHECK(found.error().message == "no context 'b' in /home/ann/.kube/config");
  CHECK(found.error().expected == "a");
  files.files["/home/ann/.kube/config"] += "- {name: staging, context: {cluster: a}}\n";
  CHECK(find("stagin").error().suggestion == "did you mean 'staging'?");
  variables["KUBECONFIG"] = "/away:/gone";
  CHECK(find("b").error().message == "no context 'b' where there is no /away, /gone");
}

TEST_CASE_METHOD(Home, "without a file there is the pod's own account, or an error") {
  CHECK(find().error().code == Code::noKubeconfig);
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  variables["KUBERNETES_SERVICE_PORT"] = "443";
  files.files[folder + "token"] = "t";
  files.files[folder + "namespace"] = "shop";
  const auto pod = find();
  REQUIRE(pod);
  CHECK(pod->cluster.server == "https://[fd00::1]:443");
  CHECK(pod->user.token_file == folder + "token");
  CHECK(pod->cluster.authority_file == folder + "ca.crt");
  CHECK(pod->space == "shop");
  CHECK(find("staging").error().code == Code::unknownContext);
}

TEST_CASE_METHOD(Home, "what cannot be used is told with its place and never with its line") {
  struct Bad {
    std::string cluster, user, message;
  };
  const std::string server = "server: 'https://a'";
  for (const auto& [cluster, user, message] : std::vector<Bad>{
           {"server: '10.0.0.1:6443'", "", "'server' is no address"},
           {"certificate-authority: x", "", "a cluster without 'server'"},
           {server + ", proxy-url: 'http://p'", "", "'proxy-url': msctl asks a cluster directly"},
           {server + ", insecure-skip-tls-verify: maybe", "", "'insecure-skip-tls-verify' is neither"},
           {server + ", insecure-skip-tls-verify: true, certificate-authority: x", "", "only one of them"},
           {server + ", certificate-authority-data: '#SECRET'", "",
            "'certificate-authority-data' is not base64"},
           {server, "client-key-data: '#SECRET'", "'client-key-data' is not base64"},
           {server, "client-key-data: U0VDUkVU", "a client key without its certificate"},
           {server, "token: [SECRET]", "'token' is a list"},
           {server, "token: \"SECRET\\nX-Evil: 1\"", "with a line break"},
           {server, "auth-provider: {name: gcp}", "'auth-provider' is of the past"},
           {server, "as-groups: [x]", "without 'as'"},
           {server, "exec: {command: x}", "a credential plugin of version ''"},
           {server, "exec: {apiVersion: client.authentication.k8s.io/v1, command: x}", "'interactiveMode'"},
           {server, "exec: {apiVersion: client.authentication.k8s.io/v1beta1}", "without 'command'"},
       }) {
    INFO(message);
    files.files["/home/ann/.kube/config"] = config(cluster, user);
    const auto found = find();
    REQUIRE_FALSE(found);
    const base::Error& error = found.error();
    CHECK(error.code == Code::badKubeconfig);
    CHECK(error.message.find(message) != std::string::npos);
    CHECK(error.at.file == "/home/ann/.kube/config");
    CHECK(error.at.line == (user.empty() ? 6 : 9));
    CHECK(error.at.column > 1);
    CHECK(base::to_text(error).find("SECRET") == std::string::npos);
  }
}

TEST_CASE_METHOD(Home, "one broken user does not bar the way to the others") {
  files.files["/home/ann/.kube/config"] =
      config("server: 'https://a'", "token: [x]") +
      "- name: b\n  context: {cluster: a}\n- name: c\n  context: {cluster: a, user: aa}\n"
      "- name: d\n  context: {cluster: b}\n";
  CHECK_FALSE(find("a"));
  CHECK(find("b"));
  CHECK(find("c").error().message == "context 'c' names the user 'aa', who is not there");
  CHECK(find("d").error().message == "context 'd' names the cluster 'b', which is not there");
  CHECK(find("d").error().at.line == 17);
}

TEST_CASE_METHOD(Home, "what is no kubeconfig is an error of the whole") {
  for (const auto& [text, line] :
       std::map<std::string, int>{{"a: b: SECRET", 1},
                                  {"- SECRET", 1},
                                  {"kind: Secret", 1},
                                  {"kind: Config\nclusters: {a: SECRET}", 2},
                                  {"users:\n- user: {token: SECRET}", 2},
                                  {"contexts:\n- name: a\n  context: {namespace: [SECRET]}", 3},
                                  {"users: []\nusers: [{name: a, user: {token: SECRET}}]", 2}}) {
    INFO(text);
    files.files["/home/ann/.kube/config"] = text;
    const auto found = find();
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::badKubeconfig);
    CHECK(found.error().at.line == line);
    CHECK(base::to_text(found.error()).find("SECRET") == std::string::npos);
  }
  files.files["/home/ann/.kube/config"] = "";
  CHECK(find().error().code == Code::noKubeconfig);
}

TEST_CASE_METHOD(Home, "one file that is named must be there, and stands alone") {
  files.files["/home/ann/.kube/config"] = config("server: 'https://a'", "");
  files.files["/project/k"] = "current-context: x\n";
  auto named = sources();
  named.explicit_file = "k";
  CHECK(kubeconfig::find(named, "a").error().code == Code::unknownContext);
  named.explicit_file = "none";
  CHECK(kubeconfig::find(named, "a").error().code == Code::badKubeconfig);
}

TEST_CASE_METHOD(Home, "a kubeconfig in a variable stands alone, and goes before the files") {
  variables["KUBECONFIG"] = "/one";
  files.files["/one"] = config("server: 'https://one:6443'", "token: one");
  variables["MSCTL_KUBECONFIG"] =
      config("server: 'https://two:6443', certificate-authority: ca.crt", "token: two");
  const auto found = find();
  REQUIRE(found);
  CHECK(found->cluster.server == "https://two:6443");
  CHECK(found->user.token == "two");
  CHECK(found->cluster.authority_file == "/project/ca.crt");

  variables["MSCTL_KUBECONFIG"] = "clusters: [";
  const auto broken = find();
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Code::badKubeconfig);
  CHECK(broken.error().at.file == "/project/$MSCTL_KUBECONFIG");
  CHECK(broken.error().at.text.empty());

  variables["MSCTL_KUBECONFIG"] = "";
  CHECK(find()->cluster.server == "https://one:6443");
}
