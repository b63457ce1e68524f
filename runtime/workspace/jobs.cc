#include "runtime/workspace/jobs.h"

#include <fmt/format.h>

#include <set>

#include "runtime/base/units.h"

namespace msctl::workspace {
namespace {

using base::Code;
using schema::Kind;
using yaml::Node;

// A job's name becomes the value of a label on its Pods, `batch.kubernetes.io/job-name`.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
constexpr std::size_t longest_name = 63;

void report(base::Errors& errors, const Node& node, Code code, std::string message, std::string expected) {
  errors.push_back({code, std::move(message), node.location(), std::move(expected), {}, {}});
}

void check_name(const Node& node, const Service& service, std::set<std::string>& seen, base::Errors& errors) {
  const std::string& name = node.scalar;
  if (!seen.insert(name).second)
    report(errors, node, Code::badJob, fmt::format("'{}' has two jobs of the name '{}'", service.name, name),
           "a name that no other job of the service has");
  const std::size_t around = service.name.size() + 1 + 1 + job_hash_digits;
  if (around + name.size() > longest_name)
    report(errors, node, Code::badJob,
           fmt::format("'{}-{}' and the {} digits behind it are longer than {} characters", service.name,
                       name, job_hash_digits, longest_name),
           around < longest_name ? fmt::format("a name of at most {} characters", longest_name - around)
                                 : "a service with a shorter name");
}

Job decode_job(const Node& node, base::Errors& errors) {
  Job job;
  job.name = node.find("name")->scalar;
  const Node& run = *node.find("run");
  for (const Node& word : run.items) job.run.push_back(word.scalar);
  if (job.run.empty()) report(errors, run, Code::wrongValue, "'run' is empty", "a program and its arguments");
  job.when = node.find("when")->scalar == "after" ? Job::When::after : Job::When::before;
  if (const Node* timeout = node.find("timeout")) {
    job.timeout = base::parse_duration(timeout->scalar).value_or(job.timeout);
    if (job.timeout < std::chrono::seconds(1))
      report(errors, *timeout, Code::wrongValue, fmt::format("'{}' is no time to run in", timeout->scalar),
             "a second or more");
  }
  if (const Node* retries = node.find("retries")) job.retries = std::stoi(retries->scalar);
  return job;
}

}  // namespace

schema::TypePtr jobs_type() {
  return schema::list(schema::object({
      {"name", schema::scalar(Kind::label), "Its name, its own within the service.", true},
      {"run", schema::list(schema::text("./orders")), "A program in the service's image, and its arguments.",
       true},
      {"when", schema::choice({"before", "after"}),
       "Before the first replica of a new version starts, or after all of them are ready.", true},
      {"timeout", schema::scalar(Kind::duration, "5m"), "After which it is ended, and has failed.", false,
       "5m"},
      {"retries", schema::integer(0, 100), "How often it is tried again when it has failed.", false, "0"},
  }));
}

std::vector<Job> decode_jobs(const Node& root, const Service& service, base::Errors& errors) {
  std::vector<Job> out;
  const Node* jobs = root.find("jobs");
  if (jobs == nullptr) return out;
  if (service.is_backing()) {
    report(errors, *jobs, Code::badJob, fmt::format("'jobs' in '{}', a backing service", service.name),
           "jobs in a service with a language, in whose image they run");
    return out;
  }
  std::set<std::string> seen;
  for (const Node& node : jobs->items) {
    check_name(*node.find("name"), service, seen, errors);
    out.push_back(decode_job(node, errors));
  }
  return out;
}

}  // namespace msctl::workspace
