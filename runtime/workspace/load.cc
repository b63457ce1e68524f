#include "runtime/workspace/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gateway/config/decode.h"
#include "runtime/workspace/check.h"
#include "runtime/workspace/decode.h"
#include "runtime/workspace/patterns.h"
#include "runtime/workspace/read.h"
#include "runtime/workspace/schema.h"
#include "runtime/workspace/variables.h"

namespace msctl::workspace {
namespace {

using base::Code;
using base::Errors;

// One load: reads every file, and gathers the errors of all.
class Loader {
public:
  Loader(std::string root, const LoadOptions& options) : reader_(std::move(root), options) {}

  std::expected<Workspace, Errors> load() {
    if (std::optional<yaml::Node> file = reader_.read_workspace(errors_)) read_workspace(*file);
    check(workspace_, files_, broken_, errors_);
    if (errors_.empty()) return std::move(workspace_);
    base::sort_errors(errors_);
    return std::unexpected(std::move(errors_));
  }

private:
  void read_workspace(const yaml::Node& file) {
    bool decodable = is_decodable(judge(file, *workspace_schema(), errors_));
    workspace_.root = reader_.root();
    // Services are read even where msctl.yaml has errors elsewhere: all errors in one go.
    if (const yaml::Node* patterns = file.find("services"); patterns && patterns->is_list())
      for (ServiceFile& service : reader_.read_services(match_patterns(*patterns))) take(std::move(service));
    std::ranges::sort(workspace_.services, {}, &Service::name);
    if (!decodable) return;
    workspace_.name = file.find("workspace")->scalar;
    if (const yaml::Node* gateway = file.find("gateway"))
      workspace_.gateway = gateway::config::decode(*gateway, reader_.root(), errors_);
    workspace_.environments = decode_environments(file, errors_);
    // Places in files are told as seen from the root.
    for (Environment& each : workspace_.environments)
      if (std::string& path = each.secrets.file; !path.empty() && !path.starts_with('/'))
        path = reader_.root() + "/" + path;
    if (const yaml::Node* pipelines = file.find("pipelines")) {
      workspace_.pipelines = decode_pipelines(*pipelines, errors_);
      workspace_.cache = decode_cache(*pipelines, errors_);
      workspace_.image_bases = decode_image_bases(*pipelines);
    }
  }

  std::vector<std::string> match_patterns(const yaml::Node& patterns) {
    FoundFolders found = find_services(reader_.root(), patterns, errors_);
    workspace_.service_patterns = std::move(found.patterns);
    broken_.merge(found.broken);
    return std::move(found.folders);
  }

  void take(ServiceFile file) {
    errors_.insert(errors_.end(), file.errors.begin(), file.errors.end());
    if (!file.broken.empty()) broken_.insert(file.broken);
    if (!file.service) return;
    Service& service = *file.service;
    if (auto first = files_.find(service.name); first != files_.end()) {
      errors_.push_back({Code::duplicateService,
                         fmt::format("there are two services '{}'", service.name),
                         service.at,
                         "a name of its own for each service",
                         fmt::format("the other stands in {}", first->second.source->name),
                         {}});
      return;
    }
    files_.emplace(service.name, std::move(*file.tree));
    workspace_.services.push_back(std::move(service));
  }

  Reader reader_;
  Workspace workspace_;
  std::map<std::string, yaml::Node> files_;
  Errors errors_;
  // Services that could not be read whole: nothing is concluded from their absence. An empty name: any may be
  // missing.
  std::set<std::string> broken_;
};

}  // namespace

std::expected<Workspace, Errors> load(const std::string& root, const LoadOptions& options) {
  return Loader(root, options).load();
}

std::optional<std::string> variable(const std::string& root, const LoadOptions& options,
                                    const std::string& name) {
  return with_dotenv(root, options.variable)(name);
}

const Service* Workspace::find(std::string_view service) const {
  auto found = std::ranges::lower_bound(services, service, {}, &Service::name);
  if (found != services.end() && found->name == service) return &*found;
  // One that was not loaded, but put together, may be in another order.
  if (std::ranges::is_sorted(services, {}, &Service::name)) return nullptr;
  found = std::ranges::find(services, service, &Service::name);
  return found == services.end() ? nullptr : &*found;
}

std::set<std::string> Workspace::languages() const {
  std::set<std::string> out;
  for (const Service& service : services) out.insert(service.language);
  return out;
}

std::vector<std::string> Workspace::service_names() const {
  std::vector<std::string> out;
  for (const Service& service : services) out.push_back(service.name);
  return out;
}

}  // namespace msctl::workspace
