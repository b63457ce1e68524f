// What a deploy would change: made of what is wanted, what the last release stated, and what is there. Pure;
// the server's answers to the dry run are given in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/kubernetes/objects/compare.h"
#include "runtime/kubernetes/objects/owners.h"
#include "runtime/kubernetes/objects/ref.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

enum class Action { create, update, unchanged, remove };
std::string_view to_string(Action action);

struct Step {
  std::string part;
  Ref ref;
  Action action = Action::unchanged;
  Json object;                     // what is to be applied; null where it is to go
  Json live;                       // what is there; null: nothing, or nothing to change
  std::vector<Change> changes;     // of the fields of what is there
  std::vector<std::string> means;  // "restarts its 3 replicas": what a person wants to know of it
};

// A field that the last release stated, and that has another value now.
struct Drift {
  Ref ref;
  Change change;               // from what was stated to what is there
  std::optional<Owner> owner;  // who set it, if anybody claims it
  bool kept = false;  // the deploy leaves it: an autoscaler's, or the release does not state it any more
};

struct Plan {
  std::vector<Step> steps;  // in the order of applying; what is to go comes last
  std::vector<Drift> drift;

  bool has_changes() const;
  std::size_t count(Action action) const;
};

// Objects by what they are called.
using ByRef = std::map<Ref, Json>;

// Those of the release in the order of its waves, with the parts that they belong to.
struct Wanted {
  std::string part;
  Json object;
};
std::vector<Wanted> wanted_of(const release::Release& release);
ByRef objects_of(const release::Release& release);

// Whether applying it would be a request for nothing: the last release stated the same, and all of it is
// still so.
bool is_settled(const Json& wanted, const ByRef& last, const ByRef& live);

// `dry_run`: what the server says would be, for all of `wanted` that are not settled. `live`: all that
// belongs to the workspace, and what has the same names.
Plan plan(const std::vector<Wanted>& wanted, const ByRef& last, const ByRef& live, const ByRef& dry_run);

}  // namespace msctl::kubernetes::deploy
