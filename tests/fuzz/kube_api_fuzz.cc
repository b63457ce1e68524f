// What an API server, or something that pretends to be one, answers: refusals, discovery, and a watch's
// stream in pieces of any size. The state that is told stays consistent: nothing is added twice, and nothing
// changes or goes that is not there.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "runtime/kubernetes/api/discovery.h"
#include "runtime/kubernetes/api/watch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/files.h"
#include "tests/fakes/processes.h"
#include "tests/fuzz/check.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

// Lists one Pod, then gives the bytes as the stream of the watch.
class Server final : public http::Transport {
public:
  Server(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}

  std::expected<http::Response, http::Failure> send(const http::Request& request) override {
    http::Response out;
    out.status = 200;
    const bool watch = request.url.target.find("watch=1") != std::string::npos;
    if (!watch) {
      request.sink(
          R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a","resourceVersion":"3"}}]})");
      return out;
    }
    if (++watches > 1) {
      out.status = 403;
      return out;
    }
    for (std::size_t at = 0; at < bytes_.size(); at += piece_)
      if (!request.sink(std::string_view(bytes_).substr(at, piece_)))
        return std::unexpected(http::Failure{http::Failure::Kind::refused, "not taken"});
    return out;
  }

private:
  std::string bytes_;
  std::size_t piece_;
  int watches = 0;
};

void follow(const std::string& bytes, std::size_t piece) {
  fakes::FakeFiles files;
  fakes::FakeProcesses processes;
  fakes::FakeClock clock;
  kubeconfig::Access access;
  access.cluster.server = "https://a";
  api::Options options;
  options.sleep = [](base::Duration) {};
  auto server = std::make_shared<Server>(bytes, piece);
  options.transport = [&](const http::Tls&) { return server; };
  auto client = api::Client::connect(access, {files, processes, clock}, std::move(options));
  FUZZ_CHECK(client);
  std::map<std::pair<std::string, std::string>, int> there;
  auto ran = api::Reflector(*client, {.kind = {"v1", "Pod"}}).run([&](const api::Event& event) {
    if (event.type == api::Event::Type::synced) return true;
    FUZZ_CHECK(event.object != nullptr);
    const api::Name name = api::name_of(*event.object);
    int& count = there[{name.space, name.name}];
    if (event.type == api::Event::Type::added) {
      FUZZ_CHECK(count++ == 0);
    } else {
      FUZZ_CHECK(count == 1);
      if (event.type == api::Event::Type::deleted) count = 0;
    }
    return true;
  });
  FUZZ_CHECK(!ran);  // the second watch is refused
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const api::About about{"patch", "apps", "deployments", {}, "Deployment", "orders", "shop"};
  for (const int status : {400, 401, 403, 404, 409, 410, 422, 429, 500}) {
    const api::Failure failure = api::read_failure(status, text, text, about, "ann");
    FUZZ_CHECK(!failure.error.message.empty());
    for (const char c : base::to_text(failure.error))
      FUZZ_CHECK(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  }
  const auto json = api::Json::parse(text, nullptr, false);
  for (const auto& each : api::Discovery::read_aggregated(json)) FUZZ_CHECK(!each.plural.empty());
  for (const auto& each : api::Discovery::read_list(json)) FUZZ_CHECK(!each.plural.empty());
  follow(text, 1 + data[0]);
  return 0;
}
