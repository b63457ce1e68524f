// scale: how many replicas a service has.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/orchestrator.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/local.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

// "orders=3": checked by the description (Kind::service_count).
std::pair<std::string, int> split(const std::string& word) {
  std::size_t equals = word.find('=');
  int count = 0;
  std::from_chars(word.data() + equals + 1, word.data() + word.size(), count);
  return {word.substr(0, equals), count};
}

Outcome run(Context& context, const Arguments& arguments) {
  auto orchestrator = cluster::orchestrator(context, arguments);
  if (!orchestrator) return std::unexpected(std::move(orchestrator.error()));
  std::map<std::string, int> replicas;
  for (const std::string& word : arguments.words("SERVICE=N"))
    if (auto [name, count] = split(word); !replicas.emplace(name, count).second)
      return fail(base::fail(base::Code::usage, fmt::format("'{}' stands there twice", name)).error());
  std::vector<std::string> names;
  for (const auto& [name, count] : replicas) names.push_back(name);
  if (auto checked = join::expect_services(context, **orchestrator, names); !checked)
    return fail(checked.error());
  if (auto done = (*orchestrator)->scale(replicas); !done) return fail(done.error());
  output::print(context, {{"desired", replicas}}, [&](std::ostream& out) {
    for (const auto& [name, count] : replicas) out << fmt::format("{} is scaled to {}\n", name, count);
  });
  return base::Exit::ok;
}

}  // namespace

Command describe_scale() {
  return {.path = "scale",
          .section = Section::run,
          .summary = "set how many replicas services have",
          .description =
              "Sets the desired number of replicas and returns; `msctl wait` waits for it. Replicas that go "
              "are taken out of balance first, then asked to end, and killed after 10 seconds.",
          .arguments = {{.name = "SERVICE=N",
                         .kind = Kind::service_count,
                         .doc = "a service and its number of replicas",
                         .many = true}},
          .flags = {environment_flag(), join::run_flag()},
          .examples = {{"msctl scale orders=3", "three replicas of orders"},
                       {"msctl scale orders=0", "none: its routes answer 503"}},
          .exits = {{base::Exit::unavailable, "the workspace is not running"}},
          .run = run};
}

}  // namespace msctl::cli::commands
