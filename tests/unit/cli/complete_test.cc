#include "cli/complete/complete.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cli/commands/catalogue.h"
#include "tests/catch.h"
#include "tests/fakes/cli.h"

using namespace msctl;
using namespace msctl::cli;

namespace {

Outcome done(Context&, const Arguments&) {
  return base::Exit::ok;
}

Command describe_gateway() {
  return {.path = "gateway", .summary = "the gateway"};
}
Command describe_gateway_run() {
  return {
      .path = "gateway run",
      .summary = "run it",
      .flags = {{.name = "config", .value = "FILE", .kind = Kind::file}, {.name = "threads", .value = "N"}},
      .run = done};
}
Command describe_logs() {
  return {.path = "logs",
          .summary = "logs",
          .arguments = {{.name = "SERVICE", .kind = Kind::service, .required = false, .many = true}},
          .flags = {{.name = "follow", .letter = 'f'}, {.name = "since", .letter = 's', .value = "D"}},
          .run = done};
}
Command describe_scale() {
  return {.path = "scale",
          .summary = "scale",
          .arguments = {{.name = "S=N", .kind = Kind::service_count, .many = true}},
          .run = done};
}

const Catalogue& some() {
  static const Catalogue all({{"gateway", describe_gateway},
                              {"gateway run", describe_gateway_run},
                              {"logs", describe_logs},
                              {"scale", describe_scale}});
  return all;
}

struct Folder {
  Folder() {
    char name[] = "/tmp/msctl-complete-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path / file).parent_path());
    std::ofstream(path / file) << text;
  }
  std::filesystem::path path;
};

// What is printed: candidates, then the directive.
std::string ask(std::vector<std::string> words, const std::string& folder = "/") {
  fakes::Shell shell;
  shell.folder = folder;
  words.insert(words.begin(), "__complete");
  return shell.run(some(), words).out;
}

}  // namespace

TEST_CASE("commands, groups, and what follows a group") {
  CHECK(ask({""}) == "gateway\tthe gateway\nlogs\tlogs\nscale\tscale\n:done\n");
  CHECK(ask({"lo"}) == "logs\tlogs\n:done\n");
  CHECK(ask({"gateway", ""}) == "run\trun it\n:done\n");
  CHECK(ask({"nothing", ""}) == ":done\n");
}

TEST_CASE("flags and their values") {
  CHECK(ask({"logs", "--f"}) == "--follow\n:done\n");
  CHECK(ask({"logs", "-o", "j"}) == "json\n:done\n");
  CHECK(ask({"logs", "--output=y"}) == "--output=yaml\n:done\n");
  CHECK(ask({"logs", "-fo", ""}) == "table\njson\nyaml\n:done\n");
  CHECK(ask({"gateway", "run", "--config", ""}) == ":files\n");
  CHECK(ask({"-C", ""}) == ":folders\n");
  CHECK(ask({"gateway", "run", "--threads", ""}) == ":done\n");
}

TEST_CASE("live names of services, also while a file is half edited") {
  Folder folder;
  folder.write("msctl.yaml", "workspace: shop\nservices: [services/*]\n");
  folder.write("services/a/service.yaml", "service: orders\nneeds: [\n");
  folder.write("services/b/service.yaml", "# billing\nservice: \"billing\"   # the one\n");
  std::filesystem::create_directories(folder.path / "services/empty");
  CHECK(ask({"logs", ""}, folder.path) == "billing\norders\n:done\n");
  CHECK(ask({"logs", "orders", ""}, folder.path / "services/b") == "billing\n:done\n");
  CHECK(ask({"logs", "-s", "5s", "o"}, folder.path) == "orders\n:done\n");
  CHECK(ask({"-C", folder.path, "logs", "b"}) == "billing\n:done\n");
  CHECK(ask({"scale", "o"}, folder.path) == "orders=\n:nospace\n");
  CHECK(ask({"logs", ""}, "/") == ":done\n");
}
