#include "runtime/contract/parted.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace msctl::contract {
namespace {

using replay::Exchange;

constexpr std::size_t shown = 5;

// A segment that names one thing among many: it has a digit and is a number or long, as ids are.
bool is_id(std::string_view segment) {
  if (!std::ranges::any_of(segment, [](unsigned char c) { return std::isdigit(c) != 0; })) return false;
  bool number = std::ranges::all_of(segment, [](unsigned char c) { return std::isdigit(c) != 0; });
  return number || segment.size() >= 8;
}

// "/items/0190163d-8694-739b-aea5-966c26f8ad91" → "/items/{}", with the ids apart.
std::string form_of(const std::string& path, std::vector<std::string>* ids = nullptr) {
  std::string out;
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    out += '/';
    if (is_id(segment)) {
      out += "{}";
      if (ids != nullptr) ids->emplace_back(segment);
    } else {
      out += segment;
    }
  }
  return out;
}

using Key = std::pair<std::string, std::string>;  // method, form

std::map<Key, std::map<int, int>> statuses(const std::vector<Exchange>& exchanges,
                                           const std::string& service) {
  std::map<Key, std::map<int, int>> out;
  for (const Exchange& each : exchanges)
    if (each.service == service) ++out[{each.method, form_of(each.path())}][each.status];
  return out;
}

// The exchange before this one whose answer names the id first: whoever made the thing.
const Exchange* maker(const std::vector<Exchange>& exchanges, std::size_t before, const std::string& id) {
  for (std::size_t i = 0; i < before; ++i) {
    const Exchange& each = exchanges[i];
    const std::string* location = each.response.header("Location");
    bool names = each.response.body.find(id) != std::string::npos ||
                 (location != nullptr && location->find(id) != std::string::npos);
    if (each.status < 400 && names) return &each;
  }
  return nullptr;
}

}  // namespace

std::vector<Parted> part(const std::vector<Exchange>& one, const std::vector<Exchange>& several,
                         const std::string& service) {
  auto expected = statuses(one, service);
  std::map<Key, std::map<int, int>> had;
  std::set<std::pair<Key, int>> told;
  std::vector<Parted> out;
  for (std::size_t i = 0; i < several.size() && out.size() < shown; ++i) {
    const Exchange& each = several[i];
    if (each.service != service) continue;
    std::vector<std::string> ids;
    Key key{each.method, form_of(each.path(), &ids)};
    if (++had[key][each.status] <= expected[key][each.status] || !told.insert({key, each.status}).second)
      continue;
    Parted parted;
    parted.method = each.method;
    parted.form = key.second;
    parted.status = each.status;
    for (const auto& [status, count] : expected[key])
      if (count > 0 && status != each.status) parted.with_one.push_back(status);
    // The same statuses, only more often: repeated by a client that could not believe them, say.
    if (parted.with_one.empty() && expected[key].contains(each.status) && expected[key][each.status] > 0)
      continue;
    parted.target = each.target;
    parted.replica = each.replica;
    parted.at = each.at;
    if (!ids.empty())
      if (const Exchange* made = maker(several, i, ids.back())) {
        parted.made_by = made->method + " " + form_of(made->path());
        parted.made_on = made->replica;
      }
    out.push_back(std::move(parted));
  }
  return out;
}

std::string describe(const Parted& parted) {
  std::string out =
      fmt::format("{} {} → {} by {}", parted.method, parted.target,
                  parted.status == 0 ? "no answer" : std::to_string(parted.status), parted.replica);
  if (!parted.with_one.empty()) out += fmt::format("; with one replica {}", fmt::join(parted.with_one, ", "));
  if (!parted.made_by.empty())
    out += parted.made_on == parted.replica
               ? fmt::format(" (made by {} on {}, in a process that was replaced since)", parted.made_by,
                             parted.made_on)
               : fmt::format(" (made by {} on {})", parted.made_by, parted.made_on);
  return out;
}

nlohmann::ordered_json to_json(const Parted& parted) {
  return {{"method", parted.method},    {"target", parted.target},   {"form", parted.form},
          {"status", parted.status},    {"replica", parted.replica}, {"at", parted.at},
          {"withOne", parted.with_one}, {"madeBy", parted.made_by},  {"madeOn", parted.made_on}};
}

}  // namespace msctl::contract
