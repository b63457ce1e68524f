#include "pipelines/emit/script.h"

#include "pipelines/emit/systems/systems.h"
#include "tests/catch.h"

using namespace msctl;

TEST_CASE("words of a command are quoted where a shell would read them otherwise", "[emit]") {
  CHECK(emit::command_line({"msctl", "test", "orders", "--junit", "reports/a.xml"}, "SHA") ==
        "msctl test orders --junit reports/a.xml");
  CHECK(emit::command_line({"echo", "a b", "$HOME", "it's", ""}, "SHA") ==
        "echo 'a b' '$HOME' 'it'\\''s' ''");
}

TEST_CASE("the commit is what the system says it is", "[emit]") {
  CHECK(emit::command_line({"msctl", "build", "--tag", "{commit}"}, "CI_COMMIT_SHA") ==
        "msctl build --tag \"$CI_COMMIT_SHA\"");
}

TEST_CASE("only jobs of the trunk have credentials, and only a deploy those of a cluster", "[emit]") {
  pipeline::Job job;
  CHECK(emit::credentials(job).empty());
  job.trunk_only = true;
  job.kind = pipeline::Kind::push;
  CHECK(emit::credentials(job) ==
        std::vector<std::string_view>{"MSCTL_REGISTRY_USER", "MSCTL_REGISTRY_PASSWORD"});
  job.kind = pipeline::Kind::deploy;
  CHECK(emit::credentials(job) ==
        std::vector<std::string_view>{"MSCTL_REGISTRY_USER", "MSCTL_REGISTRY_PASSWORD", "MSCTL_KUBECONFIG"});
}

TEST_CASE("a service's folder within a text", "[emit]") {
  CHECK(emit::in_folder("{service}/go.mod", "services/a") == "services/a/go.mod");
  CHECK(emit::in_folder("{service}/go.mod", ".") == "go.mod");
  CHECK(emit::in_folder("{service}/a {service}/b", "s") == "s/a s/b");
  CHECK(emit::in_folder("plain", "s") == "plain");
}

TEST_CASE("the host of a registry", "[emit]") {
  CHECK(emit::registry_host("registry.example/shop") == "registry.example");
  CHECK(emit::registry_host("localhost:5000") == "localhost:5000");
}

TEST_CASE("every system writes something for a pipeline of one job", "[emit]") {
  pipeline::Pipeline pipeline;
  pipeline.workspace = "shop";
  pipeline.trunk = "main";
  pipeline.timeout = std::chrono::minutes(30);
  pipeline.services = {"cart"};
  pipeline::Job job;
  job.id = "cart-test";
  job.service = "cart";
  job.tasks = {{"test", {"msctl", "test", "cart"}}};
  job.paths = {"services/cart/**"};
  pipeline.jobs = {job};
  pipeline.pins = pipeline::shipped_pins();
  for (const emit::System& system : emit::systems()) {
    INFO(system.name);
    const generated::Emitted emitted = system.emit(pipeline);
    std::string all;
    for (const generated::File& file : emitted.files) {
      CHECK(file.content.find(generated::header) != std::string::npos);
      all += file.content;
    }
    CHECK(all.find("msctl test cart") != std::string::npos);
    CHECK(emit::find_system(system.name) == &system);
  }
  CHECK(emit::find_system("teamcity") == nullptr);
}
