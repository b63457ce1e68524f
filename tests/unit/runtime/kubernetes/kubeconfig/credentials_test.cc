#include "runtime/kubernetes/kubeconfig/credentials.h"

#include <nlohmann/json.hpp>

#include "runtime/base/base64.h"
#include "runtime/kubernetes/kubeconfig/describe.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/files.h"
#include "tests/fakes/processes.h"

using namespace msctl;
using namespace msctl::kubernetes;
using base::Code;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

struct Fixture {
  fakes::FakeFiles files;
  fakes::FakeProcesses processes;
  fakes::FakeClock clock;
  kubeconfig::Access access;
  bool terminal = false;

  kubeconfig::Credentials make() { return {access, {files, processes, clock, terminal}}; }
};

struct Plugin : Fixture {
  Json status{{"token", "t1"}};

  Plugin() {
    access.user.name = "ann";
    access.user.exec = kubeconfig::Exec{.api_version = "client.authentication.k8s.io/v1",
                                        .command = "get-token",
                                        .arguments = {"--for", "a"},
                                        .environment = {{"A", "b"}},
                                        .install_hint = "install it from there"};
    processes.answer = [this](const system::Command&) { return finished(0); };
  }
  system::Finished finished(int exit) const {
    return {.status = exit,
            .output = Json{
                {"apiVersion", "client.authentication.k8s.io/v1"},
                {"kind", "ExecCredential"},
                {"status",
                 status}}.dump()};
  }
  Json info() const { return Json::parse(processes.asked.back().env.at("KUBERNETES_EXEC_INFO")); }
};

// header.payload.signature, of which only the payload is looked at
std::string jwt(const Json& claims) {
  std::string body = base::to_base64(claims.dump());
  body.erase(body.find_last_not_of('=') + 1);
  for (char& c : body) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return "eyJhbGciOiJub25lIn0." + body + ".c2ln";
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a token goes before a password, and its file before the token") {
  access.user.user = "ann";
  access.user.password = "pass:word";
  CHECK(make().current()->authorization == "Basic YW5uOnBhc3M6d29yZA==");
  access.user.token = "one";
  CHECK(make().current()->authorization == "Bearer one");
  access.user.token_file = "/t";
  CHECK(make().current().error().code == Code::badKubeconfig);
  files.files["/t"] = "two\n";
  CHECK(make().current()->authorization == "Bearer two");
}

TEST_CASE_METHOD(Fixture, "a token's file is read again after a while, and when it is refused") {
  access.user.token_file = "/t";
  files.files["/t"] = "one";
  auto credentials = make();
  const auto first = credentials.current();
  CHECK(first->authorization == "Bearer one");
  files.files["/t"] = "two";
  CHECK(credentials.current()->authorization == "Bearer one");
  CHECK(credentials.renew(*first));
  const auto second = credentials.current();
  CHECK(second->authorization == "Bearer two");
  CHECK(second->number != first->number);
  CHECK(credentials.renew(*first));  // somebody else has done so already
  files.files["/t"] = "three";
  CHECK(credentials.current()->authorization == "Bearer two");
  clock.advance(seconds{11});
  CHECK(credentials.current()->authorization == "Bearer three");
}

TEST_CASE_METHOD(Fixture, "what stands in a kubeconfig cannot be had anew") {
  access.user.token = "one";
  auto credentials = make();
  CHECK_FALSE(credentials.renew(*credentials.current()));
}

TEST_CASE_METHOD(Fixture, "certificates come from the file or from its data") {
  files.files["/c"] = "CERT";
  files.files["/k"] = "KEY";
  access.user.certificate_file = "/c";
  access.user.key_file = "/k";
  CHECK(make().current()->certificate == "CERT");
  CHECK(make().current()->key == "KEY");
  access.user.certificate_data = "DATA";
  CHECK(make().current()->certificate == "DATA");
  access.user.key_file = "/none";
  CHECK_FALSE(make().current());
}

TEST_CASE_METHOD(Plugin, "a plugin is asked once, until what it gave ends or is refused") {
  status["expirationTimestamp"] = base::to_rfc3339(clock.wall() + seconds{100});
  auto credentials = make();
  const auto first = credentials.current();
  REQUIRE(first);
  CHECK(first->authorization == "Bearer t1");
  CHECK(credentials.current()->number == first->number);
  CHECK(processes.asked.size() == 1);
  const system::Command& asked = processes.asked.front();
  CHECK(asked.argv == std::vector<std::string>{"get-token", "--for", "a"});
  CHECK(asked.env.at("A") == "b");
  CHECK(asked.inherit_errors);
  CHECK_FALSE(asked.terminal);
  CHECK(info() == Json{{"apiVersion", "client.authentication.k8s.io/v1"},
                       {"kind", "ExecCredential"},
                       {"spec", {{"interactive", false}}}});
  clock.advance(seconds{95});
  status["token"] = "t2";
  status["expirationTimestamp"] = base::to_rfc3339(clock.wall() + seconds{100});
  CHECK(credentials.current()->authorization == "Bearer t2");
  status["token"] = "t3";
  CHECK(credentials.renew(*credentials.current()));
  CHECK(credentials.current()->authorization == "Bearer t3");
  CHECK(processes.asked.size() == 3);
}

TEST_CASE_METHOD(Plugin, "a plugin learns of the cluster, and of the terminal") {
  access.user.exec->cluster_info = true;
  access.cluster.server = "https://a";
  access.cluster.authority_file = "/ca";
  access.cluster.server_name = "kube";
  access.cluster.exec_config = {{"audience", "x"}};
  files.files["/ca"] = "PEM";
  terminal = true;
  CHECK(make().current());
  CHECK(processes.asked.back().terminal);
  CHECK(info()["spec"] == Json{{"interactive", true},
                               {"cluster",
                                {{"server", "https://a"},
                                 {"tls-server-name", "kube"},
                                 {"certificate-authority-data", "UEVN"},
                                 {"config", {{"audience", "x"}}}}}});
  access.user.exec->interactive = kubeconfig::Exec::Interactive::never;
  CHECK(make().current());
  CHECK_FALSE(processes.asked.back().terminal);
}

TEST_CASE_METHOD(Plugin, "a plugin gives a certificate") {
  status = {{"clientCertificateData", "CERT"}, {"clientKeyData", "KEY"}};
  const auto made = make().current();
  REQUIRE(made);
  CHECK(made->certificate == "CERT");
  CHECK(made->key == "KEY");
  CHECK(made->authorization.empty());
}

TEST_CASE_METHOD(Plugin, "what is wrong with a plugin is told without what it said") {
  const auto why = [this] {
    const auto made = make().current();
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::credentialPlugin);
    CHECK(made.error().suggestion == "install it from there");
    CHECK(base::to_text(made.error()).find("SECRET") == std::string::npos);
    return made.error().message;
  };
  const auto answers = [this](const std::string& output) {
    processes.answer = [output](const system::Command&) { return system::Finished{.output = output}; };
  };
  SECTION("no terminal") {
    access.user.exec->interactive = kubeconfig::Exec::Interactive::always;
    CHECK(why() == "get-token: it must ask a person, and there is no terminal");
    CHECK(processes.asked.empty());
  }
  SECTION("it fails") {
    processes.answer = [this](const system::Command&) { return finished(3); };
    CHECK(why() == "get-token: it ended with exit status 3");
    processes.answer = [](const system::Command&) { return base::fail(Code::toolMissing, "not on PATH"); };
    CHECK(why() == "get-token: not on PATH");
    processes.answer = [](const system::Command&) {
      system::Finished out;
      out.timed_out = true;
      return out;
    };
    CHECK(why() == "get-token: it has not answered in time");
  }
  SECTION("it says something else") {
    answers("SECRET");
    CHECK(why() == "get-token: what it prints is no ExecCredential");
    answers(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})");
    CHECK(why().find("another version") != std::string::npos);
    answers(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})");
    CHECK(why() == "get-token: it answers without a 'status'");
  }
  SECTION("it says too little, or too much") {
    status = Json::object();
    CHECK(why() == "get-token: it tells neither token nor certificate");
    status = {{"clientKeyData", "SECRET"}};
    CHECK(why() == "get-token: it tells a certificate without its key, or a key without its certificate");
    status = {{"token", "SECRET\r\nX: y"}};
    CHECK(why() == "get-token: its token has a line break in it");
    status = {{"token", "SECRET"}, {"expirationTimestamp", "tomorrow"}};
    CHECK(why() == "get-token: its 'expirationTimestamp' is no time");
  }
}

TEST_CASE_METHOD(Fixture, "a credential is described by what it says of itself") {
  const base::WallTime now = clock.wall();
  const auto end = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
  const std::string token = jwt({{"sub", "system:serviceaccount:shop:ci"}, {"exp", end - 1}});
  CHECK(kubeconfig::describe_token(token, now) ==
        "token of system:serviceaccount:shop:ci, expired 2023-11-14T22:13:19.000Z");
  CHECK(kubeconfig::describe_token(jwt({{"sub", "a\x1b[2Jb"}, {"exp", "x"}}), now) == "token of a[2Jb");
  for (const char* other : {"", "abc", "a.b.c", "a.W10.c", "..", "a.!.c"})
    CHECK(kubeconfig::describe_token(other, now) == "token");
  CHECK(kubeconfig::describe_certificate("nonsense", now) == "client certificate");
  access.user.name = "ann";
  access.user.token = token;
  access.user.as = "bob";
  auto credentials = make();
  REQUIRE(credentials.current());
  CHECK(credentials.describe() ==
        "'ann' (token of system:serviceaccount:shop:ci, expired 2023-11-14T22:13:19.000Z, acting as bob)");
}
