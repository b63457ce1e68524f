#include <nlohmann/json.hpp>

#include "pipelines/image/oci/types.h"

namespace msctl::image {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Annotations& annotations) {
  Json out = Json::object();
  for (const auto& [name, value] : annotations) out[name] = value;
  return out;
}

Json to_json(const Descriptor& descriptor) {
  Json out{{"mediaType", descriptor.media_type}};
  if (!descriptor.artifact_type.empty()) out["artifactType"] = descriptor.artifact_type;
  out["digest"] = descriptor.digest;
  out["size"] = descriptor.size;
  if (descriptor.platform) {
    out["platform"] = {{"architecture", descriptor.platform->architecture}, {"os", descriptor.platform->os}};
    if (!descriptor.platform->variant.empty()) out["platform"]["variant"] = descriptor.platform->variant;
  }
  if (!descriptor.annotations.empty()) out["annotations"] = to_json(descriptor.annotations);
  return out;
}

Json to_json(const std::vector<Descriptor>& descriptors) {
  Json out = Json::array();
  for (const Descriptor& each : descriptors) out.push_back(to_json(each));
  return out;
}

// What came from others may hold any bytes.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string write(const Manifest& manifest) {
  Json out{{"schemaVersion", 2}, {"mediaType", manifest.media_type}};
  if (!manifest.artifact_type.empty()) out["artifactType"] = manifest.artifact_type;
  out["config"] = to_json(manifest.config);
  out["layers"] = to_json(manifest.layers);
  if (manifest.subject) out["subject"] = to_json(*manifest.subject);
  if (!manifest.annotations.empty()) out["annotations"] = to_json(manifest.annotations);
  return text_of(out);
}

std::string write(const Index& index) {
  Json out{{"schemaVersion", 2}, {"mediaType", index.media_type}, {"manifests", to_json(index.manifests)}};
  if (!index.annotations.empty()) out["annotations"] = to_json(index.annotations);
  return text_of(out);
}

std::string write(const Config& config) {
  Json running = Json::object();
  if (!config.user.empty()) running["User"] = config.user;
  if (!config.exposed_ports.empty())
    for (const std::string& port : config.exposed_ports) running["ExposedPorts"][port] = Json::object();
  if (!config.environment.empty()) running["Env"] = config.environment;
  if (!config.entrypoint.empty()) running["Entrypoint"] = config.entrypoint;
  if (!config.command.empty()) running["Cmd"] = config.command;
  if (!config.working_folder.empty()) running["WorkingDir"] = config.working_folder;
  if (!config.labels.empty()) running["Labels"] = to_json(config.labels);
  if (!config.stop_signal.empty()) running["StopSignal"] = config.stop_signal;

  Json history = Json::array();
  for (const History& each : config.history) {
    Json step = Json::object();
    if (!config.created.empty()) step["created"] = config.created;
    if (!each.created_by.empty()) step["created_by"] = each.created_by;
    if (!each.comment.empty()) step["comment"] = each.comment;
    if (each.empty_layer) step["empty_layer"] = true;
    history.push_back(std::move(step));
  }
  Json out = Json::object();
  if (!config.created.empty()) out["created"] = config.created;
  out["architecture"] = config.platform.architecture;
  if (!config.platform.variant.empty()) out["variant"] = config.platform.variant;
  out["os"] = config.platform.os;
  out["config"] = std::move(running);
  out["rootfs"] = {{"type", "layers"}, {"diff_ids", config.diff_ids}};
  out["history"] = std::move(history);
  return text_of(out);
}

}  // namespace msctl::image
