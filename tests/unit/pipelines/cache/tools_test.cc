// Which answers of tools are remembered.
#include "pipelines/cache/tools.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/fakes/processes.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Tools {
  Tools() {
    std::string pattern = (fs::temp_directory_path() / "msctl-tools-XXXXXX").string();
    folder = fs::canonical(::mkdtemp(pattern.data())).string();
    processes.answer = [](const system::Command&) {
      system::Finished out;
      out.output = "tool 1.2\n";
      return out;
    };
  }
  ~Tools() { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder + "/" + name, std::ios::binary) << content;
  }
  cache::Tools tools() {
    return {folder + "/memory", files, processes, [this](const std::string& name) {
              const std::string path = folder + "/" + name;
              return fs::exists(path) ? path : std::string{};
            }};
  }
  // How often the tool itself was asked, by two runs.
  std::size_t asked(const toolchain::Argv& argv) {
    system::Command command;
    command.argv = argv;
    for (int run = 0; run < 2; ++run) {
      cache::Tools all = tools();
      auto finished = all.run(command);
      REQUIRE(finished);
      CHECK(finished->output == "tool 1.2\n");
      all.save();
    }
    return processes.asked.size();
  }

  std::string folder;
  system::RealFiles files;
  fakes::FakeProcesses processes;
};

const std::string binary = std::string("\x7f") + "ELF, and more";

}  // namespace

TEST_CASE_METHOD(Tools, "a program of its own is asked once") {
  write("tool", binary);
  CHECK(asked({"tool", "--version"}) == 1);
}

TEST_CASE_METHOD(Tools, "another file is asked again") {
  write("tool", binary);
  CHECK(asked({"tool", "--version"}) == 1);
  fs::remove(folder + "/tool");
  write("tool", binary + "2");
  CHECK(asked({"tool", "--version"}) == 2);
}

TEST_CASE_METHOD(Tools, "a program that stands for another is asked each time") {
  SECTION("a script") {
    write("tool", "#!/bin/sh\nexec other \"$@\"\n");
  }
  SECTION("a link to the manager") {
    write("manager", binary);
    fs::create_symlink(folder + "/manager", folder + "/tool");
  }
  SECTION("one file of many names") {
    write("manager", binary);
    fs::create_hard_link(folder + "/manager", folder + "/tool");
  }
  CHECK(asked({"tool", "--version"}) == 2);
}

TEST_CASE_METHOD(Tools, "a question that is not about the program is asked each time") {
  write("tool", binary);
  CHECK(asked({"tool", "--modversion", "library"}) == 2);
}

TEST_CASE_METHOD(Tools, "a tool that fails is asked again") {
  write("tool", binary);
  processes.answer = [](const system::Command&) {
    system::Finished out;
    out.status = 1;
    out.output = "tool 1.2\n";
    return out;
  };
  CHECK(asked({"tool", "--version"}) == 2);
}

TEST_CASE_METHOD(Tools, "a program that is not asked counts by its content") {
  write("make", "one");
  toolchain::Language language;
  language.requirements = {{"make", {}, {}, {}, {}}, {"tool", {"tool", "--version"}, {}, {}, {}}};
  write("tool", binary);
  const auto before = tools().inputs(language);
  REQUIRE(before.size() == 2);
  CHECK(before[1].name == "tool tool --version");
  CHECK(before[1].value == "tool 1.2");
  write("make", "two");
  CHECK(tools().inputs(language)[0].value != before[0].value);
  CHECK(tools().inputs(std::vector<toolchain::Argv>{{"make", "all"}, {"./own"}, {"make", "check"}}).size() ==
        1);
}

TEST_CASE_METHOD(Tools, "a memory that is broken is forgotten") {
  write("tool", binary);
  write("memory", "nonsense");
  CHECK(asked({"tool", "--version"}) == 1);
}
