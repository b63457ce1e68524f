#include "pipelines/image/sbom/documents.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/base/clock.h"

namespace msctl::image {
namespace {

using Json = nlohmann::ordered_json;

std::string time_of(std::int64_t seconds) {
  const std::string text = base::to_rfc3339(base::WallTime{std::chrono::seconds(seconds)});
  return text.substr(0, text.find('.')) + "Z";
}

std::string hex_of(const Subject& subject) {
  return subject.digest.substr(subject.digest.find(':') + 1);
}

// From the image's digest, so that it is the same each time: a UUID of version 8, which is for that.
std::string uuid_of(const std::string& hex) {
  return fmt::format("{}-{}-8{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                     hex.substr(17, 3), hex.substr(20, 12));
}

// What both formats take for an oci image: pkg:oci/NAME@DIGEST?repository_url=…
std::string purl_of(const Subject& subject) {
  const std::string last = subject.name.substr(subject.name.rfind('/') + 1);
  return fmt::format("pkg:oci/{}@sha256%3A{}?repository_url={}", last, hex_of(subject), subject.name);
}

// A simple expression of identifiers; anything else is not taken for one.
bool is_license(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.+") ==
             std::string::npos &&
         text != "UNLICENSED" && text != "LICENSE";
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string spdx(const Subject& subject, const Packages& packages) {
  const auto package_json = [](const std::string& id, const std::string& name, const std::string& version,
                               const std::string& purl) {
    Json out{{"SPDXID", id}, {"name", name}};
    if (!version.empty()) out["versionInfo"] = version;
    out["downloadLocation"] = "NOASSERTION";
    out["filesAnalyzed"] = false;
    out["licenseConcluded"] = "NOASSERTION";
    out["licenseDeclared"] = "NOASSERTION";
    out["copyrightText"] = "NOASSERTION";
    out["externalRefs"] = {
        {{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", purl}}};
    return out;
  };
  Json all = Json::array(), relationships = Json::array();
  Json image = package_json("SPDXRef-image", subject.name, subject.digest, purl_of(subject));
  image["primaryPackagePurpose"] = "CONTAINER";
  image["checksums"] = {{{"algorithm", "SHA256"}, {"checksumValue", hex_of(subject)}}};
  all.push_back(std::move(image));
  relationships.push_back({{"spdxElementId", "SPDXRef-DOCUMENT"},
                           {"relationshipType", "DESCRIBES"},
                           {"relatedSpdxElement", "SPDXRef-image"}});
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const Package& each = packages[i];
    const std::string id = fmt::format("SPDXRef-package-{}", i + 1);
    Json package = package_json(id, each.name, each.version, each.purl);
    if (!each.hash.empty())
      package["checksums"] = {{{"algorithm", each.algorithm}, {"checksumValue", each.hash}}};
    if (is_license(each.license)) package["licenseDeclared"] = each.license;
    all.push_back(std::move(package));
    relationships.push_back(
        {{"spdxElementId", "SPDXRef-image"}, {"relationshipType", "CONTAINS"}, {"relatedSpdxElement", id}});
  }
  return dump({{"spdxVersion", "SPDX-2.3"},
               {"dataLicense", "CC0-1.0"},
               {"SPDXID", "SPDXRef-DOCUMENT"},
               {"name", subject.service},
               {"documentNamespace", "https://msctl.dev/spdx/" + uuid_of(hex_of(subject))},
               {"creationInfo",
                {{"created", time_of(subject.time)}, {"creators", {"Tool: msctl-" + subject.version}}}},
               {"packages", std::move(all)},
               {"relationships", std::move(relationships)}});
}

std::string cyclonedx(const Subject& subject, const Packages& packages) {
  Json components = Json::array(), depends = Json::array();
  for (const Package& each : packages) {
    Json component{
        {"type", "library"}, {"bom-ref", each.purl}, {"name", each.name}, {"version", each.version}};
    if (!each.hash.empty())
      component["hashes"] = {
          {{"alg", each.algorithm == "SHA512" ? "SHA-512" : "SHA-256"}, {"content", each.hash}}};
    if (is_license(each.license)) component["licenses"] = {{{"expression", each.license}}};
    component["purl"] = each.purl;
    components.push_back(std::move(component));
    depends.push_back(each.purl);
  }
  Json dependencies = Json::array();
  dependencies.push_back({{"ref", purl_of(subject)}, {"dependsOn", std::move(depends)}});
  return dump(
      {{"$schema", "http://cyclonedx.org/schema/bom-1.5.schema.json"},
       {"bomFormat", "CycloneDX"},
       {"specVersion", "1.5"},
       {"serialNumber", "urn:uuid:" + uuid_of(hex_of(subject))},
       {"version", 1},
       {"metadata",
        {{"timestamp", time_of(subject.time)},
         {"tools",
          {{"components", {{{"type", "application"}, {"name", "msctl"}, {"version", subject.version}}}}}},
         {"component",
          {{"type", "container"},
           {"bom-ref", purl_of(subject)},
           {"name", subject.name},
           {"version", subject.digest},
           {"purl", purl_of(subject)}}}}},
       {"components", std::move(components)},
       {"dependencies", std::move(dependencies)}});
}

}  // namespace msctl::image
