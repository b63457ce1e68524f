#include "runtime/release/release.h"

#include <algorithm>
#include <array>
#include <set>

namespace msctl::release {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 5> results{"pending", "deployed", "failed", "rolled-back",
                                                  "interrupted"};

Json part_json(const Part& part) {
  return {{"name", part.name}, {"needs", part.needs}, {"image", part.image}, {"objects", part.objects}};
}

Part part_from(const Json& in) {
  return {in.at("name").get<std::string>(), in.at("needs").get<std::vector<std::string>>(),
          in.at("image").get<std::string>(), in.at("objects").get<std::vector<Json>>()};
}

Release read(const Json& in) {
  Release out;
  out.id = in.at("id").get<int>();
  out.at = in.at("at").get<std::string>();
  out.ended = in.at("ended").get<std::string>();
  out.by = in.at("by").get<std::string>();
  out.revision = in.at("revision").get<std::string>();
  out.workspace = in.at("workspace").get<std::string>();
  out.environment = in.at("environment").get<std::string>();
  out.command = in.at("command").get<std::string>();
  out.services = in.at("services").get<std::vector<std::string>>();
  out.goes_back = in.value("goesBack", false);
  out.secrets = in.value("secrets", std::vector<std::string>{});
  out.result = result_from(in.at("result").get<std::string>()).value_or(Result::interrupted);
  out.code = in.at("code").get<std::string>();
  out.message = in.at("message").get<std::string>();
  out.rolled_back_to = in.at("rolledBackTo").get<int>();
  if (in.contains("canary")) out.canary = in.at("canary");
  for (const Json& part : in.at("parts")) out.parts.push_back(part_from(part));
  for (const Json& moment : in.at("timeline"))
    out.timeline.push_back({moment.at("at").get<std::string>(), moment.at("subject").get<std::string>(),
                            moment.at("text").get<std::string>()});
  return out;
}

}  // namespace

std::string_view to_string(Result result) {
  return results[static_cast<std::size_t>(result)];
}

std::optional<Result> result_from(std::string_view text) {
  const auto found = std::ranges::find(results, text);
  if (found == results.end()) return std::nullopt;
  return static_cast<Result>(found - results.begin());
}

const Part* Release::find(std::string_view part) const {
  const auto found = std::ranges::find(parts, part, &Part::name);
  return found == parts.end() ? nullptr : &*found;
}

Json to_json(const Release& release) {
  Json out{{"schema", 1},
           {"id", release.id},
           {"at", release.at},
           {"ended", release.ended},
           {"by", release.by},
           {"revision", release.revision},
           {"workspace", release.workspace},
           {"environment", release.environment},
           {"command", release.command},
           {"services", release.services},
           {"result", to_string(release.result)},
           {"code", release.code},
           {"message", release.message},
           {"rolledBackTo", release.rolled_back_to},
           {"parts", Json::array()},
           {"timeline", Json::array()}};
  if (release.goes_back) out["goesBack"] = true;
  if (!release.secrets.empty()) out["secrets"] = release.secrets;
  if (!release.canary.is_null()) out["canary"] = release.canary;
  for (const Part& part : release.parts) out["parts"].push_back(part_json(part));
  for (const Moment& moment : release.timeline)
    out["timeline"].push_back({{"at", moment.at}, {"subject", moment.subject}, {"text", moment.text}});
  return out;
}

base::Result<Release> release_from_json(const Json& in) {
  try {
    return read(in);
  } catch (const Json::exception& problem) {
    return base::fail(base::Code::badRecord,
                      std::string("the record of a release cannot be read: ") + problem.what());
  }
}

std::vector<std::vector<const Part*>> waves(const std::vector<Part>& parts) {
  std::set<std::string> waiting;
  for (const Part& part : parts) waiting.insert(part.name);
  std::vector<std::vector<const Part*>> out;
  while (!waiting.empty()) {
    std::vector<const Part*> wave;
    for (const Part& part : parts)
      if (waiting.contains(part.name) &&
          std::ranges::none_of(part.needs, [&](const std::string& need) { return waiting.contains(need); }))
        wave.push_back(&part);
    if (wave.empty())
      for (const Part& part : parts)
        if (waiting.contains(part.name)) wave.push_back(&part);
    for (const Part* part : wave) waiting.erase(part->name);
    out.push_back(std::move(wave));
  }
  return out;
}

}  // namespace msctl::release
