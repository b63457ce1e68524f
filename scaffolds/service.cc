#include "scaffolds/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/yaml/write.h"
#include "scaffolds/rename.h"

namespace msctl::scaffolds {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

// A file name in a template comes from this binary, but a wrong one must never reach the file system.
bool is_inside(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  while (!path.empty()) {
    std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
  }
  return true;
}

// Lines named in language.yaml as "FILE: LINE": one line for each need, or only where there is a need.
std::string edit_lines(const EmbeddedFile& file, const toolchain::Language& description,
                       const std::vector<std::string>& needs, const Renaming& service) {
  const Forms sample_need = forms_of("sample-need");
  std::string out;
  for (std::size_t at = 0; at < file.content.size();) {
    const std::size_t end = std::min(file.content.find('\n', at), file.content.size() - 1) + 1;
    const std::string_view line = file.content.substr(at, end - at);
    at = end;
    const std::string named = fmt::format("{}: {}", file.path, line.substr(0, line.find('\n')));
    if (contains(description.per_need, named)) {
      for (const std::string& need : needs) out += rename(line, {service, {sample_need, forms_of(need)}});
    } else if (!needs.empty() || !contains(description.with_needs, named)) {
      out += rename(line, {service});
    }
  }
  return out;
}

bool has_lines(const toolchain::Language& description, std::string_view path) {
  auto names_line = [&](std::string_view entry) {
    return entry.starts_with(path) && entry.substr(path.size()).starts_with(": ");
  };
  return std::ranges::any_of(description.per_need, names_line) ||
         std::ranges::any_of(description.with_needs, names_line);
}

// A NUL byte: not text (an image, an archive), so nothing in it is a name.
bool is_binary(std::string_view content) {
  return content.find('\0') != std::string_view::npos;
}

base::Result<void> add(Tree& tree, const EmbeddedFile& file, const std::vector<Renaming>& renamings,
                       std::string content) {
  std::string path = rename(file.path, renamings);
  if (!is_inside(path))
    return base::fail(base::Code::badTemplate, fmt::format("the template's file '{}' lies outside it", path));
  if (!tree.emplace(path, NewFile{std::move(content), file.executable}).second)
    return base::fail(base::Code::badTemplate, fmt::format("two files of the template become '{}'", path));
  return {};
}

base::Result<void> add(Tree& tree, const EmbeddedFile& file, const std::vector<Renaming>& renamings) {
  return add(tree, file, renamings,
             is_binary(file.content) ? std::string(file.content) : rename(file.content, renamings));
}

std::vector<std::string> all_needs(const toolchain::Language& description, const ServiceRequest& request) {
  std::vector<std::string> out = request.needs;
  for (const std::string& need : request.backing)
    if (!contains(out, need)) out.push_back(need);
  if (description.needs_redis && !contains(out, "redis")) out.emplace_back("redis");
  return out;
}

}  // namespace

base::Result<Tree> render_service(const EmbeddedLanguage& language, const toolchain::Language& description,
                                  const ServiceRequest& request) {
  const Renaming service{forms_of("sample-service"), forms_of(request.name)};
  const Forms sample_need = forms_of("sample-need");
  Tree tree;
  for (const EmbeddedFile& file : language.files) {
    if (contains(description.per_need, file.path)) {
      for (const std::string& need : request.needs)
        if (auto added = add(tree, file, {service, {sample_need, forms_of(need)}}); !added)
          return std::unexpected(std::move(added.error()));
      continue;
    }
    if (request.needs.empty() && contains(description.with_needs, file.path)) continue;
    if (has_lines(description, file.path)) {
      if (auto added = add(tree, file, {service}, edit_lines(file, description, request.needs, service));
          !added)
        return std::unexpected(std::move(added.error()));
      continue;
    }
    if (auto added = add(tree, file, {service}); !added) return std::unexpected(std::move(added.error()));
  }

  auto yaml = tree.find("service.yaml");
  if (yaml == tree.end()) return base::fail(base::Code::badTemplate, "the template has no service.yaml");
  auto edited = with_needs(yaml->second.content, all_needs(description, request));
  if (!edited) return std::unexpected(std::move(edited.error()));
  yaml->second.content = std::move(*edited);
  return tree;
}

base::Result<std::string> with_needs(std::string_view service_yaml, const std::vector<std::string>& needs) {
  constexpr std::string_view key = "needs:";
  std::size_t begin = service_yaml.starts_with(key) ? 0 : service_yaml.find("\nneeds:");
  if (begin == std::string_view::npos)
    return base::fail(base::Code::badTemplate, "the template's service.yaml has no 'needs'");
  if (service_yaml[begin] == '\n') ++begin;
  std::size_t end = std::min(service_yaml.find('\n', begin), service_yaml.size());
  std::string_view line = service_yaml.substr(begin, end - begin);
  std::size_t open = line.find('[');
  std::size_t close = line.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return base::fail(base::Code::badTemplate,
                      "the template's 'needs' is not a list within brackets on one line");

  std::string out(service_yaml.substr(0, begin));
  if (needs.empty()) return out.append(service_yaml.substr(std::min(end + 1, service_yaml.size())));
  out.append(line.substr(0, open + 1));
  for (std::size_t i = 0; i < needs.size(); ++i)
    out.append(i > 0 ? ", " : "").append(yaml::scalar(needs[i], true));
  return out.append(line.substr(close)).append(service_yaml.substr(end));
}

Tree redis_service() {
  return {
      {"service.yaml",
       {R"(# The store of the services' data. It keeps nothing on disk: an empty one at each start, for development and tests.
service: redis
scheme: redis
command: [redis-server, --port, $PORT, --bind, 127.0.0.1, --save, "", --appendonly, "no"]
image: redis:7
)",
        false}}};
}

}  // namespace msctl::scaffolds
