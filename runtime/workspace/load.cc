#include "runtime/workspace/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "gateway/config/decode.h"
#include "runtime/base/file.h"
#include "runtime/base/names.h"
#include "runtime/workspace/check.h"
#include "runtime/workspace/decode.h"
#include "runtime/workspace/find.h"
#include "runtime/workspace/schema.h"
#include "runtime/workspace/variables.h"

namespace msctl::workspace {
namespace {

using base::Code;
using base::Errors;

// One load: reads every file, and gathers the errors of all.
class Loader {
public:
  Loader(std::string root, const LoadOptions& options)
      : root_(std::move(root)), options_(options), lookup_(with_dotenv(root_, options.variable)) {}

  std::expected<Workspace, Errors> load() {
    if (std::optional<yaml::Node> file = read_workspace_file()) read_workspace(*file);
    check(workspace_, files_, broken_, errors_);
    if (errors_.empty()) return std::move(workspace_);
    base::sort_errors(errors_);
    return std::unexpected(std::move(errors_));
  }

private:
  // A file as a tree with its variables replaced; nothing where it has no sound tree.
  std::optional<yaml::Node> read(const std::string& relative) {
    auto text = base::read_file(root_ + "/" + relative);
    if (!text) {
      base::Error error = text.error();
      error.at.file = relative;
      errors_.push_back(std::move(error));
      return std::nullopt;
    }
    yaml::Document document = yaml::parse(relative, std::move(*text));
    bool sound = document.errors.empty() || document.errors.front().code != Code::yamlSyntax;
    errors_.insert(errors_.end(), document.errors.begin(), document.errors.end());
    if (!sound) return std::nullopt;
    interpolate(document.root, lookup_, errors_);
    return std::move(document.root);
  }

  std::optional<yaml::Node> read_workspace_file() {
    std::optional<yaml::Node> file = read("msctl.yaml");
    std::string overlay =
        fmt::format("msctl.{}.yaml", options_.environment.empty() ? "local" : options_.environment);
    std::error_code error;
    if (file && std::filesystem::exists(root_ + "/" + overlay, error))
      if (std::optional<yaml::Node> over = read(overlay)) yaml::merge(*file, *over);
    return file;
  }

  void read_workspace(const yaml::Node& file) {
    validate(file, *workspace_schema());
    bool decodable = decodable_;
    workspace_.root = root_;
    read_services(file.find("services"));
    if (!decodable) return;
    workspace_.name = file.find("workspace")->scalar;
    if (const yaml::Node* gateway = file.find("gateway"))
      workspace_.gateway = gateway::config::decode(*gateway, root_, errors_);
    workspace_.environments = decode_environments(file);
    if (const yaml::Node* pipelines = file.find("pipelines"))
      if (const yaml::Node* systems = pipelines->find("systems"))
        for (const yaml::Node& system : systems->items) workspace_.pipeline_systems.push_back(system.scalar);
  }

  // Services are read even where msctl.yaml has errors elsewhere: all errors in one go.
  void read_services(const yaml::Node* patterns) {
    if (!patterns || !patterns->is_list()) return;
    schema::TypePtr type = service_schema(options_.languages);
    std::set<std::string> folders;
    for (const yaml::Node& pattern : patterns->items) {
      if (!pattern.is_scalar()) continue;
      workspace_.service_patterns.push_back(pattern.scalar);
      if (!check_pattern(pattern)) continue;
      std::vector<std::string> unreadable;
      std::vector<std::string> found = match_folders(root_, pattern.scalar, &unreadable);
      for (const std::string& folder : unreadable) {
        broken_.insert(std::filesystem::path(folder).filename().string());
        errors_.push_back({Code::unreadableFile,
                           fmt::format("the folder '{}' may not be read", folder),
                           pattern.location(),
                           "folders that may be read",
                           {},
                           {}});
      }
      if (!unreadable.empty()) broken_.insert("");
      if (found.empty() && pattern.scalar.find('*') == std::string::npos)
        errors_.push_back({Code::noServices,
                           fmt::format("'{}' holds no service.yaml", pattern.scalar),
                           pattern.location(),
                           "a folder with a service.yaml",
                           suggest_folder(pattern.scalar),
                           {}});
      else if (found.empty() && !parent_exists(pattern.scalar) && pattern.scalar != "services/*")
        errors_.push_back({Code::noServices,
                           fmt::format("'{}' matches no folder with a service.yaml", pattern.scalar),
                           pattern.location(),
                           "folders with a service.yaml",
                           suggest_folder(pattern.scalar),
                           {}});
      folders.insert(found.begin(), found.end());
    }
    for (const std::string& folder : folders) read_service(folder, *type);
    std::ranges::sort(workspace_.services, {}, &Service::name);
  }

  // A pattern is relative to the root, and each '*' stands for one name.
  bool check_pattern(const yaml::Node& pattern) {
    const std::string& text = pattern.scalar;
    if (!text.starts_with('/') && text.find("**") == std::string::npos && !text.empty()) return true;
    errors_.push_back({Code::noServices,
                       fmt::format("'{}' is no pattern of folders", text),
                       pattern.location(),
                       "a path from the workspace's root, in which '*' stands for one name: services/*",
                       {},
                       {}});
    broken_.insert("");
    return false;
  }

  void read_service(const std::string& folder, const schema::Type& type) {
    std::string file = folder + "/service.yaml";
    std::optional<yaml::Node> root = read(file);
    if (!root || !validate(*root, type)) {
      const yaml::Node* name = root && root->is_map() ? root->find("service") : nullptr;
      broken_.insert(name && name->is_scalar() ? name->scalar
                                               : std::filesystem::path(folder).filename().string());
    }
    if (!root || !decodable_) return;
    Service service = decode_service(*root, options_.environment, errors_);
    service.relative = folder;
    service.folder = root_ + "/" + folder;
    service.file = file;
    if (auto first = files_.find(service.name); first != files_.end()) {
      errors_.push_back({Code::duplicateService,
                         fmt::format("there are two services '{}'", service.name),
                         service.at,
                         "a name of its own for each service",
                         fmt::format("the other stands in {}", first->second.source->name),
                         {}});
      return;
    }
    files_.emplace(service.name, std::move(*root));
    workspace_.services.push_back(std::move(service));
  }

  // Whether all is as described. `decodable_`: nothing worse was found than keys that are not known.
  bool validate(const yaml::Node& node, const schema::Type& type) {
    std::size_t before = errors_.size();
    schema::validate(node, type, errors_);
    decodable_ = std::all_of(errors_.begin() + static_cast<std::ptrdiff_t>(before), errors_.end(),
                             [](const base::Error& error) { return error.code == Code::unknownKey; });
    return errors_.size() == before;
  }

  // A workspace without services is a beginning, not a mistake; a pattern below a folder that is nearly there
  // is one.
  bool parent_exists(const std::string& pattern) const {
    std::error_code error;
    std::string fixed = pattern.substr(0, pattern.find('*'));
    return std::filesystem::is_directory(std::filesystem::path(root_) / fixed.substr(0, fixed.rfind('/')),
                                         error);
  }

  std::string suggest_folder(const std::string& pattern) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root_, error))
      if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
    std::size_t slash = pattern.find('/');
    std::string near = base::nearest(pattern.substr(0, slash), names);
    if (near.empty() || near == pattern.substr(0, slash)) return {};
    return fmt::format("did you mean '{}{}'?", near, slash == std::string::npos ? "" : pattern.substr(slash));
  }

  std::string root_;
  const LoadOptions& options_;
  Lookup lookup_;
  Workspace workspace_;
  std::map<std::string, yaml::Node> files_;
  Errors errors_;
  bool decodable_ = false;
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
  auto found = std::ranges::find(services, service, &Service::name);
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
