#include "pipelines/image/attach/provenance.h"

#include <nlohmann/json.hpp>

namespace msctl::image {
namespace {

using Json = nlohmann::ordered_json;

std::string hex_of(const std::string& digest) {
  return digest.substr(digest.find(':') + 1);
}

}  // namespace

std::string statement(const Provenance& provenance) {
  Json dependencies = Json::array();
  Json source{{"uri", provenance.repository.empty() ? "git+file:." : "git+" + provenance.repository}};
  source["digest"] = {{"gitCommit", provenance.commit}};
  dependencies.push_back(std::move(source));
  for (const auto& [name, digest] : provenance.bases)
    dependencies.push_back({{"uri", "docker://" + name}, {"digest", {{"sha256", hex_of(digest)}}}});
  Json internal = Json::object();
  if (!provenance.inputs.empty()) internal["inputs"] = provenance.inputs;
  const Json out{
      {"_type", "https://in-toto.io/Statement/v1"},
      {"subject", {{{"name", provenance.name}, {"digest", {{"sha256", hex_of(provenance.digest)}}}}}},
      {"predicateType", provenance_type},
      {"predicate",
       {{"buildDefinition",
         {{"buildType", "https://msctl.dev/build/" + provenance.road + "/v1"},
          {"externalParameters", {{"workspace", provenance.workspace}, {"service", provenance.service}}},
          {"internalParameters", std::move(internal)},
          {"resolvedDependencies", std::move(dependencies)}}},
        {"runDetails",
         {{"builder", {{"id", provenance.builder}, {"version", {{"msctl", provenance.version}}}}},
          {"metadata", Json::object()}}}}}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace msctl::image
