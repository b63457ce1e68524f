#include "runtime/kubernetes/records/records.h"

#include <random>

#include "runtime/kubernetes/records/packed.h"
#include "tests/catch.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

release::Release release_of(int id) {
  release::Release out;
  out.id = id;
  out.workspace = "shop";
  out.by = "ada@laptop";
  out.services = {"orders"};
  out.parts = {{"orders",
                {"redis"},
                "r/shop/orders@sha256:1",
                {Json{{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "orders"}}}}}}};
  return out;
}

// What does not pack well, so that a record is more than one piece.
std::string noise(std::size_t bytes) {
  std::mt19937 random(1);
  std::string out;
  while (out.size() < bytes) out += "0123456789abcdef"[random() % 16];
  return out;
}

}  // namespace

TEST_CASE("a release is kept, found again whole, and listed without its objects") {
  fakes::FakeCluster cluster;
  Records records(cluster, "shop");
  REQUIRE(records.add(release_of(1)));
  release::Release second = release_of(2);
  second.parts[0].objects[0]["data"] = noise(std::size_t{3} << 20);
  REQUIRE(records.add(second));
  auto all = records.list();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].id == 2);
  CHECK((*all)[0].parts.empty());
  auto found = records.load(2);
  REQUIRE(found);
  CHECK(release::to_json(*found) == release::to_json(second));
  // Within what a ConfigMap may hold.
  for (const auto& [ref, object] : cluster.objects) CHECK(object.dump().size() < (std::size_t{1} << 20));
  CHECK(cluster.objects.size() > 4);
}

TEST_CASE("how a release ended is written over its head alone") {
  fakes::FakeCluster cluster;
  Records records(cluster, "shop");
  release::Release release = release_of(1);
  REQUIRE(records.add(release));
  release.result = release::Result::failed;
  release.code = "MSC5102";
  release.canary = {{"steps", Json::array({{{"percent", 5}, {"result", "worse"}}})}};
  release.timeline = {{"2026-01-01T00:00:00Z", "orders", "created"}};
  REQUIRE(records.finish(release));
  auto found = records.load(1);
  REQUIRE(found);
  CHECK(found->result == release::Result::failed);
  CHECK(found->timeline.size() == 1);
  CHECK(found->canary == release.canary);
  CHECK(found->parts.size() == 1);
}

TEST_CASE("a record that was changed, or is gone in part, is told as such") {
  fakes::FakeCluster cluster;
  Records records(cluster, "shop");
  REQUIRE(records.add(release_of(1)));
  const Ref piece{"v1", "ConfigMap", "msctl-shop-release-1-1"};
  Json changed = cluster.objects.at(piece);
  changed["binaryData"]["content"] = "AAAA";
  cluster.objects[piece] = changed;
  CHECK(records.load(1).error().code == base::Code::badRecord);
  cluster.objects.erase(piece);
  CHECK(records.load(1).error().code == base::Code::badRecord);
  CHECK(records.load(9).error().code == base::Code::noRelease);
}

TEST_CASE("old records go, those that are needed stay, and so goes what no head leads to") {
  fakes::FakeCluster cluster;
  Records records(cluster, "shop");
  for (int id = 1; id <= 6; ++id) REQUIRE(records.add(release_of(id)));
  cluster.objects.erase({"v1", "ConfigMap", "msctl-shop-release-5"});  // killed before its head was written
  REQUIRE(records.trim(2, {1}));
  auto all = records.list();
  REQUIRE(all);
  std::vector<int> ids;
  for (const release::Release& each : *all) ids.push_back(each.id);
  CHECK(ids == std::vector<int>{6, 4, 1});
  CHECK_FALSE(cluster.objects.contains({"v1", "ConfigMap", "msctl-shop-release-5-1"}));
  CHECK(records.load(1));
}

TEST_CASE("Secrets that only old records name are let go before the records are") {
  fakes::FakeCluster cluster;
  Records records(cluster, "shop");
  const std::vector<std::vector<std::string>> named{{"a", "b"}, {"b"}, {"c"}, {"c", "d"}};
  for (int id = 1; id <= 4; ++id) {
    release::Release release = release_of(id);
    release.secrets = named[static_cast<std::size_t>(id) - 1];
    REQUIRE(records.add(release));
  }
  const auto before = cluster.objects;
  std::vector<std::string> told;
  const auto refused =
      records.trim(1, {}, [&](const std::vector<std::string>& secrets) -> base::Result<void> {
        told = secrets;
        return base::fail(base::Code::forbidden, "no");
      });
  CHECK(told == std::vector<std::string>{"a", "b"});
  // As they are not gone, what names them is not, either.
  CHECK(refused.error().code == base::Code::forbidden);
  CHECK(cluster.objects == before);
  REQUIRE(records.trim(1, {}, [](const std::vector<std::string>&) { return base::Result<void>{}; }));
  auto left = records.list();
  REQUIRE(left);
  REQUIRE(left->size() == 1);
  CHECK(left->front().secrets == named[3]);
}

TEST_CASE("what is packed is unpacked, and no more than is allowed") {
  CHECK(unpack(pack("")) == "");
  const std::string text = noise(100'000);
  CHECK(unpack(pack(text)) == text);
  CHECK_FALSE(unpack(pack(text), 1000));
  CHECK_FALSE(unpack("not gzip at all, not at all"));
  CHECK_FALSE(unpack(pack(text).substr(0, 500)));
}
