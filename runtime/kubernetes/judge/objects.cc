#include "runtime/kubernetes/judge/objects.h"

#include <unordered_map>

#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::judge {
namespace {

class Sorter {
public:
  explicit Sorter(const Lists& lists) : lists_(lists) {}

  std::map<std::string, Subject> sorted() {
    for (const Json* deployment : lists_.deployments) subject(text(*deployment, "metadata.name"), deployment);
    for (const Json* job : lists_.jobs) {
      std::string name = text(*job, "metadata.name");
      subject(out_.contains(name) ? "Job/" + name : name, job);
    }
    belong(lists_.replica_sets, &Subject::replica_sets);
    belong(lists_.pods, &Subject::pods);
    for (const Json* autoscaler : lists_.autoscalers) take(*autoscaler);
    for (const Json* event : lists_.events)
      if (Subject* about = find(text(*event, "involvedObject.uid"))) about->events.push_back(event);
    return std::move(out_);
  }

private:
  void subject(const std::string& name, const Json* object) {
    Subject& made = out_[name];
    made.object = object;
    made.nodes = lists_.nodes;
    made.neighbours = lists_.neighbours;
    of_uid_[text(*object, "metadata.uid")] = &made;
  }

  // Of the same subject as who controls it; those that a ReplicaSet controls are its Deployment's.
  void belong(const Objects& objects, Objects Subject::* where) {
    for (const Json* object : objects)
      if (Subject* owner = find(controller(*object))) {
        (owner->*where).push_back(object);
        of_uid_[text(*object, "metadata.uid")] = owner;
      }
  }

  void take(const Json& autoscaler) {
    if (text(autoscaler, "spec.scaleTargetRef.kind") != "Deployment") return;
    auto found = out_.find(text(autoscaler, "spec.scaleTargetRef.name"));
    if (found == out_.end()) return;
    found->second.autoscaler = &autoscaler;
    of_uid_[text(autoscaler, "metadata.uid")] = &found->second;
  }

  Subject* find(const std::string& uid) {
    auto found = of_uid_.find(uid);
    return uid.empty() || found == of_uid_.end() ? nullptr : found->second;
  }

  const Lists& lists_;
  std::map<std::string, Subject> out_;  // its nodes stay where they are
  std::unordered_map<std::string, Subject*> of_uid_;
};

}  // namespace

std::string Subject::name() const {
  return object == nullptr ? std::string() : text(*object, "metadata.name");
}

std::string Subject::service() const {
  const Json& labels = object == nullptr ? Json() : at(*object, "metadata.labels");
  const std::string of = labels.is_object() ? labels.value("msctl.dev/job-of", "") : "";
  return of.empty() ? name() : of;
}

std::string Subject::job() const {
  const Json& annotations = object == nullptr ? Json() : at(*object, "metadata.annotations");
  return annotations.is_object() ? annotations.value("msctl.dev/job", "") : "";
}

std::map<std::string, Subject> subjects(const Lists& lists) {
  return Sorter(lists).sorted();
}

}  // namespace msctl::kubernetes::judge
