// The files of a proposal. Each service.yaml is held against its own format before it is proposed: what
// comes from files of others must not make one that `msctl check` refuses.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/names.h"
#include "runtime/base/schema/schema.h"
#include "runtime/base/yaml/write.h"
#include "runtime/workspace/decode.h"
#include "runtime/workspace/find.h"
#include "runtime/workspace/schema.h"
#include "scaffolds/adopt/propose.h"

namespace msctl::scaffolds::adopt {
namespace {

std::string flow(const std::vector<std::string>& words) {
  std::string out = "[";
  for (std::size_t i = 0; i < words.size(); ++i) out += (i > 0 ? ", " : "") + yaml::scalar(words[i], true);
  return out + "]";
}

// Places in a comment: the names of files are others'.
std::string comment(const Place& at) {
  return at.file.empty() ? std::string{} : "  # " + at.text();
}

std::string line(std::string_view key, const std::vector<std::string>& words, const Place& at = {}) {
  return words.empty() ? std::string{} : fmt::format("{}: {}{}\n", key, flow(words), comment(at));
}

// What msctl calls its needs' addresses becomes what the program calls them, by a shell in front of it.
toolchain::Argv run_of(const Service& service) {
  if (service.exports.empty()) return service.run.argv;
  std::string script = "export";
  for (const auto& [name, value] : service.exports) script += fmt::format(" {}=\"{}\"", name, value);
  toolchain::Argv out{"sh", "-c", script + "; exec \"$@\"", service.name};
  out.insert(out.end(), service.run.argv.begin(), service.run.argv.end());
  return out;
}

std::vector<std::string> firsts(const std::vector<std::pair<std::string, Place>>& pairs) {
  std::vector<std::string> out;
  for (const auto& [first, at] : pairs)
    if (std::ranges::find(out, first) == out.end()) out.push_back(first);
  return out;
}

std::string variables(const Service& service) {
  std::string out = line("secrets", firsts(service.secrets),
                         service.secrets.empty() ? Place{} : service.secrets.front().second);
  std::map<std::string, const Variable*> env;
  for (const Variable& variable : service.env) env.try_emplace(variable.name, &variable);
  if (env.empty()) return out;
  out += "env:\n";
  for (const auto& [name, variable] : env)
    out +=
        fmt::format("  {}: {}{}\n", yaml::scalar(name), yaml::scalar(variable->value), comment(variable->at));
  return out;
}

std::string backing_text(const Service& service) {
  std::string out = fmt::format("# From {}.\nservice: {}\n", service.because.text(), service.name);
  if (service.scheme != "http") out += fmt::format("scheme: {}\n", service.scheme);
  // The program itself, where it is installed: no container is needed then.
  if (service.scheme == "redis")
    out += "command: [redis-server, --port, $PORT, --bind, 127.0.0.1, --save, \"\", --appendonly, \"no\"]\n";
  out += fmt::format("image: {}\n", yaml::scalar(service.image));
  if (service.port) out += fmt::format("imagePort: {}\n", *service.port);
  return out + variables(service);
}

std::string title_of(const ProposeOptions& options, const std::string& name) {
  const toolchain::Language* language = options.languages->find(name);
  return language == nullptr ? std::string{} : language->title.substr(0, language->title.find(" ("));
}

std::string service_text(const ProposeOptions& options, const Service& service) {
  const std::string title = title_of(options, service.language);
  std::string out = fmt::format("# From {}.\nservice: {}\n", service.because.text(), service.name);
  if (service.fits)
    out += fmt::format("language: {}\n", service.language);
  else
    out += fmt::format("language: none  # {}the commands below are its own\n",
                       title.empty() ? std::string{} : "written in " + title + "; ");
  out += line("needs", firsts(service.needs), service.needs.empty() ? Place{} : service.needs.front().second);
  if (!service.fits) {
    out += line("build", service.build.argv, service.build.at);
    out += line("test", service.test.argv, service.test.at);
    out += line("lint", service.lint.argv, service.lint.at);
    out += line("run", run_of(service), service.run.at);
  }
  out += line("uses", service.uses);
  out += variables(service);
  if (!service.health.empty())
    out += fmt::format("health: {{ready: {}}}{}\n", yaml::scalar(service.health, true),
                       comment(service.health_at));
  if (service.has_route())
    out += fmt::format("routes:\n  - match: {{path: /{0}/**}}\n    request: {{stripPrefix: /{0}}}\n",
                       service.name);
  return out;
}

// Why the text would not do, or nothing.
std::optional<base::Error> fault_of(const ProposeOptions& options, const ProposedFile& file) {
  yaml::Document document = yaml::parse(file.path, file.content);
  base::Errors errors = std::move(document.errors);
  if (errors.empty())
    schema::validate(document.root, *workspace::service_schema(options.languages->names()), errors);
  if (errors.empty()) workspace::decode_service(document.root, {}, errors);
  if (errors.empty()) return std::nullopt;
  return std::move(errors.front());
}

bool is_pattern_safe(const std::string& folder) {
  return folder.find_first_of("*?[]\\") == std::string::npos;
}

// Where a backing service's folder is made: beside the services.
std::string backing_parent(const ProposeOptions& options, const std::vector<Service>& services) {
  if (options.existing.workspace) {
    for (const std::string& pattern : options.existing.patterns)
      if (pattern.ends_with("/*") && is_pattern_safe(pattern.substr(0, pattern.size() - 2)))
        return pattern.substr(0, pattern.size() - 2);
    return "services";
  }
  std::map<std::string, int> parents;
  for (const Service& service : services)
    if (!service.backing) ++parents[parent_of(service.folder)];
  std::string best = "services";
  int most = 0;
  for (const auto& [parent, count] : parents)
    if (!parent.empty() && count > most) {
      best = parent;
      most = count;
    }
  // Go's cmd holds programs of one module, and nothing else.
  return parents.contains("services") || name_of(best) == "cmd" ? "services" : best;
}

void place_backing(const ProposeOptions& options, std::vector<Service>& services) {
  const std::string parent = backing_parent(options, services);
  std::set<std::string> used;
  for (const auto& [folder, known] : options.existing.folders) used.insert(folder);
  used.insert(options.existing.foreign.begin(), options.existing.foreign.end());
  for (const Service& service : services)
    if (!service.backing) used.insert(service.folder);
  for (Service& service : services) {
    if (!service.backing) continue;
    service.folder = join(parent, service.name);
    for (int number = 2; used.contains(service.folder); ++number)
      service.folder = fmt::format("{}/{}-{}", parent, service.name, number);
    used.insert(service.folder);
  }
}

// Folders as patterns: "services/*" where they stand side by side, unless another tool's service.yaml does,
// too.
std::vector<std::string> patterns_of(const Existing& existing, const std::set<std::string>& folders) {
  std::map<std::string, std::vector<std::string>> by_parent;
  for (const std::string& folder : folders)
    by_parent[parent_of(folder)].push_back(folder.empty() ? "." : folder);
  std::vector<std::string> out;
  for (const auto& [parent, below] : by_parent) {
    const bool mixed = std::ranges::any_of(
        existing.foreign, [&](const std::string& folder) { return parent_of(folder) == parent; });
    if (!parent.empty() && !mixed && is_pattern_safe(parent) && (below.size() > 1 || parent == "services"))
      out.push_back(parent + "/*");
    else
      out.insert(out.end(), below.begin(), below.end());
  }
  return out;
}

bool is_covered(const Existing& existing, const std::string& folder) {
  return std::ranges::any_of(existing.patterns, [&](const std::string& pattern) {
    return workspace::covers(pattern, folder.empty() ? "." : folder);
  });
}

void judge(const ProposeOptions& options, Service& service, const ProposedFile& file) {
  const Existing& existing = options.existing;
  if (existing.foreign.contains(service.folder)) {
    service.untold = fmt::format("{} is there, and none of msctl's", service.file());
    service.untold_help = "move the service, or that file";
  } else if (!is_pattern_safe(service.folder)) {
    service.untold =
        fmt::format("the name of its folder, '{}', cannot stand under 'services'", service.folder);
    service.untold_help = "rename the folder";
  } else if (existing.workspace && !is_covered(existing, service.folder)) {
    service.untold = fmt::format("{} is not covered by 'services' in {}",
                                 service.folder.empty() ? "." : service.folder, existing.patterns_at.text());
    service.untold_help =
        fmt::format("add '{}' there, and repeat the command",
                    parent_of(service.folder).empty() ? service.folder : parent_of(service.folder) + "/*");
  } else if (auto fault = fault_of(options, file)) {
    service.untold = fmt::format("its {} would not be valid: {}", file.path, fault->message);
  }
}

// A need of one that is not written would not exist.
void drop_lost_needs(const ProposeOptions& options, std::vector<Service>& services) {
  std::set<std::string> there = options.existing.names;
  for (const Service& service : services)
    if (service.untold.empty()) there.insert(service.name);
  for (Service& service : services) {
    for (const auto& [need, at] : service.needs)
      if (!there.contains(need))
        service.warn(at,
                     fmt::format("{} needs {}, for which nothing is written: left out", service.name, need));
    std::erase_if(service.needs, [&](const auto& need) { return !there.contains(need.first); });
    std::erase_if(service.exports, [&](const auto& each) {
      return std::ranges::none_of(service.needs, [&](const auto& need) {
        return each.second.find(base::need_variable(need.first)) != std::string::npos;
      });
    });
  }
}

}  // namespace

void render(const ProposeOptions& options, Proposal& proposal) {
  place_backing(options, proposal.services);
  auto text_of = [&](const Service& service) {
    return service.backing ? backing_text(service) : service_text(options, service);
  };
  for (Service& service : proposal.services)
    if (service.untold.empty()) judge(options, service, {service.file(), text_of(service)});
  drop_lost_needs(options, proposal.services);

  std::set<std::string> folders;
  for (const auto& [folder, known] : options.existing.folders) folders.insert(folder);
  for (const Service& service : proposal.services) {
    if (!service.untold.empty()) continue;
    folders.insert(service.folder);
    proposal.files.push_back({service.file(), text_of(service)});
  }
  std::ranges::sort(proposal.files, {}, &ProposedFile::path);
  if (!options.existing.workspace && !folders.empty())
    proposal.files.insert(proposal.files.begin(),
                          {"msctl.yaml", fmt::format("schema: 1\nworkspace: {}\nservices: {}\n",
                                                     yaml::scalar(proposal.workspace),
                                                     flow(patterns_of(options.existing, folders)))});
}

}  // namespace msctl::scaffolds::adopt
