// The Secrets that a release refers to.
//
// Values are in no record, so a Secret is what a rollback finds them in: it is immutable, named
// SERVICE-secrets-VERSION, and stays as long as a record that names it. The version is random: a hash of a
// short value tells the value to whoever can try them all. Where the values are those of the Secret that
// runs, its version stays, and nothing restarts; other values make another version, and so new replicas.
//
// A command may be killed anywhere: the record that names a Secret is written before the Secret is made, and
// removed after it is. So a Secret of msctl's is always named by a record, and goes with the last of them.
//
// A Secret of the service's own name, which somebody has made there, is only looked at: which one it was
// stands in the annotation msctl.dev/secrets of the Pods, so that the next deploy after a change replaces
// them.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/deploy/ground.h"
#include "runtime/kubernetes/deploy/plan.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::deploy {

// By part, by name.
using SecretValues = std::map<std::string, std::map<std::string, std::string>>;

struct Secrets {
  std::vector<Json> make;                                   // not there yet, with their values
  std::map<std::string, std::vector<std::string>> changed;  // by part: the names whose values are others
  std::map<std::string, std::string> unread;  // by part: the Secret that could not be compared with
};

// A Secret of the running release that may not be read.
enum class Unread {
  error,
  told  // its values may be the same or others: a plan says so
};

// Names Secrets in the objects of `wanted`, and says which have to be made. What is kept of the running
// release is not among its parts yet: that stays as it is. A release that is gone back to names its own,
// which have to be there. `fresh`: a new version, ten digits of hexadecimal; called from several threads at
// once. Errors: the cluster's, secretNotThere.
std::expected<Secrets, base::Errors> settle_secrets(Cluster& cluster, release::Release& wanted,
                                                    const Ground& ground, const SecretValues& values,
                                                    const std::function<std::string()>& fresh,
                                                    Unread unread = Unread::error);

// What the cluster says to a dry run of those that have to be made.
base::Errors try_secrets(Cluster& cluster, const Secrets& secrets);

// Those that no record will name; what is gone already is no error.
base::Result<void> remove_secrets(Cluster& cluster, Writer& writer, const std::vector<std::string>& names);

std::string fresh_version();

// "new values of PAYMENT_KEY", beside what else a step means: names, and no value.
void add_meaning(const Secrets& secrets, Plan& plan);

// Those that it refers to and that msctl has made: what its record names.
std::vector<std::string> secrets_of(const release::Release& release);

}  // namespace msctl::kubernetes::deploy
