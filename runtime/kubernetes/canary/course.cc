#include "runtime/kubernetes/canary/course.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::kubernetes::canary {
namespace {

using analysis::Verdict;
using namespace std::chrono_literals;

constexpr int looks_wanted = 12;
constexpr base::Duration seldom = 5s, often = 1s, longest_warm_up = 15s;

}  // namespace

base::Duration look_every(base::Duration interval) {
  return std::clamp<base::Duration>(interval / looks_wanted, often, seldom);
}

int looks_in(base::Duration interval) {
  return std::max(1, static_cast<int>(interval / look_every(interval)));
}

base::Duration warm_up(base::Duration interval) {
  return std::min<base::Duration>(interval / 4, longest_warm_up);
}

Course::Course(const std::vector<Subject>& subjects, const Request& request, int judged)
    : patience_(request.patience) {
  plan_.looks = looks_in(request.interval);
  plan_.steps = std::max(1, judged * static_cast<int>(subjects.size()));
  for (const Subject& subject : subjects) {
    slices_.emplace(subject.service, analysis::Slices());
    judgements_[subject.service];
    passed_[subject.service] = false;
  }
}

base::Result<void> Course::add(const std::map<std::string, std::vector<analysis::Reading>>& round) {
  for (const auto& [service, readings] : round)
    if (const auto slices = slices_.find(service); slices != slices_.end())
      if (auto added = slices->second.add(readings); !added) return added;
  return {};
}

Course::State Course::look() {
  ++looks_;
  const bool end_of_interval = looks_ % plan_.looks == 0;
  for (auto& [service, judgement] : judgements_) {
    judgement = analysis::judge(slices_.at(service), plan_, looks_);
    if (end_of_interval && judgement.verdict == Verdict::better_or_equal) passed_[service] = true;
  }
  if (std::ranges::any_of(judgements_,
                          [](const auto& each) { return each.second.verdict == Verdict::worse; }))
    return State::worse;
  if (!end_of_interval) return State::open;
  if (std::ranges::all_of(passed_, [](const auto& each) { return each.second; })) return State::passed;
  return looks_ / plan_.looks > patience_ || nothing_more_will_tell() ? State::undecided : State::open;
}

// Of all that has not passed: its quantiles lie in buckets that are too wide, however many requests come.
bool Course::nothing_more_will_tell() const {
  return std::ranges::all_of(judgements_, [&](const auto& each) {
    return passed_.at(each.first) || each.second.reason == analysis::Reason::coarse;
  });
}

std::vector<std::string> Course::services_that_are(Verdict verdict) const {
  std::vector<std::string> out;
  for (const auto& [service, judgement] : judgements_) {
    const bool settled = verdict == Verdict::undecided && passed_.at(service);
    if (judgement.verdict == verdict && !settled) out.push_back(service);
  }
  return out;
}

std::string progress_text(const analysis::Judgement& judgement) {
  return fmt::format("{} of {} requests; {}", judgement.canary_requests,
                     judgement.canary_requests + judgement.stable_requests, judgement.text);
}

}  // namespace msctl::kubernetes::canary
