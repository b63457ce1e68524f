#include "pipelines/image/direct/assemble.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  fs::path root;
  image::Layout layout{""};
  workspace::Recipe recipe;
  image::Settings settings;

  Fixture() {
    std::string path = (fs::temp_directory_path() / "assemble-XXXXXX").string();
    root = ::mkdtemp(path.data());
    layout = image::Layout((root / "images").string());
    put("service/lib/a", "library");
    put("service/main", "program");
    recipe.dependencies = {{"lib", "", {}, false}, {"not-there", "", {}, true}};
    recipe.application = {{"{work}/x", "bin/x", {}, false}, {"main", "", {}, false}};
    put("work/x", "made");
    settings.service = "orders";
    settings.platform = {"linux", "amd64", ""};
    settings.run = {"./main"};
  }
  ~Fixture() { fs::remove_all(root); }

  void put(const std::string& name, const std::string& content) const {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name) << content;
  }
  base::Result<image::Content> collect() const {
    return image::collect(recipe, {{"work", (root / "work").string()}}, (root / "service").string(), true);
  }
  static image::Registry& no_registry(const std::string&) { throw std::logic_error("no registry here"); }
  image::Descriptor build(const std::string& base_name, const image::Layout& to) const {
    auto base = image::find_base(base_name, settings.platform, root.string(), to, no_registry);
    REQUIRE(base);
    auto content = collect();
    REQUIRE(content);
    auto image = image::assemble(to, *base, *content, settings);
    REQUIRE(image);
    return *image;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an image has what the recipe names, dependencies and application apart") {
  const image::Descriptor top = build("scratch", layout);
  auto manifest = image::read_manifest(*layout.read(top.digest), "x");
  REQUIRE(manifest);
  CHECK(manifest->layers.size() == 2);
  auto config = image::read_config(*layout.read(manifest->config.digest), "x");
  REQUIRE(config);
  CHECK(config->entrypoint == std::vector<std::string>{"./main"});
  CHECK(config->user == "65532:65532");
  CHECK(config->working_folder == "/app");
  CHECK(config->created == "1970-01-01T00:00:00Z");
  auto content = collect();
  CHECK(content->application.all().contains("app/bin/x"));
  CHECK(content->dependencies.all().contains("app/lib/a"));
}

TEST_CASE_METHOD(
    Fixture, "the same content is the same digest in another place, and only a changed layer is another") {
  const image::Descriptor top = build("scratch", layout);
  CHECK(build("scratch", image::Layout((root / "elsewhere").string())).digest == top.digest);
  CHECK(build("scratch", layout).digest == top.digest);  // from what was packed before
  auto before = image::read_manifest(*layout.read(top.digest), "x");
  put("service/main", "another");
  const image::Descriptor next = build("scratch", layout);
  CHECK(next.digest != top.digest);
  auto after = image::read_manifest(*layout.read(next.digest), "x");
  CHECK(after->layers[0] == before->layers[0]);
  CHECK(after->layers[1] != before->layers[1]);
}

TEST_CASE_METHOD(Fixture, "an image stands on one of a layout, with its layers and variables") {
  settings.variables = {{"A", "base"}};
  const image::Layout bases((root / "bases").string());
  REQUIRE(bases.set("debian", build("scratch", bases)));
  settings.variables = {{"B", "own"}};
  const image::Descriptor top = build("oci:bases:debian", layout);
  auto manifest = image::read_manifest(*layout.read(top.digest), "x");
  CHECK(manifest->layers.size() == 4);
  CHECK(layout.is_whole(top));
  auto config = image::read_config(*layout.read(manifest->config.digest), "x");
  CHECK(config->diff_ids.size() == 4);
  CHECK(std::ranges::find(config->environment, "A=base") != config->environment.end());
  CHECK(std::ranges::find(config->environment, "B=own") != config->environment.end());
}

TEST_CASE_METHOD(Fixture, "what is to stand outside of the service's folder in the image stands there") {
  recipe.application = {{"main", "/usr/bin/main", {}, false}, {"lib", "/etc/x", {}, false}};
  auto content = collect();
  REQUIRE(content);
  CHECK(content->application.all().contains("usr/bin/main"));
  CHECK(content->application.all().contains("etc/x/a"));
  CHECK_FALSE(content->application.all().contains("app"));
}

TEST_CASE_METHOD(Fixture, "what is missing is told") {
  fs::remove(root / "service/main");
  auto content = collect();
  REQUIRE_FALSE(content);
  CHECK(content.error().code == base::Code::imageFile);
  auto base = image::find_base("oci:nowhere:x", settings.platform, root.string(), layout, no_registry);
  REQUIRE_FALSE(base);
  CHECK(base.error().code == base::Code::imageMissing);
  CHECK(image::find_base("Not A Name", settings.platform, root.string(), layout, no_registry).error().code ==
        base::Code::badReference);
}

TEST_CASE_METHOD(Fixture, "a base for another machine is not taken") {
  const image::Layout bases((root / "bases").string());
  REQUIRE(bases.set("debian", build("scratch", bases)));
  auto base =
      image::find_base("oci:bases:debian", {"linux", "s390x", ""}, root.string(), layout, no_registry);
  REQUIRE_FALSE(base);
  CHECK(base.error().code == base::Code::badPlatform);
}
