#include "runtime/workspace/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "runtime/base/file.h"
#include "runtime/base/threads.h"
#include "runtime/workspace/decode.h"
#include "runtime/workspace/schema.h"

namespace msctl::workspace {
namespace {

using base::Code;

// A thread costs as much as reading some files.
constexpr std::size_t files_a_thread = 8;

}  // namespace

Fit judge(const yaml::Node& node, const schema::Type& type, base::Errors& errors) {
  std::size_t before = errors.size();
  schema::validate(node, type, errors);
  auto first = errors.begin() + static_cast<std::ptrdiff_t>(before);
  if (first == errors.end()) return Fit::whole;
  bool harmless = std::all_of(first, errors.end(),
                              [](const base::Error& error) { return error.code == Code::unknownKey; });
  return harmless ? Fit::unknown_keys : Fit::wrong;
}

Reader::Reader(std::string root, const LoadOptions& options)
    : root_(std::move(root)), options_(options), lookup_(with_dotenv(root_, options.variable)) {}

// A file as a tree with its variables replaced; nothing where it has no sound tree.
std::optional<yaml::Node> Reader::read(const std::string& relative, base::Errors& errors) const {
  auto text = base::read_file(root_ + "/" + relative);
  if (!text) {
    base::Error error = text.error();
    error.at.file = relative;
    errors.push_back(std::move(error));
    return std::nullopt;
  }
  yaml::Document document = yaml::parse(relative, std::move(*text));
  bool sound = document.errors.empty() || document.errors.front().code != Code::yamlSyntax;
  errors.insert(errors.end(), document.errors.begin(), document.errors.end());
  if (!sound) return std::nullopt;
  interpolate(document.root, lookup_, errors);
  return std::move(document.root);
}

std::optional<yaml::Node> Reader::read_workspace(base::Errors& errors) const {
  std::optional<yaml::Node> file = read("msctl.yaml", errors);
  std::string overlay =
      fmt::format("msctl.{}.yaml", options_.environment.empty() ? "local" : options_.environment);
  std::error_code error;
  if (file && options_.overlays && std::filesystem::exists(root_ + "/" + overlay, error))
    if (std::optional<yaml::Node> over = read(overlay, errors)) yaml::merge(*file, *over);
  return file;
}

std::vector<ServiceFile> Reader::read_services(const std::vector<std::string>& folders) const {
  schema::TypePtr type = service_schema(options_.languages);
  std::vector<ServiceFile> out(folders.size());
  base::on_threads(base::threads_for(folders.size(), files_a_thread), folders.size(),
                   [&](std::size_t, std::size_t i) { out[i] = read_service(folders[i], *type); });
  return out;
}

ServiceFile Reader::read_service(const std::string& folder, const schema::Type& type) const {
  ServiceFile out;
  std::string file = folder + "/service.yaml";
  out.tree = read(file, out.errors);
  Fit fit = out.tree ? judge(*out.tree, type, out.errors) : Fit::wrong;
  if (fit != Fit::whole) {
    const yaml::Node* name = out.tree && out.tree->is_map() ? out.tree->find("service") : nullptr;
    out.broken = name && name->is_scalar() ? name->scalar : std::filesystem::path(folder).filename().string();
  }
  if (!out.tree || !is_decodable(fit)) return out;
  out.service = decode_service(*out.tree, options_.environment, out.errors);
  out.service->relative = folder;
  out.service->folder = root_ + "/" + folder;
  out.service->file = file;
  return out;
}

}  // namespace msctl::workspace
