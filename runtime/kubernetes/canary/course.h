// One share of the traffic under observation: readings in, and what follows from them. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "runtime/analysis/judge.h"
#include "runtime/kubernetes/canary/choice.h"

namespace msctl::kubernetes::canary {

// How often the counters are read: twelve times an interval, but not more than once a second, nor less than
// each five.
base::Duration look_every(base::Duration interval);
int looks_in(base::Duration interval);
// What is left out at the beginning of a step: new replicas are slow for reasons that pass.
base::Duration warm_up(base::Duration interval);

class Course {
public:
  enum class State {
    open,
    passed,    // every service is shown to be as good, at the end of an interval
    worse,     // one is worse
    undecided  // its intervals are over, or more requests would not tell either
  };

  // `judged`: how many shares of the whole list are judged; all services and shares together are called worse
  // without reason as seldom as one would be.
  Course(const std::vector<Subject>& subjects, const Request& request, int judged);

  // A round: what each gateway has counted, by service, at `at` since the step began. Errors: badCounters;
  // the round is then left out.
  base::Result<void> add(const std::map<std::string, std::vector<analysis::Reading>>& round);

  // After each round.
  State look();

  const std::map<std::string, analysis::Judgement>& judgements() const { return judgements_; }
  std::vector<std::string> services_that_are(analysis::Verdict verdict) const;
  int looks() const { return looks_; }
  int planned() const { return plan_.looks; }

private:
  bool nothing_more_will_tell() const;

  analysis::Plan plan_;
  int patience_;
  int looks_ = 0;
  std::map<std::string, analysis::Slices> slices_;
  std::map<std::string, analysis::Judgement> judgements_;
  std::map<std::string, bool> passed_;  // at the end of an earlier interval of this step
};

// "12 of 251 requests; nothing speaks against the new version so far"
std::string progress_text(const analysis::Judgement& judgement);

}  // namespace msctl::kubernetes::canary
