#include "runtime/kubernetes/records/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <ranges>
#include <set>

#include "runtime/base/base64.h"
#include "runtime/digest/digest.h"
#include "runtime/kubernetes/records/packed.h"

namespace msctl::kubernetes {
namespace {

constexpr const char* record_label = "msctl.dev/record";  // head, content
constexpr const char* owner_label = "msctl.dev/workspace";
constexpr const char* release_label = "msctl.dev/release";
// A third more in base64; a ConfigMap may have 1 MiB of what is in it, and a request 3 MiB.
constexpr std::size_t piece_bytes = std::size_t{700} << 10;

int id_of(const Json& config_map) {
  const std::string text = label(config_map, release_label);
  int id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

Json head_of(const Json& config_map) {
  if (!config_map.contains("data") || !config_map["data"].is_object()) return Json::object();
  Json head = Json::parse(config_map["data"].value("release", ""), nullptr, false);
  return head.is_object() ? head : Json::object();
}

// What is named in the heads of records that go, and in none of those that stay.
std::vector<std::string> left_by(const std::vector<Json>& all, const std::set<int>& kept) {
  std::set<std::string> named, still_named;
  for (const Json& each : all)
    for (const Json& secret : head_of(each).value("secrets", Json::array()))
      (kept.contains(id_of(each)) ? still_named : named).insert(secret.get<std::string>());
  std::vector<std::string> out;
  std::ranges::set_difference(named, still_named, std::back_inserter(out));
  return out;
}

std::unexpected<base::Error> broken(int id, const std::string& why) {
  return base::fail(base::Code::badRecord, fmt::format("the record of release {} {}", id, why));
}

}  // namespace

std::string Records::name(int id) const {
  return fmt::format("msctl-{}-release-{}", workspace_, id);
}

Json Records::config_map(const std::string& name, int id, const char* what) const {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", name},
            {"namespace", cluster_.space()},
            {"labels",
             {{names::managed_by, "msctl"},
              {owner_label, workspace_},
              {record_label, what},
              {release_label, std::to_string(id)}}}}}};
}

base::Result<std::vector<release::Release>> Records::list() {
  auto found = cluster_.list({"v1", "ConfigMap", {}},
                             fmt::format("{}={},{}=head", owner_label, workspace_, record_label));
  if (!found) return std::unexpected(found.error().error);
  std::vector<release::Release> out;
  for (const Json& each : *found)
    if (auto release = release::release_from_json(head_of(each))) out.push_back(*std::move(release));
  std::ranges::sort(out, std::greater{}, &release::Release::id);
  return out;
}

base::Result<std::string> Records::content(int id, const Json& head) {
  std::string packed;
  const int pieces = head.value("pieces", 0);
  for (int i = 1; i <= pieces; ++i) {
    auto piece = cluster_.get({"v1", "ConfigMap", fmt::format("{}-{}", name(id), i)});
    if (!piece) {
      if (piece.error().kind == Refusal::Kind::not_found) return broken(id, "is not there in whole");
      return std::unexpected(piece.error().error);
    }
    auto bytes = piece->contains("binaryData")
                     ? base::from_base64((*piece)["binaryData"].value("content", ""))
                     : std::nullopt;
    if (!bytes) return broken(id, "has a piece that is none");
    packed += *bytes;
  }
  if (digest::sha256(packed) != head.value("digest", "")) return broken(id, "is not what was written");
  auto out = unpack(packed);
  if (!out) return broken(id, "cannot be unpacked");
  return *std::move(out);
}

base::Result<release::Release> Records::load(int id) {
  auto found = cluster_.get({"v1", "ConfigMap", name(id)});
  if (!found) {
    if (found.error().kind == Refusal::Kind::not_found)
      return base::fail(base::Code::noRelease, fmt::format("there is no release {}", id),
                        "'msctl history -e ENV' lists them");
    return std::unexpected(found.error().error);
  }
  Json head = head_of(*found);
  auto text = content(id, head);
  if (!text) return std::unexpected(text.error());
  head["parts"] = Json::parse(*text, nullptr, false);
  if (head["parts"].is_discarded()) return broken(id, "is no JSON");
  return release::release_from_json(head);
}

base::Result<void> Records::add(const release::Release& release) {
  Json head = release::to_json(release);
  const std::string packed = pack(head["parts"].dump());
  head["parts"] = Json::array();
  int pieces = 0;
  for (std::size_t at = 0; at < packed.size(); at += piece_bytes) {
    Json piece = config_map(fmt::format("{}-{}", name(release.id), ++pieces), release.id, "content");
    piece["immutable"] = true;
    piece["binaryData"]["content"] = base::to_base64(packed.substr(at, piece_bytes));
    auto made = cluster_.create(piece);
    if (!made) return std::unexpected(made.error().error);
  }
  head["pieces"] = pieces;
  head["digest"] = digest::sha256(packed);
  Json object = config_map(name(release.id), release.id, "head");
  object["data"]["release"] = head.dump(1);
  if (auto made = cluster_.create(object); !made) return std::unexpected(made.error().error);
  return {};
}

base::Result<void> Records::finish(const release::Release& release) {
  constexpr int attempts = 3;
  for (int i = 0;; ++i) {
    auto found = cluster_.get({"v1", "ConfigMap", name(release.id)});
    if (!found) return std::unexpected(found.error().error);
    Json head = head_of(*found);
    Json next = release::to_json(release);
    next["parts"] = Json::array();
    next["pieces"] = head.value("pieces", 0);
    next["digest"] = head.value("digest", "");
    (*found)["data"]["release"] = next.dump(1);
    auto written = cluster_.replace(*found);
    if (written) return {};
    if (written.error().kind != Refusal::Kind::conflict || i + 1 == attempts)
      return std::unexpected(written.error().error);
  }
}

base::Result<void> Records::trim(std::size_t most, const std::vector<int>& needed, const LetGo& let_go) {
  auto all = cluster_.list({"v1", "ConfigMap", {}}, fmt::format("{}={}", owner_label, workspace_));
  if (!all) return std::unexpected(all.error().error);
  std::set<int, std::greater<>> heads;
  for (const Json& each : *all)
    if (label(each, record_label) == "head") heads.insert(id_of(each));
  std::set<int> kept(needed.begin(), needed.end());
  for (int id : heads | std::views::take(most)) kept.insert(id);
  if (let_go)
    if (auto gone = let_go(left_by(*all, kept)); !gone) return gone;
  // The head goes first: a record is whole, or it is not there.
  std::ranges::stable_partition(*all, [](const Json& each) { return label(each, record_label) == "head"; });
  for (const Json& each : *all) {
    if (kept.contains(id_of(each)) && heads.contains(id_of(each))) continue;
    auto removed = cluster_.remove(ref_of(each), uid_of(each), {});
    if (!removed && removed.error().kind != Refusal::Kind::not_found)
      return std::unexpected(removed.error().error);
  }
  return {};
}

}  // namespace msctl::kubernetes
