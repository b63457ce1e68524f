#include "cli/join/affected.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "runtime/base/names.h"
#include "runtime/workspace/load.h"

namespace msctl::cli::join {

std::expected<Compared, base::Errors> compare_workspace(const Context& context, const std::string& revision) {
  auto root = workspace::find_root(context.folder);
  if (!root) return fail(root.error());
  auto comparing = std::async(std::launch::async, [&] { return graph::compare(*root, revision); });
  auto workspace = load_workspace(context);
  auto comparison = comparing.get();
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  if (!comparison) return fail(comparison.error());
  graph::Verdict verdict = graph::affected(*workspace, graph::changes_of(*comparison, *workspace));
  return Compared{std::move(*workspace), std::move(comparison->base), std::move(verdict)};
}

std::expected<Selection, base::Errors> select(const Context& context, const std::vector<std::string>& names,
                                              const std::optional<std::string>& affected,
                                              bool through_needs) {
  if (!affected) {
    auto workspace = load_workspace(context);
    if (!workspace) return std::unexpected(std::move(workspace.error()));
    return Selection{std::move(*workspace), names, std::nullopt};
  }
  auto compared = compare_workspace(context, *affected);
  if (!compared) return std::unexpected(std::move(compared.error()));
  for (const std::string& name : names)
    if (compared->workspace.find(name) == nullptr) {
      const std::vector<std::string> known = compared->workspace.service_names();
      auto error = base::fail(base::Code::unknownName, fmt::format("there is no service '{}'", name),
                              base::did_you_mean(name, known));
      error.error().expected = base::either(known);
      return fail(error.error());
    }

  Selection out{std::move(compared->workspace), {}, std::nullopt};
  for (const graph::Affected& each : compared->verdict.services) {
    const workspace::Service* service = out.workspace.find(each.service);
    const bool asked =
        names.empty() ? !service->is_backing() : std::ranges::find(names, each.service) != names.end();
    if (asked && (through_needs || each.itself())) out.services.push_back(each.service);
  }
  if (out.services.empty())
    out.none =
        fmt::format("no service is affected since {} ({:.12})", compared->base.shown, compared->base.commit);
  return out;
}

base::Exit print_nothing(Context& context, const std::string& why) {
  output::print(context, {{"services", nlohmann::ordered_json::array()}},
                [&](std::ostream& out) { out << why << '\n'; });
  return base::Exit::ok;
}

Flag affected_flag() {
  return {
      .name = "affected",
      .value = "BASE",
      .doc = "only services that a change affects, since BASE, or since HEAD and origin's own branch parted",
      .optional = true};
}

}  // namespace msctl::cli::join
