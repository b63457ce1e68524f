#include "pipelines/image/registry/registry.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/base/file.h"
#include "tests/catch.h"

using namespace msctl;
using Kind = http::Failure::Kind;
namespace fs = std::filesystem;

namespace {

using Answer = std::expected<http::Response, http::Failure>;

std::string header(const http::Request& request, std::string_view name) {
  for (const auto& [each, value] : request.headers)
    if (each == name) return value;
  return {};
}

std::string body_of(const http::Request& request, std::size_t most = std::string::npos) {
  std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(request.body->size, most)), '\0');
  std::size_t at = 0;
  while (at < out.size()) at += request.body->read(at, out.data() + at, out.size() - at);
  return out;
}

http::Response answer(int status, http::Headers headers = {}, std::string body = {}) {
  http::Response out;
  out.status = status;
  out.headers = std::move(headers);
  out.body = std::move(body);
  return out;
}

// A 2xx with a body, as the client gives it: by the sink where there is one.
http::Response token(const std::string& text, const http::Request& request) {
  const std::string json = "{\"token\":\"" + text + "\"}";
  if (request.sink) (void)request.sink(json);
  return answer(200, {}, request.sink ? std::string{} : json);
}

Answer broken(Kind kind = Kind::broken) {
  return std::unexpected(http::Failure{kind, "it broke"});
}

struct Fixture : http::Transport {
  std::vector<http::Request> asked;
  std::function<Answer(const http::Request&)> on;
  std::vector<base::Duration> pauses;
  std::optional<image::Credential> credential;
  fs::path root;
  std::optional<image::Registry> registry;

  Fixture() {
    std::string path = (fs::temp_directory_path() / "registry-XXXXXX").string();
    root = ::mkdtemp(path.data());
    use("r.example");
  }
  ~Fixture() override { fs::remove_all(root); }

  void use(const std::string& name) {
    image::RegistryOptions options;
    options.chunk = 10;
    options.sleep = [this](base::Duration duration) { pauses.push_back(duration); };
    options.credential = [this]() -> base::Result<std::optional<image::Credential>> { return credential; };
    registry.emplace(*this, name, std::move(options));
  }

  Answer send(const http::Request& request) override {
    asked.push_back(request);
    return on(request);
  }

  // A blob on the disk.
  image::Descriptor blob(const std::string& content) const {
    std::ofstream(root / "blob") << content;
    image::Descriptor out = image::describe("x", content);
    return out;
  }
  std::string file() const { return (root / "blob").string(); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a token is fetched once, where the registry says, with the user's name") {
  credential = image::Credential{"ann", "secret", {}};
  on = [](const http::Request& request) -> Answer {
    if (request.url.host == "auth.example") {
      CHECK(header(request, "Authorization") == "Basic " + std::string("YW5uOnNlY3JldA=="));
      CHECK(request.url.target == "/token?service=r.example&scope=repository%3Ashop%2Forders%3Apull");
      return token("t0ken", request);
    }
    if (header(request, "Authorization") != "Bearer t0ken")
      return answer(
          401, {{"Www-Authenticate", R"(Bearer realm="https://auth.example/token",service="r.example")"}});
    return answer(200, {{"Docker-Content-Digest", "sha256:1"}});
  };
  CHECK(registry->head_manifest("shop/orders", "1"));
  CHECK(registry->head_manifest("shop/orders", "2"));
  CHECK(asked.size() == 4);  // refused, token, asked again; and the next at once
}

TEST_CASE_METHOD(Fixture, "a password goes nowhere without TLS, and to no other server") {
  credential = image::Credential{"ann", "secret", {}};
  SECTION("a server of tokens in the open") {
    on = [](const http::Request&) {
      return answer(401, {{"WWW-Authenticate", R"(Bearer realm="http://auth.example/token")"}});
    };
    auto asked_for = registry->head_manifest("a", "1");
    REQUIRE_FALSE(asked_for);
    CHECK(asked_for.error().code == base::Code::registryRefused);
    CHECK(asked.size() == 1);
  }
  SECTION("a redirect") {
    on = [](const http::Request& request) -> Answer {
      if (request.url.host == "storage.example") {
        CHECK(header(request, "Authorization").empty());
        return answer(200, {{"Docker-Content-Digest", "sha256:1"}});
      }
      if (header(request, "Authorization").empty())
        return answer(401, {{"WWW-Authenticate", "Basic realm=x"}});
      return answer(307, {{"Location", "https://storage.example/x"}});
    };
    CHECK(registry->head_manifest("a", "1"));
  }
  SECTION("a redirect to a place without TLS") {
    on = [](const http::Request&) { return answer(307, {{"Location", "http://storage.example/x"}}); };
    CHECK_FALSE(registry->head_manifest("a", "1"));
  }
}

TEST_CASE_METHOD(Fixture, "who is busy is asked again, later each time, and as late as it wants") {
  int left = 3;
  on = [&](const http::Request&) {
    return --left >= 0 ? answer(429, {{"Retry-After", "7"}})
                       : answer(200, {{"Docker-Content-Digest", "sha256:1"}});
  };
  CHECK(registry->head_manifest("a", "1"));
  REQUIRE(pauses.size() == 3);
  for (const base::Duration each : pauses) CHECK(each >= std::chrono::seconds(7));
}

TEST_CASE_METHOD(Fixture, "pauses grow, and end") {
  on = [](const http::Request&) { return broken(); };
  auto asked_for = registry->head_manifest("a", "1");
  REQUIRE_FALSE(asked_for);
  CHECK(asked_for.error().code == base::Code::registryUnreachable);
  CHECK(asked.size() == 6);
  REQUIRE(pauses.size() == 5);
  CHECK(pauses.back() >= pauses.front() * 8);
}

TEST_CASE_METHOD(Fixture, "a refusal is told in the registry's own words, at once") {
  on = [](const http::Request&) {
    return answer(403, {},
                  R"({"errors":[{"code":"DENIED","message":"not yours","detail":{"why":"quota"}}]})");
  };
  auto asked_for = registry->push_blob("a", blob("x"), file(), {}, {});
  REQUIRE_FALSE(asked_for);
  CHECK(asked_for.error().code == base::Code::registryRefused);
  CHECK(asked_for.error().message.find("DENIED: not yours ({\"why\":\"quota\"})") != std::string::npos);
  CHECK(pauses.empty());
}

TEST_CASE_METHOD(Fixture, "only a registry of this machine is spoken to without TLS") {
  on = [](const http::Request& request) -> Answer {
    if (request.url.scheme == "https") return broken(Kind::plain_text);
    return answer(200, {{"Docker-Content-Digest", "sha256:1"}});
  };
  CHECK_FALSE(registry->head_manifest("a", "1"));
  use("127.0.0.1:5000");
  CHECK(registry->head_manifest("a", "1"));
}

TEST_CASE_METHOD(Fixture, "a blob that is there is not sent") {
  on = [](const http::Request& request) {
    CHECK(request.method == "HEAD");
    return answer(200);
  };
  auto sent = registry->push_blob("a", blob("x"), file(), {}, {});
  REQUIRE(sent);
  CHECK(*sent == image::Registry::Sent::present);
}

TEST_CASE_METHOD(Fixture, "a blob of another repository is mounted from there") {
  on = [](const http::Request& request) {
    if (request.method == "HEAD") return answer(404);
    CHECK(request.url.target.find("&from=base%2Fdebian") != std::string::npos);
    return answer(201);
  };
  auto sent = registry->push_blob("a", blob("x"), file(), "base/debian", {});
  REQUIRE(sent);
  CHECK(*sent == image::Registry::Sent::mounted);
}

namespace {

// A registry's side of an upload.
struct Uploads {
  std::string have, done;
  int serial = 0;  // each answer renews the address
  std::string location() { return "/v2/a/blobs/uploads/u?n=" + std::to_string(++serial); }

  Answer operator()(const http::Request& request) {
    if (request.method == "HEAD") return answer(404);
    if (request.method == "POST") {
      have.clear();
      return answer(202, {{"Location", location()}});
    }
    CHECK(request.url.target.find("?n=" + std::to_string(serial)) != std::string::npos);
    if (request.method == "GET")
      return answer(204, {{"Location", location()},
                          {"Range", "0-" + std::to_string(have.empty() ? 0 : have.size() - 1)}});
    const std::string range = header(request, "Content-Range");
    if (!range.empty() && !range.starts_with(std::to_string(have.size()) + "-"))
      return answer(416, {{"Location", location()}});
    have += body_of(request);
    if (request.method == "PATCH") return answer(202, {{"Location", location()}});
    CHECK(request.url.target.find("&digest=sha256%3A") != std::string::npos);
    done = have;
    return answer(201);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a blob is sent in chunks, each to the address that the last answer gave") {
  Uploads uploads;
  on = [&](const http::Request& request) { return uploads(request); };
  std::uint64_t told = 0;
  auto sent = registry->push_blob("a", blob("0123456789abcdefghijXYZ"), file(), {},
                                  [&](std::uint64_t n) { told = n; });
  REQUIRE(sent);
  CHECK(uploads.done == "0123456789abcdefghijXYZ");
  CHECK(told == 23);
  CHECK(asked.size() == 5);  // HEAD, POST, PATCH, PATCH, PUT
}

TEST_CASE_METHOD(Fixture, "an upload that breaks off goes on where it stopped") {
  Uploads uploads;
  int breaks = 0;
  on = [&](const http::Request& request) -> Answer {
    // The second chunk arrives by half.
    if (request.method == "PATCH" && uploads.have.size() == 10 && breaks++ == 0) {
      uploads.have += body_of(request, 5);
      return broken();
    }
    return uploads(request);
  };
  REQUIRE(registry->push_blob("a", blob("0123456789abcdefghijXYZ"), file(), {}, {}));
  CHECK(breaks > 0);
  CHECK(uploads.done == "0123456789abcdefghijXYZ");
}

TEST_CASE_METHOD(Fixture, "an upload that the registry has forgotten begins anew") {
  Uploads uploads;
  int breaks = 0;
  on = [&](const http::Request& request) -> Answer {
    if (request.method == "PUT" && breaks++ == 0) return broken();
    if (request.method == "GET") return answer(404);
    return uploads(request);
  };
  REQUIRE(registry->push_blob("a", blob("0123456789abcdefghijXYZ"), file(), {}, {}));
  CHECK(uploads.done == "0123456789abcdefghijXYZ");
}

TEST_CASE_METHOD(Fixture, "where only the last answer was lost, the blob is there all the same") {
  Uploads uploads;
  on = [&](const http::Request& request) -> Answer {
    if (request.method == "HEAD") return answer(uploads.done.empty() ? 404 : 200);
    if (request.method == "PUT" && uploads.done.empty()) {
      (void)uploads(request);
      return broken();
    }
    if (!uploads.done.empty()) return broken();
    return uploads(request);
  };
  auto sent = registry->push_blob("a", blob("x"), file(), {}, {});
  CHECK(sent);
}

TEST_CASE_METHOD(Fixture, "a blob that is fetched is held against its digest") {
  std::string content = "content";
  on = [&](const http::Request& request) -> Answer {
    if (request.method == "HEAD") return answer(206);
    (void)request.sink(content);
    return answer(200);
  };
  const image::Descriptor wanted = image::describe("x", "content");
  REQUIRE(registry->fetch_blob("a", wanted, file(), {}));
  CHECK(*base::read_file(file()) == "content");
  content = "contenu";
  auto other = registry->fetch_blob("a", wanted, file(), {});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == base::Code::digestMismatch);
  content = "content and more";
  CHECK_FALSE(registry->fetch_blob("a", wanted, file(), {}));
}

TEST_CASE_METHOD(Fixture, "a blob that breaks off is fetched on, not anew, where the server can") {
  const bool ranges = GENERATE(true, false);
  int n = 0;
  on = [&](const http::Request& request) -> Answer {
    if (request.method == "HEAD") return answer(ranges ? 206 : 200);
    if (n++ == 0) {
      (void)request.sink("cont");
      return broken();
    }
    CHECK(header(request, "Range") == (ranges ? "bytes=4-" : ""));
    (void)request.sink(ranges ? "ent" : "content");
    return answer(ranges ? 206 : 200);
  };
  REQUIRE(registry->fetch_blob("a", image::describe("x", "content"), file(), {}));
  CHECK(*base::read_file(file()) == "content");
}

TEST_CASE_METHOD(Fixture, "a manifest under a digest must have that digest") {
  on = [](const http::Request& request) -> Answer {
    (void)request.sink("{}");
    return answer(200, {{"Content-Type", std::string(image::manifest_type)}});
  };
  CHECK(registry->manifest("a", "1"));
  auto other = registry->manifest("a", "sha256:" + std::string(64, '0'));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == base::Code::digestMismatch);
}
