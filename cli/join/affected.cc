#include "cli/join/affected.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/flags.h"
#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "runtime/workspace/load.h"

namespace msctl::cli::join {

std::expected<Compared, base::Errors> compare_workspace(const Context& context, const std::string& revision,
                                                        const std::string& environment) {
  auto root = workspace::find_root(context.folder);
  if (!root) return fail(root.error());
  auto comparing = std::async(std::launch::async, [&] { return graph::compare(*root, revision); });
  auto workspace = load_workspace(context, environment);
  auto comparison = comparing.get();
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  if (!comparison) return fail(comparison.error());
  graph::Verdict verdict = graph::affected(*workspace, graph::changes_of(*comparison, *workspace));
  return Compared{std::move(*workspace), std::move(comparison->base), std::move(verdict)};
}

std::expected<Selection, base::Errors> select(const Context& context, const std::vector<std::string>& names,
                                              const std::optional<std::string>& affected, bool through_needs,
                                              const std::string& environment) {
  if (!affected) {
    auto workspace = load_workspace(context, environment);
    if (!workspace) return std::unexpected(std::move(workspace.error()));
    return Selection{std::move(*workspace), names, std::nullopt};
  }
  auto compared = compare_workspace(context, *affected, environment);
  if (!compared) return std::unexpected(std::move(compared.error()));
  if (auto known = expect_known(names, compared->workspace.service_names()); !known)
    return fail(known.error());
  Selection out{std::move(compared->workspace), {}, std::nullopt};
  for (const graph::Affected& each : compared->verdict.services) {
    const workspace::Service* service = out.workspace.find(each.service);
    const bool asked =
        names.empty() ? !service->is_backing() : std::ranges::find(names, each.service) != names.end();
    if (asked && (through_needs || each.itself())) out.services.push_back(each.service);
  }
  if (out.services.empty()) out.none = none_affected(compared->base);
  return out;
}

std::string none_affected(const graph::Base& base) {
  return fmt::format("no service is affected since {} ({:.12})", base.shown, base.commit);
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
