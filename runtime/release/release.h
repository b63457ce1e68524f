// A release: what was, or is to be, deployed to one environment together - images, configuration, routes -
// complete enough to be deployed again from any machine.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::release {

// What is deployed and judged as one: a service, the gateway, or what all of them share.
struct Part {
  std::string name;                     // "orders"
  std::vector<std::string> needs;       // parts that are to be ready before this one changes
  std::string image;                    // with its digest; empty: it runs nothing of ours
  std::vector<nlohmann::json> objects;  // in the order in which they are to be applied
};

// The part that is neither a service's nor the gateway's. No service can have this name.
inline constexpr const char* shared_part = "(shared)";

enum class Result {
  pending,      // under way, or its deploy was killed
  deployed,     // all of it was ready
  failed,       // not all of it became ready, and there was no earlier release to go back to
  rolled_back,  // not all of it became ready, and the release before runs again
  interrupted   // ended by Ctrl-C, or killed; a later one has taken its place
};

std::string_view to_string(Result result);
std::optional<Result> result_from(std::string_view text);

// What happened when, for people.
struct Moment {
  std::string at;       // RFC 3339
  std::string subject;  // a part, or empty
  std::string text;
};

struct Release {
  int id = 0;            // 1, 2, … within its environment
  std::string at;        // RFC 3339: when it was begun
  std::string ended;     // RFC 3339: when its result stood; empty before
  std::string by;        // "ada@ci-7"
  std::string revision;  // of the repository; "-dirty" behind it where files were not committed; may be empty
  std::string workspace;
  std::string environment;
  std::string command;                // "deploy", "deploy orders", "rollback --to 3"
  std::vector<std::string> services;  // that it was made for
  bool goes_back = false;             // an earlier one again: none of its jobs is run
  std::vector<std::string>
      secrets;  // that its objects refer to and that were made for them: names of Secrets
  Result result = Result::pending;
  std::string code;     // of what it failed by
  std::string message;  // the same in words
  int rolled_back_to = 0;
  nlohmann::json canary;  // what was tried with a part of the traffic, and the evidence; null: nothing was
  std::vector<Part> parts;
  std::vector<Moment> timeline;

  const Part* find(std::string_view part) const;
};

nlohmann::json to_json(const Release& release);
// Errors: badRecord.
base::Result<Release> release_from_json(const nlohmann::json& in);

// Parts in waves: all of the needs of a wave are in earlier ones. Needs that no part has the name of do not
// count. A cycle, which a valid workspace has none of, ends up in the last wave.
std::vector<std::vector<const Part*>> waves(const std::vector<Part>& parts);

}  // namespace msctl::release
