// Which folders are services. Three things make one: a project of a language that is a program, a Dockerfile
// whose image runs something, a `build` of a Compose file. A folder holds one service, as it holds one
// service.yaml.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "scaffolds/adopt/environment.h"
#include "scaffolds/adopt/propose.h"

namespace msctl::scaffolds::adopt {
namespace {

constexpr std::size_t most_services = 500;

class Finder {
public:
  Finder(Reader& reader, const ProposeOptions& options, Proposal& out)
      : reader_(reader), repository_(reader.repository()), options_(options), out_(out) {}

  std::vector<Service> find() {
    for (const auto& [folder, files] : repository_.by_folder) look_at(folder);
    for (const auto& [folder, files] : repository_.by_folder)
      for (const std::string& name : compose_names())
        if (std::ranges::binary_search(files, name)) {
          read_compose_file(join(folder, name));
          break;
        }
    drop_inner_parts();
    mark_known();
    std::vector<Service> all;
    for (auto& [folder, service] : by_folder_) all.push_back(std::move(service));
    if (all.size() > most_services) {
      all.resize(most_services);
      out_.warnings.push_back({base::Code::adoptUntold,
                               fmt::format("more than {} services: the rest is left out", most_services),
                               {},
                               {},
                               "run msctl init again afterwards",
                               {}});
    }
    for (Service& service : backing_)
      if (is_wanted(service, all)) all.push_back(std::move(service));
    return all;
  }

private:
  const toolchain::Language* language(const std::string& name) const {
    return options_.languages->find(name);
  }

  bool has_mark(const std::string& folder, const toolchain::Language& each) const {
    return std::ranges::any_of(each.adoption.marks, [&](const std::string& mark) {
      return !repository_.match(folder, mark).empty();
    });
  }

  // The outermost folder above that the language calls an outer project, or the folder itself.
  std::string outer_of(const std::string& folder, const toolchain::Language& each) {
    if (each.adoption.outer.files.empty()) return folder;
    std::string found = folder;
    for (std::string at = folder; !at.empty();) {
      at = parent_of(at);
      Rules rules(reader_, {at, at, {}, {}, {}});
      if (Place place; rules.hold({each.adoption.outer}, place)) found = at;
    }
    return found;
  }

  // The program that a folder is, in a language that it has a mark of; nothing: a library.
  std::optional<Service> program_in(const std::string& folder, const toolchain::Language& each) {
    Service service;
    service.folder = folder;
    service.language = each.name;
    service.outer = outer_of(folder, each);
    read_dockerfile(service, join(folder, "Dockerfile"));
    const std::vector<std::string>& layout = each.adoption.layout;
    service.fits = !layout.empty() && std::ranges::all_of(layout, [&](const std::string& file) {
      return repository_.has(join(folder, file));
    });
    if (service.fits) {
      service.because = {join(folder, layout.front()), 0};
      return service;
    }
    Service trial = service;
    trial.name = "name";
    trial.untold.clear();
    const std::optional<FoundCommand> image = image_command(trial);
    Rules rules(reader_, {folder, service.outer, trial.name, image ? image->argv : toolchain::Argv{},
                          image ? image->at : Place{}});
    rules.set_values(each.adoption.values);
    for (const toolchain::Program& program : each.adoption.programs)
      if (Place at; rules.hold(program.when, at)) {
        service.because = at;
        return service;
      }
    return std::nullopt;
  }

  void look_at(const std::string& folder) {
    for (const toolchain::Language& each : options_.languages->all()) {
      if (!has_mark(folder, each)) continue;
      if (look_at_members(folder, each)) return;
      if (auto service = program_in(folder, each)) {
        by_folder_.emplace(folder, std::move(*service));
        return;
      }
    }
    const std::string dockerfile = join(folder, "Dockerfile");
    if (by_folder_.contains(folder) || !repository_.has(dockerfile)) return;
    Service service;
    service.folder = service.outer = folder;
    read_dockerfile(service, dockerfile);
    // A base for others, or a toolbox: it runs nothing of its own.
    if (!service.stage || (!service.stage->command && !service.stage->entrypoint)) return;
    service.because = *service.dockerfile;
    service.language = language_of(service);
    by_folder_.emplace(folder, std::move(service));
  }

  // Several programs in one project, such as Go's cmd/*: services of their own.
  bool look_at_members(const std::string& folder, const toolchain::Language& each) {
    if (each.adoption.members.empty()) return false;
    std::vector<Service> found;
    for (const auto& [member, files] : repository_.by_folder) {
      const std::string below = folder.empty()                     ? member
                                : member.starts_with(folder + "/") ? member.substr(folder.size() + 1)
                                                                   : "";
      if (below.empty()) continue;
      if (std::ranges::none_of(each.adoption.members,
                               [&](const std::string& glob) { return is_member(below, glob); }))
        continue;
      if (auto service = program_in(member, each)) {
        service->outer = folder;
        found.push_back(std::move(*service));
      }
    }
    if (found.size() < 2) return false;
    for (Service& service : found) by_folder_.emplace(service.folder, std::move(service));
    return true;
  }

  // "cmd/*" and "cmd/api".
  static bool is_member(const std::string& below, const std::string& glob) {
    return glob.ends_with("/*") && parent_of(below) == glob.substr(0, glob.size() - 2);
  }

  // The language of which most files are there; without any, the one whose programs are what the image runs.
  std::string language_of(const Service& service) {
    const std::string& folder = service.folder;
    std::string best;
    std::size_t most = 0;
    for (const toolchain::Language& each : options_.languages->all()) {
      std::size_t count = has_mark(folder, each) ? 1000 : 0;
      for (const std::string& glob : each.adoption.sources) count += repository_.match(folder, glob).size();
      if (count > most) {
        most = count;
        best = each.name;
      }
    }
    const std::optional<FoundCommand> image = image_command(service);
    if (!best.empty() || !image) return best;
    for (const toolchain::Language& each : options_.languages->all())
      for (const toolchain::Program& program : each.adoption.programs)
        for (const toolchain::Condition& condition : program.when)
          if (!condition.command.empty() && reader_.search(name_of(image->argv.front()), condition.command))
            return each.name;
    return {};
  }

  // One program that two folders were taken for because of the same file: the outer one has its description,
  // too.
  void drop_inner_parts() {
    std::erase_if(by_folder_, [&](const auto& each) {
      const auto& [folder, service] = each;
      for (std::string above = folder; !above.empty();) {
        above = parent_of(above);
        auto outer = by_folder_.find(above);
        if (outer != by_folder_.end() && outer->second.language == service.language &&
            outer->second.because.file == service.because.file && !service.compose)
          return true;
      }
      return false;
    });
  }

  void read_dockerfile(Service& service, const std::string& path, const std::string& target = {}) {
    if (!repository_.has(path)) return;
    const std::string* text = reader_.text(path);
    if (text == nullptr) return;
    const Dockerfile parsed = parse_dockerfile(*text);
    service.stage = parsed.stage(target);
    service.dockerfile = Place{path, service.stage ? service.stage->at : 0};
    if (!service.stage) {
      service.warn({path, 0}, "a Dockerfile without FROM: nothing is taken from it");
      return;
    }
    for (const auto& [line, what] : parsed.faults) service.warn({path, line}, what);
  }

  void read_compose_file(const std::string& file) {
    const yaml::Node* tree = reader_.tree(file);
    if (tree == nullptr) return;
    Compose compose = read_compose(file, *tree);
    if (out_.workspace.empty()) out_.workspace = label_of(compose.name);
    out_.warnings.insert(out_.warnings.end(), compose.errors.begin(), compose.errors.end());
    for (ComposeService& service : compose.services) {
      if (service.builds)
        take_built(std::move(service));
      else if (!service.image.empty() && std::ranges::none_of(backing_, [&](const Service& each) {
                 return each.compose->name == service.name;
               }))
        backing_.push_back(backing_service(service));
    }
  }

  // The folder of a build: that of the Dockerfile where the context is a larger one.
  std::string folder_of(const ComposeService& compose) const {
    const std::string beside = parent_of(compose.dockerfile);
    const bool below = compose.context.empty() ? !beside.empty() : beside.starts_with(compose.context + "/");
    return below && (by_folder_.contains(beside) || !by_folder_.contains(compose.context)) ? beside
                                                                                           : compose.context;
  }

  // Of several programs in one project that share a Dockerfile, the one that this image is of: as an
  // argument, the stage, the Dockerfile's name or place or the Compose file's own name for it says.
  Service* member_of(const ComposeService& compose) {
    std::vector<std::string> said = compose.arguments;
    said.insert(said.end(), {compose.target, name_of(parent_of(compose.dockerfile)), compose.name});
    // Dockerfile.api, api.Dockerfile
    const std::string file = name_of(compose.dockerfile);
    if (const std::size_t dot = file.find('.'); dot != std::string::npos)
      said.insert(said.begin(), {file.substr(0, dot), file.substr(dot + 1)});
    for (std::string& each : said) {
      while (each.starts_with("./")) each = each.substr(2);
      while (each.ends_with('/')) each.pop_back();
      if (each.empty()) continue;
      for (auto& [folder, service] : by_folder_)
        if (service.outer == compose.context && folder != compose.context && !service.compose &&
            (relative_to(folder, compose.context) == each || name_of(folder) == each))
          return &service;
    }
    return nullptr;
  }

  void take_built(ComposeService compose) {
    Service* member = member_of(compose);
    const std::string folder = member != nullptr ? member->folder : folder_of(compose);
    // A folder that holds nothing but this image's Dockerfile is no service beside the one that is in it.
    if (const std::string beside = parent_of(compose.dockerfile); member != nullptr && beside != folder)
      if (auto found = by_folder_.find(beside);
          found != by_folder_.end() && found->second.language.empty() && !found->second.compose)
        by_folder_.erase(found);
    if (!repository_.by_folder.contains(folder)) {
      base::Error error{
          base::Code::adoptUntold,
          fmt::format("'{}' is built in {}, which is not there, or not looked at", compose.name, folder),
          {},
          {},
          {},
          {}};
      error.at.file = compose.at.file;
      error.at.line = compose.at.line;
      error.at.column = 1;
      out_.warnings.push_back(std::move(error));
      return;
    }
    auto [found, is_new] = by_folder_.try_emplace(folder);
    Service& service = found->second;
    if (is_new) {
      service.folder = service.outer = folder;
      service.because = compose.at;
    }
    if (service.compose) {
      service.compose_names.push_back(compose.name);
      service.warn(
          compose.at,
          fmt::format("'{}' and '{}' are built in one folder, which holds one service: the first is taken",
                      service.compose->name, compose.name),
          "give the other a folder of its own");
      return;
    }
    read_dockerfile(service, compose.dockerfile, compose.target);
    service.compose_names.push_back(compose.name);
    service.compose = std::move(compose);
    if (is_new) {
      service.language = language_of(service);
      if (const toolchain::Language* each = language(service.language);
          each != nullptr && has_mark(folder, *each))
        service.outer = outer_of(folder, *each);
    }
  }

  // Those that have their service.yaml stay, for others may need them.
  void mark_known() {
    for (auto& [folder, service] : by_folder_)
      if (auto found = options_.existing.folders.find(folder); found != options_.existing.folders.end())
        mark(service, found->second);
    for (Service& service : backing_)
      for (const auto& [folder, known] : options_.existing.folders)
        if (known.name == label_of(service.compose->name)) mark(service, known);
  }

  static void mark(Service& service, const Known& known) {
    service.known = true;
    service.name = known.name;
    service.scheme = known.scheme;
  }

  // Stores and brokers, and whatever a service waits for; a proxy or a tool for looking at them is not.
  static bool is_wanted(const Service& backing, const std::vector<Service>& all) {
    if (is_known_backing(backing.image)) return true;
    return std::ranges::any_of(all, [&](const Service& service) {
      return service.compose && std::ranges::any_of(service.compose->needs, [&](const auto& need) {
               return need.first == backing.compose->name;
             });
    });
  }

  Reader& reader_;
  const Repository& repository_;
  const ProposeOptions& options_;
  Proposal& out_;
  std::map<std::string, Service> by_folder_;
  std::vector<Service> backing_;
};

}  // namespace

std::vector<Service> find_services(Reader& reader, const ProposeOptions& options, Proposal& out) {
  return Finder(reader, options, out).find();
}

}  // namespace msctl::scaffolds::adopt
