// The Kubernetes client, driven from outside: kube_client [CONTEXT], with KUBECONFIG as for kubectl. Each
// line of stdin is a request, a JSON object with "do" and what that takes; each is answered by one line, a
// watch by one an event until stdin has something more to read.
#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/api/watch.h"
#include "runtime/kubernetes/kubeconfig/credentials.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

using namespace msctl;
using namespace msctl::kubernetes;
using api::Json;

namespace {

void tell(const Json& line) {
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

Json told(const base::Error& error) {
  return {{"ok", false},
          {"code", base::to_string(error.code)},
          {"message", error.message},
          {"suggestion", error.suggestion},
          {"notes", error.notes},
          {"expected", error.expected}};
}

Json told(const api::Failure& failure) {
  Json out = told(failure.error);
  out["status"] = failure.status;
  out["reason"] = failure.reason;
  out["uncertain"] = failure.uncertain;
  out["conflicts"] = Json::array();
  for (const api::Conflict& each : failure.conflicts)
    out["conflicts"].push_back({{"field", each.field}, {"manager", each.manager}, {"since", each.since}});
  return out;
}

Json told(const api::Answer<Json>& answer) {
  return answer ? Json{{"ok", true}, {"object", *answer}} : told(answer.error());
}

api::Kind kind_in(const Json& pair) {
  return {pair.at(0).get<std::string>(), pair.at(1).get<std::string>()};
}

api::Name name_in(const Json& request) {
  return {kind_in(request.at("kind")), request.at("name"), request.value("space", "")};
}

Json list(const api::Client& client, const Json& request) {
  const auto all = client.list(kind_in(request.at("kind")), {.labels = request.value("labels", ""),
                                                             .space = request.value("space", ""),
                                                             .page = request.value("page", 500)});
  if (!all) return told(all.error());
  Json out{{"ok", true}, {"version", all->resource_version}, {"names", Json::array()}};
  for (const Json& item : all->items) out["names"].push_back(api::name_of(item).name);
  return out;
}

Json logs(const api::Client& client, const Json& request) {
  Json lines = Json::array();
  api::LogOptions options{.pod = request.at("pod"), .container = request.value("container", "")};
  options.space = request.value("space", "");
  options.follow = request.value("follow", false);
  options.previous = request.value("previous", false);
  options.timestamps = request.value("timestamps", false);
  if (request.contains("tail")) options.tail_lines = request["tail"].get<int>();
  const std::size_t most = request.value("most", std::size_t{10000});
  const auto read = client.logs(options, [&](std::string_view line) {
    lines.push_back(std::string(line));
    return lines.size() < most;
  });
  return read ? Json{{"ok", true}, {"lines", lines}} : told(read.error());
}

Json watch(const api::Client& client, const Json& request) {
  std::vector<api::Watch> all;
  for (const Json& each : request.at("kinds"))
    all.push_back(
        {.kind = kind_in(each), .labels = request.value("labels", ""), .space = request.value("space", "")});
  const auto ended = api::watch(
      client, all,
      [](const api::Event& event) {
        const char* types[] = {"added", "modified", "deleted", "synced"};
        Json line{{"event", types[static_cast<int>(event.type)]}, {"watch", event.watch}};
        if (event.object) {
          line["name"] = api::name_of(*event.object).name;
          line["version"] = (*event.object)["metadata"]["resourceVersion"];
          line["data"] = event.object->value("data", Json());
        }
        tell(line);
        return true;
      },
      [] {
        pollfd input{0, POLLIN, 0};
        return ::poll(&input, 1, 0) == 0;
      });
  return ended ? Json{{"ok", true}} : told(ended.error());
}

Json answer(const api::Client& client, const Json& request) {
  const std::string what = request.at("do");
  if (what == "get") return told(client.get(name_in(request), request.value("subresource", "")));
  if (what == "list") return list(client, request);
  if (what == "create") return told(client.create(request.at("object")));
  if (what == "update") return told(client.update(request.at("object")));
  if (what == "patch")
    return told(client.patch(name_in(request), api::Patch::merge, request.at("patch"),
                             {.subresource = request.value("subresource", "")}));
  if (what == "apply")
    return told(client.apply(request.at("object"), {.manager = request.value("manager", "msctl"),
                                                    .force = request.value("force", false),
                                                    .dry_run = request.value("dryRun", false)}));
  if (what == "remove")
    return told(client.remove(name_in(request), {.uid = request.value("uid", ""),
                                                 .resource_version = request.value("version", ""),
                                                 .propagation = request.value("propagation", "")}));
  if (what == "evict") {
    const auto done = client.evict(request.at("name"));
    return done ? Json{{"ok", true}} : told(done.error());
  }
  if (what == "raw") {
    const auto text = client.raw(request.at("target"));
    return text ? Json{{"ok", true}, {"text", *text}} : told(text.error());
  }
  if (what == "logs") return logs(client, request);
  if (what == "watch") return watch(client, request);
  if (what == "whoami") return {{"ok", true}, {"name", client.whoami()}};
  if (what == "counts") {
    const api::Counts counts = client.counts();
    return {{"ok", true},
            {"requests", counts.requests},
            {"repeated", counts.repeated},
            {"watches", counts.watches}};
  }
  return {{"ok", false}, {"message", "unknown request"}};
}

}  // namespace

int main(int count, char** words) {
  const system::RealFiles files;
  system::RealProcesses processes;
  const base::SystemClock clock;
  const kubeconfig::Sources sources{[](const std::string& name) -> std::optional<std::string> {
                                      const char* value = std::getenv(name.c_str());
                                      if (value == nullptr) return std::nullopt;
                                      return value;
                                    },
                                    files, "/"};
  const auto access = kubeconfig::find(sources, count > 1 ? words[1] : "");
  if (!access) {
    tell(told(access.error()));
    return 1;
  }
  const auto client = api::Client::connect(*access, {files, processes, clock}, {});
  if (!client) {
    tell(told(client.error()));
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) tell(answer(*client, Json::parse(line)));
  return 0;
}
