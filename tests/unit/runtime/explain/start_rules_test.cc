// Containers that do not start, or end again.
#include "tests/catch.h"
#include "tests/unit/runtime/explain/evidence_made.h"

using namespace msctl;
using namespace msctl::explain;

TEST_CASE("a crash is certain when it came three times, each time soon") {
  for (int ends : {1, 2, 3}) {
    const Finding found = only(evidence({replica(crashed(3, ends, 1s, "first\nfarewell\n"))}));
    CHECK(found.code == base::Code::podCrashes);
    CHECK(found.certain == (ends == 3));
    CHECK(found.evidence == std::vector<std::string>{"last words of orders-a:", "  first", "  farewell"});
    CHECK(found.cure == "msctl logs orders -e staging --previous");
  }
  CHECK(only(evidence({replica(crashed(3, 3))})).sentence ==
        "the container ended by itself with exit code 3, 3 times");
  CHECK(only(evidence({replica(crashed(139, 2))})).sentence ==
        "the container ended by itself with exit code 139 (SIGSEGV), twice");
}

TEST_CASE("a crash after a long good time, or long ago, is no sign of the next") {
  CHECK_FALSE(only(evidence({replica(crashed(3, 7, 2h))})).certain);
  Container recovered = running(90s);
  recovered.restarts = 5;
  recovered.ready = true;
  recovered.ended = Ended{3, 0, false, "Error", "", now - 100s, now - 95s};
  Replica well = replica(recovered);
  well.ready = true;
  CHECK(explain::explain(evidence({well})).empty());
}

TEST_CASE("one that is ready for a moment each time crashes all the same") {
  Container moment = running(2s);
  moment.restarts = 3;
  moment.ready = true;
  moment.ended = Ended{3, 0, false, "Error", "", now - 40s, now - 37s};
  Replica ready = replica(moment);
  ready.ready = true;
  const Finding found = only(evidence({ready}));
  CHECK(found.code == base::Code::podCrashes);
  CHECK(found.certain);
}

TEST_CASE("replicas of an older version, and those that stop, say nothing") {
  Replica old = replica(crashed(3, 9));
  old.is_new = false;
  Replica stopping = replica(crashed(3, 9));
  stopping.stopping = true;
  CHECK(explain::explain(evidence({old, stopping})).empty());
}

TEST_CASE("one that ends well is to keep running, unless it prepares") {
  const Finding found = only(evidence({replica(crashed(0, 3))}));
  CHECK(found.code == base::Code::podCrashes);
  CHECK(found.sentence.ends_with("it is to keep running"));
  Container prepares = crashed(0, 1);
  prepares.prepares = true;
  prepares.waiting.reset();
  CHECK(explain::explain(evidence({replica(prepares)})).empty());
}

TEST_CASE("last words move no cursor, and are not endless") {
  std::string words;
  for (int i = 0; i < 50; ++i) words += "line " + std::to_string(i) + "\r\n";
  words += "\x1b[31mred\x1b[0m \x07" + std::string(1000, 'x');
  const Finding found = only(evidence({replica(crashed(1, 1, 1s, words))}));
  REQUIRE(found.evidence.size() == 11);
  CHECK(found.evidence.at(1) == "  line 41");
  CHECK(found.evidence.back().starts_with("  red xxx"));
  CHECK(found.evidence.back().size() < 420);
}

TEST_CASE("out of memory is told before the crash that it is") {
  Container killed = crashed(137, 1);
  killed.ended->out_of_memory = true;
  killed.memory = std::int64_t{64} << 20;
  Finding found = only(evidence({replica(killed)}));
  CHECK(found.code == base::Code::outOfMemory);
  CHECK(found.sentence == "the container was killed as it wanted more memory than its limit of 64 MiB");
  CHECK_FALSE(found.certain);
  killed.restarts = 1;
  CHECK(only(evidence({replica(killed)})).certain);
}

TEST_CASE("a write to a read-only file system, in the words of several languages") {
  for (const char* words :
       {"open /app/log: read-only file system", "OSError: [Errno 30] Read-only file system: '/app'",
        "Error: EROFS: read-only file system, mkdir '/app'", "java.nio.file.ReadOnlyFileSystemException"}) {
    const Finding found = only(evidence({replica(crashed(1, 3, 1s, words))}));
    INFO(words);
    CHECK(found.code == base::Code::readOnlyFileSystem);
    CHECK(found.certain);
  }
}

TEST_CASE("programs that are not there or not executable") {
  auto start_error = [](std::string message) {
    Container out = crashed(128, 1, 0s);
    out.ended->signal = 0;
    out.ended->reason = "StartError";
    out.ended->message = std::move(message);
    return only(evidence({replica(out)}));
  };
  const std::string runc =
      "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create "
      "failed: "
      "unable to start container process: ";
  Finding found = start_error(runc + "exec: \"./orders\": stat ./orders: no such file or directory: unknown");
  CHECK(found.code == base::Code::containerCannotStart);
  CHECK(found.sentence == "the image localhost:5000/shop/orders:2 has no program './orders'");
  CHECK(found.certain);
  found = start_error(runc + "exec: \"orders\": executable file not found in $PATH: unknown");
  CHECK(found.sentence == "the image localhost:5000/shop/orders:2 has no program 'orders'");
  found = start_error(runc + "exec: \"/app\": permission denied: unknown");
  CHECK(found.certain);
  CHECK(found.sentence.find("is not executable") != std::string::npos);
  found = start_error("failed to create containerd task: context deadline exceeded");
  CHECK(found.code == base::Code::containerCannotStart);
  CHECK_FALSE(found.certain);
}

TEST_CASE("images that would run as root") {
  const std::string where = " (pod: \"orders-a_shop(1)\", container: orders)";
  for (const auto& [words, said] : std::vector<std::pair<std::string, std::string>>{
           {"container has runAsNonRoot and image will run as root", "runs as root"},
           {"container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
            "runs as 'app'"},
           {"container's runAsUser breaks non-root policy", "runAsUser: 0"}}) {
    const Finding found = only(evidence({replica(waiting("CreateContainerConfigError", words + where))}));
    CHECK(found.code == base::Code::runsAsRoot);
    CHECK(found.certain);
    CHECK(found.sentence.find(said) != std::string::npos);
  }
}

TEST_CASE("what is missing may come a moment later") {
  Replica one = replica(waiting("CreateContainerConfigError", "secret \"orders\" not found"));
  one.missing.push_back({Missing::Kind::secret, "orders", "", "secret \"orders\" not found", now - 3s});
  Finding found = only(evidence({one}));
  CHECK(found.code == base::Code::secretNotThere);
  CHECK(found.sentence == "the Secret 'orders' is not there");
  CHECK_FALSE(found.certain);
  CHECK(found.cure.find("create secret generic orders") != std::string::npos);
  // One that a deploy has made is made by a deploy.
  one.missing.front().name = "orders-secrets-0123456789";
  CHECK(only(evidence({one})).cure.find("msctl deploy orders -e ") == 0);
  one.missing.front().name = "orders-secrets-of-ours";
  CHECK(only(evidence({one})).cure.find("create secret generic orders-secrets-of-ours") != std::string::npos);
  one.missing.front().name = "orders";
  one.missing.front().since = now - 10s;
  CHECK(only(evidence({one})).certain);
  one.missing.front().kind = Missing::Kind::config_map;
  CHECK(only(evidence({one})).code == base::Code::configMapNotThere);
  one.missing.front().key = "LOG_LEVEL";
  found = only(evidence({one}));
  CHECK(found.code == base::Code::settingNotThere);
  CHECK(found.sentence == "the ConfigMap 'orders' has no key 'LOG_LEVEL'");
  CHECK(found.cure == "kubectl -n shop patch configmap orders -p '{\"data\": {\"LOG_LEVEL\": \"VALUE\"}}'");
}

TEST_CASE("volumes and networks that are not there hold a container up") {
  Replica one = replica(waiting("ContainerCreating", ""));
  one.events.push_back({"FailedMount",
                        "MountVolume.SetUp failed for volume \"data\" : mount failed: exit status 32", "", 4,
                        now - 4s, now - 1s});
  Finding found = only(evidence({one}));
  CHECK(found.code == base::Code::volumeNotMounted);
  CHECK(found.sentence == "the volume 'data' cannot be mounted");
  CHECK(found.evidence.front().starts_with("FailedMount, 4 times: "));
  one.events.front() = {
      "FailedCreatePodSandBox",
      "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for "
      "sandbox: no addresses left",
      "",
      2,
      now - 4s,
      now - 1s};
  found = only(evidence({one}));
  CHECK(found.code == base::Code::podNetworkFails);
  CHECK(found.sentence ==
        "the node node-1 cannot set up a Pod: failed to setup network for sandbox: no addresses left");
  one.containers.front() = running();
  CHECK(explain::explain(evidence({one})).empty());
}
