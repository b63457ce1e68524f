#include "runtime/kubernetes/judge/versions.h"

#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::judge {
namespace {

constexpr const char* hash_label = "pod-template-hash";

bool same_template(const Json& wanted, const Json& made) {
  if (at(wanted, "spec") != at(made, "spec")) return false;
  if (at(wanted, "metadata.annotations") != at(made, "metadata.annotations")) return false;
  Json without = at(made, "metadata.labels");
  Json labels = at(wanted, "metadata.labels");
  if (without.is_object()) without.erase(hash_label);
  if (labels.is_object()) labels.erase(hash_label);
  return without == labels;
}

}  // namespace

const Json* new_replica_set(const Subject& subject) {
  const Json& wanted = at(*subject.object, "spec.template");
  const Json* found = nullptr;
  for (const Json* set : subject.replica_sets) {
    if (!same_template(wanted, at(*set, "spec.template"))) continue;
    if (found == nullptr ||
        text(*set, "metadata.creationTimestamp") < text(*found, "metadata.creationTimestamp"))
      found = set;
  }
  return found;
}

bool is_job(const Subject& subject) {
  // Lists of one kind come without it; only a Job's template restarts never or on failure.
  const std::string kind = text(*subject.object, "kind");
  return kind.empty() ? text(*subject.object, "spec.template.spec.restartPolicy") != "Always" : kind == "Job";
}

Objects events_about(const Subject& subject, const Json& object) {
  Objects out;
  const std::string uid = text(object, "metadata.uid");
  for (const Json* event : subject.events)
    if (text(*event, "involvedObject.uid") == uid) out.push_back(event);
  return out;
}

}  // namespace msctl::kubernetes::judge
