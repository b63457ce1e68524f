#include "pipelines/image/share/share.h"

#include <unistd.h>

#include <filesystem>
#include <map>

#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

// A server that keeps what it is given, in small pieces as a network brings them.
class Server final : public http::Transport {
public:
  std::map<std::string, std::string> kept;  // by key
  std::size_t puts = 0, largest = 1u << 20;

  std::expected<http::Response, http::Failure> send(const http::Request& request) override {
    const std::string key = request.url.target.substr(request.url.target.rfind('/') + 1);
    http::Response out;
    out.status = 200;
    if (request.method == "PUT") {
      ++puts;
      out.status = request.body->size > largest ? 413 : 201;
      if (out.status == 413) return out;
      std::string& body = kept[key];
      body.resize(request.body->size);
      for (std::size_t at = 0; at < body.size();)
        at += request.body->read(at, body.data() + at, std::min<std::size_t>(body.size() - at, 7));
      return out;
    }
    const auto found = kept.find(key);
    if (found == kept.end()) {
      out.status = 404;
    } else if (request.method == "GET") {
      for (std::size_t at = 0; at < found->second.size(); at += 7)
        if (!request.sink(std::string_view(found->second).substr(at, 7)))
          return std::unexpected(http::Failure{http::Failure::Kind::refused, "not taken"});
    }
    return out;
  }
};

struct Shared {
  fs::path root;
  image::Layout here{""}, there{""};
  Server server;
  cache::Remote remote{server, *http::parse_url("https://cache.example/team"), ""};

  Shared() {
    std::string path = (fs::temp_directory_path() / "share-XXXXXX").string();
    root = ::mkdtemp(path.data());
    here = image::Layout((root / "here").string());
    there = image::Layout((root / "there").string());
  }
  ~Shared() { fs::remove_all(root); }

  image::Descriptor layer(const std::string& content) const { return *here.add(image::layer_type, content); }
  image::Descriptor add(const std::vector<image::Descriptor>& layers) const {
    image::Manifest manifest;
    manifest.config = *here.add(image::config_type, R"({"of":"a service"})");
    manifest.layers = layers;
    return *here.add(image::manifest_type, image::write(manifest));
  }
  std::string& kept(const image::Descriptor& blob) { return server.kept.at(blob.digest.substr(7)); }
};

}  // namespace

TEST_CASE_METHOD(Shared, "an image comes to another machine whole, and each of its blobs is sent once") {
  const image::Descriptor base = layer("the base"), libraries = layer("libraries of several services");
  const image::Descriptor first = add({base, libraries, layer("one")});
  const image::Descriptor second = add({base, libraries, layer("other")});
  CHECK(image::put_shared(remote, here, first, {}));
  CHECK(server.puts == 5);
  CHECK(image::put_shared(remote, here, second, {}));
  CHECK(server.puts == 7);  // its own layer and its manifest
  REQUIRE(image::fetch_shared(remote, there, first));
  CHECK(there.is_whole(first));
  CHECK_FALSE(there.is_whole(second));
  CHECK(there.read(libraries.digest) == "libraries of several services");
}

TEST_CASE_METHOD(Shared, "an index brings the images of all its platforms") {
  image::Index index;
  index.manifests = {add({layer("amd64")}), add({layer("arm64")})};
  const image::Descriptor top = *here.add(image::index_type, image::write(index));
  CHECK(image::put_shared(remote, here, top, {}));
  REQUIRE(image::fetch_shared(remote, there, top));
  CHECK(there.is_whole(top));
}

TEST_CASE_METHOD(Shared, "layers that others have elsewhere are not sent") {
  const image::Descriptor base = layer("the base"), own = layer("its own");
  const image::Descriptor image = add({base, own});
  CHECK(image::put_shared(remote, here, image, {base.digest}));
  CHECK_FALSE(server.kept.contains(base.digest.substr(7)));
  const auto fetched = image::fetch_shared(remote, there, image);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().code == base::Code::imageMissing);
  REQUIRE(there.add(image::layer_type, "the base"));
  CHECK(image::fetch_shared(remote, there, image));
}

TEST_CASE_METHOD(Shared, "what was changed there is not taken, and leaves nothing") {
  const image::Descriptor own = layer("its own"), image = add({own});
  CHECK(image::put_shared(remote, here, image, {}));
  SECTION("another content") {
    kept(own) = "ITS own";
  }
  SECTION("cut off") {
    kept(own).pop_back();
  }
  SECTION("more than it was") {
    kept(own) += std::string(1000, 'x');
  }
  SECTION("another manifest") {
    kept(image) = kept(image).substr(0, kept(image).size() - 1) + " ";
  }
  const auto fetched = image::fetch_shared(remote, there, image);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().code == base::Code::digestMismatch);
  CHECK_FALSE(there.is_whole(image));
  CHECK_FALSE(there.has(own));
  for (const auto& each : fs::directory_iterator(root / "there/blobs")) CHECK(each.is_directory());
  // Who has built it then puts it right.
  CHECK(image::put_shared(remote, here, image, {}, true));
  CHECK(image::fetch_shared(remote, there, image));
}

TEST_CASE_METHOD(Shared, "an image with a layer that the server does not take is not shared") {
  server.largest = 500;
  const image::Descriptor image = add({layer(std::string(1000, 'x'))});
  CHECK_FALSE(image::put_shared(remote, here, image, {}));
  CHECK_FALSE(server.kept.contains(image.digest.substr(7)));
  CHECK(remote.trouble().empty());
}
