#include "pipelines/image/layout/layout.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path root;
  image::Layout layout{""};
  Scratch() {
    std::string path = (fs::temp_directory_path() / "layout-XXXXXX").string();
    root = ::mkdtemp(path.data());
    layout = image::Layout((root / "images").string());
  }
  ~Scratch() { fs::remove_all(root); }

  // An image of one layer with this content.
  image::Descriptor add(const std::string& content) const {
    image::Manifest manifest;
    manifest.config = *layout.add(image::config_type, "{\"of\":\"" + content + "\"}");
    manifest.layers = {*layout.add(image::layer_type, content)};
    return *layout.add(image::manifest_type, image::write(manifest));
  }
  std::size_t blobs() const {
    std::size_t out = 0;
    for (const auto& each : fs::directory_iterator(root / "images/blobs/sha256"))
      out += each.is_regular_file();
    return out;
  }
};

}  // namespace

TEST_CASE_METHOD(Scratch, "an image is found by its name, and whole as long as its parts are there") {
  const image::Descriptor image = add("one");
  REQUIRE(layout.set("orders", image));
  auto found = layout.find("orders");
  REQUIRE((found && *found));
  CHECK((*found)->digest == image.digest);
  CHECK_FALSE(*layout.find("other"));
  CHECK(layout.is_whole(image));
  fs::remove(layout.blob_path(image::digest_of("one")));
  CHECK_FALSE(layout.is_whole(image));
}

TEST_CASE_METHOD(Scratch, "a blob that was changed on the disk is not taken") {
  const image::Descriptor blob = *layout.add("x", "content");
  std::ofstream(layout.blob_path(blob.digest)) << "contenu";
  auto read = layout.read(blob.digest);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == base::Code::digestMismatch);
  CHECK(layout.read("sha256:" + std::string(64, '0')).error().code == base::Code::imageMissing);
}

TEST_CASE_METHOD(Scratch, "what no name leads to is swept away, and earlier images stay for a while") {
  REQUIRE(layout.set("orders", add("one")));
  REQUIRE(layout.set("orders", add("two")));
  REQUIRE(layout.sweep());
  CHECK(blobs() == 6);
  REQUIRE(layout.set("orders", add("one")));
  CHECK((*layout.find("orders.1"))->digest == add("two").digest);
  for (const char* each : {"three", "four", "five", "six"}) REQUIRE(layout.set("orders", add(each)));
  std::ofstream(root / "images/blobs/.making-abcdef") << "half";
  REQUIRE(*layout.sweep() > 0);
  CHECK(blobs() == 15);  // the latest and four before
  CHECK_FALSE(fs::exists(root / "images/blobs/.making-abcdef"));
  CHECK(layout.is_whole(**layout.find("orders")));
}

TEST_CASE_METHOD(Scratch, "nothing is swept while a build is at work") {
  add("one");
  {
    const image::LayoutUse use(layout);
    CHECK(*layout.sweep() == 0);
    CHECK(blobs() == 3);
  }
  CHECK(*layout.sweep() > 0);
  CHECK(blobs() == 0);
}
