// A thousand times: generated files are edited at random, the workspace changes at random, and both are
// merged. What must hold is said here from the edits themselves, not by another merge.
#include <algorithm>
#include <map>
#include <random>

#include "runtime/generated/plan.h"
#include "scaffolds/compose/compose.h"
#include "scaffolds/dockerfile/dockerfile.h"
#include "scaffolds/helm/helm.h"
#include "scaffolds/kubernetes/kubernetes.h"
#include "tests/catch.h"

using namespace msctl;
using generated::Action;

namespace {

using Random = std::mt19937;
using Lines = std::vector<std::string>;

int below(Random& random, int most) {
  return std::uniform_int_distribution<int>(0, most - 1)(random);
}

bool chance(Random& random, int percent) {
  return below(random, 100) < percent;
}

workspace::Service random_service(Random& random, int number) {
  static const std::vector<std::string> languages{"go", "python", "node", "rust", "java", "cpp", "none"};
  workspace::Service service;
  service.name = "service-" + std::to_string(number);
  service.relative = "services/" + service.name;
  service.language = languages[static_cast<std::size_t>(below(random, static_cast<int>(languages.size())))];
  service.commands.run = {"./run"};
  if (service.language != "none" && chance(random, 70)) service.commands.run.clear();
  service.health = {"/health/ready", "/health/live"};
  return service;
}

void change(Random& random, workspace::Service& service, int number) {
  switch (below(random, 7)) {
    case 0:
      service.replicas = 1 + below(random, 4);
      break;
    case 1:
      service.env["SETTING_" + std::to_string(below(random, 5))] = std::to_string(below(random, 100));
      break;
    case 2:
      service.resources = {100 + below(random, 9), (std::int64_t{64} + below(random, 64)) << 20};
      break;
    case 3: {
      workspace::Scale scale{1 + below(random, 3), 4 + below(random, 4), {}};
      scale.target.cpu = 50 + below(random, 40);
      service.scale = scale;
      break;
    }
    case 4:
      if (number > 0) service.needs = {"service-" + std::to_string(below(random, number))};
      break;
    case 5:
      service.secrets.push_back("SECRET_" + std::to_string(service.secrets.size()));
      break;
    default: {
      gateway::config::Route route;
      route.name = service.name;
      route.upstream = service.name;
      route.match.path = "/" + service.name + "/" + std::to_string(below(random, 9)) + "/**";
      service.routes = {route};
    }
  }
}

workspace::Workspace random_workspace(Random& random) {
  workspace::Workspace out;
  out.name = "shop";
  const int count = 1 + below(random, 4);
  for (int i = 0; i < count; ++i) {
    out.services.push_back(random_service(random, i));
    for (int changes = below(random, 4); changes > 0; --changes) change(random, out.services.back(), i);
  }
  out.environments = {{"staging", "staging", "shop", "registry.example/shop"}};
  return out;
}

void change(Random& random, workspace::Workspace& workspace) {
  for (int changes = 1 + below(random, 3); changes > 0; --changes) {
    const int count = static_cast<int>(workspace.services.size());
    if (chance(random, 20)) {
      workspace.services.push_back(random_service(random, count));
      continue;
    }
    const int at = below(random, count);
    change(random, workspace.services[static_cast<std::size_t>(at)], at);
  }
}

// The files of one kind.
std::map<std::string, std::string> emit(const workspace::Workspace& workspace, int kind) {
  const std::vector<scaffolds::kubernetes::InEnvironment> environments{{"staging", &workspace}};
  std::map<std::string, std::string> out;
  auto take = [&](base::Result<generated::Emitted> emitted) {
    REQUIRE(emitted);
    for (generated::File& file : emitted->files) out[file.path] = std::move(file.content);
  };
  if (kind == 0)
    take(scaffolds::compose::emit(workspace, "msctl:1"));
  else if (kind == 1)
    take(scaffolds::dockerfile::emit(workspace));
  else if (kind == 2)
    take(scaffolds::kubernetes::emit(workspace, environments, "msctl:1"));
  else
    take(scaffolds::helm::emit(workspace, environments, "msctl:1"));
  return out;
}

Lines lines_of(const std::string& text) {
  Lines out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string text_of(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out.append(line) += '\n';
  return out;
}

std::ptrdiff_t times(const Lines& lines, const std::string& line) {
  return std::ranges::count(lines, line);
}

// What a person did.
struct Edits {
  Lines result;
  Lines typed;     // lines that nobody else writes
  Lines replaced;  // lines of the base in whose place there is a typed one
  Lines deleted;
};

Edits edit(Random& random, const Lines& base, int number) {
  Edits out;
  out.result = base;
  for (int edits = 1 + below(random, 4); edits > 0; --edits) {
    if (out.result.empty()) break;
    const auto at = out.result.begin() + below(random, static_cast<int>(out.result.size()));
    const std::string mine = "typed-" + std::to_string(number) + "-" + std::to_string(edits);
    const bool is_typed = times(out.typed, *at) > 0;
    switch (below(random, 3)) {
      case 0:
        out.result.insert(at, mine);
        out.typed.push_back(mine);
        break;
      case 1:
        if (is_typed) break;
        out.replaced.push_back(*at);
        *at = mine;
        out.typed.push_back(mine);
        break;
      default:
        if (is_typed) break;
        out.deleted.push_back(*at);
        out.result.erase(at);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("no edit is lost, and no conflict missed") {
  Random random(20261127);
  std::map<Action, int> seen;
  int edits = 0;
  for (int number = 0; number < 1000; ++number) {
    workspace::Workspace workspace = random_workspace(random);
    const int kind = below(random, 4);
    const auto before = emit(workspace, kind);
    change(random, workspace);
    const auto after = emit(workspace, kind);
    if (before.empty()) continue;
    auto file = std::next(before.begin(), below(random, static_cast<int>(before.size())));
    const auto now = after.find(file->first);
    if (now == after.end()) continue;
    const Lines base = lines_of(file->second);
    const Lines theirs = lines_of(now->second);
    const Edits mine = edit(random, base, number);
    edits += static_cast<int>(mine.typed.size() + mine.deleted.size());

    const generated::KindFile kind_file{"compose", {now->first, now->second, false, {}}};
    const generated::Locked last{"compose", file->second, false};
    auto step = generated::decide(kind_file, &last, text_of(mine.result));
    REQUIRE(step);
    ++seen[step->action];
    const Lines merged = lines_of(step->after);
    INFO("number " << number << ", " << now->first << "\n" << step->after);

    for (const std::string& typed : mine.typed) CHECK(times(merged, typed) == 1);
    for (const std::string& line : theirs)
      if (times(base, line) == 0) CHECK(times(merged, line) >= 1);
    const bool conflict = step->action == Action::conflict;
    // The workspace took away, or wrote anew, a line in whose place the person had written another.
    for (const std::string& line : mine.replaced)
      if (times(base, line) == 1 && times(theirs, line) == 0) CHECK(conflict);
    if (!conflict)
      for (const std::string& line : mine.deleted)
        if (times(base, line) == 1 && times(theirs, line) == 1) CHECK(times(merged, line) == 0);
    // With nothing new, the next time changes nothing.
    const generated::Locked newest{"compose", now->second, false};
    auto again = generated::decide(kind_file, &newest, step->after);
    REQUIRE(again);
    CHECK(again->after == step->after);
    CHECK(again->action == (conflict ? Action::conflict : Action::none));
  }
  // All of it was there to be tested.
  CHECK(edits > 1000);
  CHECK(seen[Action::merge] > 100);
  CHECK(seen[Action::conflict] > 20);
  CHECK(seen[Action::none] > 100);
}
