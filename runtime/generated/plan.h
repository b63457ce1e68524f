// From what was generated last, what stands on the disk, and what the model gives now, to what is to be done
// with each file.
//
// Three texts decide: `base` (the lock), `ours` (the disk), `theirs` (now). A person's edits are what leads
// from base to ours, the model's change is what leads from base to theirs; both are merged line by line, as
// git does it. Where both touch the same lines, markers show the two and nothing is lost.
//
//   lock  disk              now            what is done
//   -     -                 there          created
//   -     same              there          noted in the lock
//   -     another           there          kept: it is a person's own file (with our header: merged)
//   there -                 there          created again
//   there as it was         another        updated
//   there edited            another        merged, or a conflict
//   there as it was         gone           removed
//   there edited            gone           kept, and a person's own from now on
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/generated/lock.h"

namespace msctl::generated {

enum class Action {
  none,  // as it is to be; `edited` tells whether by a person's hand
  create,
  update,    // nobody had edited it
  merge,     // with a person's edits
  conflict,  // with markers
  remove,    // the model has it no more
  release,   // the model has it no more, but it was edited: left, and from now on a person's own
  foreign    // somebody else's, left alone
};
std::string_view action_name(Action action);

struct Step {
  std::string path;
  std::string kind;
  Action action = Action::none;
  bool edited = false;
  bool executable = false;
  std::optional<std::string> before;  // on the disk
  std::string after;                  // to be there; of no meaning for remove, release and foreign
  int line = 0;                       // of the first conflict

  bool writes() const;
};

struct Plan {
  std::vector<Step> steps;  // by path
  Lock lock;                // as it is to be
  bool lock_changes = false;

  // Whether the files on the disk, or the lock, are not what the model gives, edits aside.
  bool drifts() const;
};

struct KindFile {
  std::string kind;
  File file;
};

// `whole_kinds`: the kinds of which `files` holds all; of those, what the lock has beside is removed.
base::Result<Plan> make_plan(const std::string& root, Lock lock, std::vector<KindFile> files,
                             const std::vector<std::string>& whole_kinds);

// The step for one file: the decision by itself. `locked`: nullptr where the lock has no entry.
base::Result<Step> decide(const KindFile& now, const Locked* locked, std::optional<std::string> on_disk);

}  // namespace msctl::generated
