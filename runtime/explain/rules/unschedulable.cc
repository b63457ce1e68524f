// The scheduler's message, put into words:
//
//   0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {dedicated: db}. preemption:
//   …
//
// (k8s.io/kubernetes, pkg/scheduler/framework: FitError, and the plugins' reasons.)
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

constexpr base::Duration scale_up_notice = 30s;

struct Reason {
  int nodes = 0;
  std::string words;
};

int number(std::string_view& text) {
  int out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

// Of "1 A, 2 B, with a comma, 3 C": a part begins where a number does.
std::vector<Reason> reasons_of(std::string_view message) {
  std::string_view text = between(message, " nodes are available: ", "");
  for (std::string_view next : {". preemption:", ". no new claims", ", preemption:"})
    text = text.substr(0, text.find(next));
  if (text.ends_with('.')) text.remove_suffix(1);
  std::vector<Reason> out;
  while (!text.empty()) {
    const std::size_t end = text.find(", ");
    std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    std::string_view rest = part;
    const int nodes = number(rest);
    if (nodes > 0 && rest.starts_with(' '))
      out.push_back({nodes, std::string(rest.substr(1))});
    else if (out.empty())
      out.push_back({0, std::string(part)});
    else
      out.back().words += fmt::format(", {}", part);
  }
  return out;
}

// "2 have too little cpu free".
std::string spoken(const Reason& reason) {
  const bool one = reason.nodes == 1;
  const std::string_view words = reason.words;
  const std::string_view have = one ? "has" : "have";
  const std::string_view are = one ? "is" : "are";
  const std::string_view do_not = one ? "does not" : "do not";
  std::string said;
  if (auto what = between(words, "Insufficient ", ""); !what.empty())
    said = fmt::format("{} too little {} free", have, what == "cpu" ? "CPU" : what);
  else if (words == "Too many pods")
    said = fmt::format("{} as many Pods as it may", have);
  else if (auto taint = between(words, "untolerated taint {", "}"); !taint.empty())
    said = fmt::format("{} the taint {}, which the Pod does not tolerate", have,
                       taint.ends_with(": ") ? taint.substr(0, taint.size() - 2) : taint);
  else if (has(words, "untolerated taint"))
    said = fmt::format("{} a taint that the Pod does not tolerate", have);
  else if (has(words, "didn't match Pod's node affinity/selector"))
    said = fmt::format("{} match the Pod's node selector", do_not);
  else if (has(words, "anti-affinity"))
    said = fmt::format("{} Pods beside which this one must not run", have);
  else if (has(words, "pod affinity"))
    said = fmt::format("{} the Pods beside which this one must run", one ? "lacks" : "lack");
  else if (has(words, "topology spread constraints"))
    said = fmt::format("{} against how the Pods are to be spread", are);
  else if (has(words, "free ports"))
    said = fmt::format("{} the port in use already", have);
  else if (has(words, "were unschedulable"))
    said = fmt::format("{} closed for new Pods (cordoned)", are);
  else if (has(words, "volume node affinity conflict"))
    said = fmt::format("{} reach the Pod's volume", do_not);
  else
    said = fmt::format("say: {}", words);
  return fmt::format("{} {}", reason.nodes, said);
}

std::string asked(const Evidence& evidence, const std::vector<Reason>& reasons) {
  auto about = [&](std::string_view what) {
    return std::ranges::any_of(reasons, [&](const Reason& r) { return r.words == what; });
  };
  const Machines& nodes = evidence.machines;
  std::string out;
  auto add = [&](std::string_view name, const std::string& wanted, const std::string& free,
                 const std::string& largest) {
    out += fmt::format("; a Pod asks for {} {}", wanted, name);
    if (!free.empty())
      out += fmt::format(", the most that a node has free is {}", free);
    else if (!largest.empty())
      out += fmt::format(", the largest node has {}", largest);
  };
  if (about("Insufficient cpu") && evidence.cpu > 0)
    add("of CPU", cores(evidence.cpu), nodes.free_cpu ? cores(*nodes.free_cpu) : "",
        nodes.count > 0 ? cores(nodes.largest_cpu) : "");
  if (about("Insufficient memory") && evidence.memory > 0)
    add("of memory", bytes(evidence.memory), nodes.free_memory ? bytes(*nodes.free_memory) : "",
        nodes.count > 0 ? bytes(nodes.largest_memory) : "");
  return out;
}

bool more_nodes_come(const Replica& replica) {
  return last_event(replica, "TriggeredScaleUp") != nullptr || last_event(replica, "Nominated") != nullptr;
}

// Not even an empty node would take it; or none has the label, which nobody is about to give it.
bool for_good(const Evidence& evidence, const Replica& replica, const std::vector<Reason>& reasons) {
  if (more_nodes_come(replica)) return false;
  const Machines& nodes = evidence.machines;
  if (nodes.count > 0 && (evidence.cpu > nodes.largest_cpu || evidence.memory > nodes.largest_memory))
    return true;
  return !reasons.empty() && passed(evidence, replica.created, scale_up_notice) &&
         std::ranges::all_of(reasons, [](const Reason& reason) {
           return has(reason.words, "didn't match Pod's node affinity/selector");
         });
}

}  // namespace

MaybeSign unschedulable(const Evidence& evidence, const Replica& replica) {
  if (replica.placed || replica.place_refused.empty()) return std::nullopt;
  const std::string& message = replica.place_refused;
  const std::vector<Reason> reasons = reasons_of(message);
  std::string_view total_text = between(message, "0/", " nodes are available");
  const int total = std::max(number(total_text), 0);
  std::string said;
  for (const Reason& reason : reasons)
    said += (said.empty() ? "" : ", ") + (reason.nodes > 0 ? spoken(reason) : reason.words);
  if (said.empty())
    said = has(message, "no nodes available") ? "the cluster has no nodes" : message;
  else if (total > 0)
    said = fmt::format("of {} node{} {}", total, total == 1 ? "" : "s", said);
  Sign sign{base::Code::unschedulable,
            fmt::format("no node takes a Pod: {}{}", said, asked(evidence, reasons)),
            fmt::format("ask for less in 'resources' of {}, or add nodes: kubectl describe nodes",
                        evidence.service)};
  if (more_nodes_come(replica)) sign.sentence += "; a node more is on its way";
  sign.evidence = {fmt::format("{}: {}", replica.name, message)};
  sign.certain = for_good(evidence, replica, reasons);
  sign.same = "no node";
  return sign;
}

}  // namespace msctl::explain::rules
