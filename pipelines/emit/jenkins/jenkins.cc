#include "pipelines/emit/jenkins/jenkins.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipelines/emit/container.h"
#include "pipelines/emit/script.h"

namespace msctl::emit::jenkins {
namespace {

using pipeline::Job;
using pipeline::Kind;
using pipeline::Pipeline;

// A string of Groovy in which nothing is replaced.
std::string quoted_string(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string quoted_lines(std::string_view text) {
  std::string out = "'''\n";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'''";
}

// Words as one string, on lines of some columns that are put together.
std::string quoted_words(std::string_view words, const std::string& indent) {
  constexpr std::size_t kWidth = 56;
  std::string out, line;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (line.size() + end - at > kWidth) {
      out += quoted_string(line) + " +\n" + indent;
      line.clear();
    }
    line += words.substr(at, end - at);
    if (end < words.size()) line += ' ';
    at = end + 1;
  }
  return out + quoted_string(line);
}

// Lines of Groovy, four columns deeper within each block.
class Writer {
public:
  void line(std::string_view text) {
    if (!text.empty()) out_ += indent();
    out_ += text;
    out_ += '\n';
  }
  void open(std::string_view head) {
    line(fmt::format("{} {{", head));
    ++depth_;
  }
  void close() {
    --depth_;
    line("}");
  }
  std::string indent(std::size_t more = 0) const { return std::string((depth_ + more) * 4, ' '); }
  std::string take() { return std::move(out_); }

private:
  std::string out_;
  std::size_t depth_ = 0;
};

// Begun by a change of its paths; by hand, or as the first build of a branch, in any case.
void when(Writer& out, const Job& job, const std::string& trunk) {
  out.open("when");
  out.line("beforeAgent true");
  if (job.approval) out.line("beforeInput true");
  if (job.trunk_only) {
    out.open("allOf");
    out.line(fmt::format("branch {}", quoted_string(trunk)));
    out.line("not { changeRequest() }");
  }
  out.open("anyOf");
  for (const std::string& path : job.paths) out.line(fmt::format("changeset {}", quoted_string(path)));
  out.line("triggeredBy 'UserIdCause'");
  out.line("expression { currentBuild.previousBuild == null }");
  out.close();
  if (job.trunk_only) out.close();
  out.close();
}

void environment(Writer& out, const Pipeline& pipeline, const Job& job) {
  out.open("environment");
  out.line("XDG_CACHE_HOME = \"${WORKSPACE}/.cache\"");
  for (const auto& [name, value] : kept_folders(job, "${WORKSPACE}").variables)
    out.line(fmt::format("{} = \"{}\"", name, value));
  if (!pipeline.msctl.archive.empty()) {
    out.line(fmt::format("MSCTL_ARCHIVE = {}", quoted_string(pipeline.msctl.archive)));
    out.line(fmt::format("MSCTL_SHA256 = {}", quoted_string(pipeline.msctl.sha256)));
  }
  out.close();
}

std::string timeout(const Pipeline& pipeline) {
  return fmt::format("timeout(time: {}, unit: 'MINUTES')", minutes(pipeline.timeout));
}

void commands(Writer& out, const Pipeline& pipeline, const Job& job) {
  const bool deploys = job.kind == Kind::deploy;
  if (job.approval) out.open(timeout(pipeline));
  out.line("prepare " + quoted_words(packages(job), out.indent(1)));
  if (job.trunk_only) out.open("loggedIn");
  if (deploys) out.open(fmt::format("onCluster({})", quoted_string(job.environment)));
  for (const std::string& command : task_lines(job, "GIT_COMMIT"))
    out.line("sh " + quoted_words(command, out.indent(1)));
  for (bool block : {deploys, job.trunk_only, job.approval})
    if (block) out.close();
}

// Asked before an agent is taken; the time that a person takes is not the job's.
void approval(Writer& out, const Job& job) {
  out.open("input");
  out.line(fmt::format("message {}",
                       quoted_string(fmt::format("Deploy {} to {}?", job.service, job.environment))));
  out.close();
}

void stage(Writer& out, const Pipeline& pipeline, const Job& job) {
  out.open(fmt::format("stage({})", quoted_string(title(job))));
  when(out, job, pipeline.trunk);
  out.open("agent");
  out.open("docker");
  out.line("image image()");
  out.line("args '--user root'");
  out.close();
  out.close();
  if (job.approval) {
    approval(out, job);
  } else {
    out.open("options");
    out.line(timeout(pipeline));
    out.close();
  }
  environment(out, pipeline, job);
  out.open("steps");
  commands(out, pipeline, job);
  out.close();
  if (!job.reports.empty()) {
    out.open("post");
    out.open("always");
    for (const std::string& report : job.reports)
      out.line(fmt::format("junit testResults: {}, allowEmptyResults: true", quoted_string(report)));
    out.close();
    out.close();
  }
  out.close();
}

void service(Writer& out, const Pipeline& pipeline, const std::string& name) {
  out.open(fmt::format("stage({})", quoted_string(name)));
  out.open("stages");
  for (const Job* job : pipeline.of(name)) stage(out, pipeline, *job);
  out.close();
  out.close();
}

void functions(Writer& out, const Pipeline& pipeline) {
  out.open("String image()");
  out.line(fmt::format("return {}", quoted_string(image(pipeline))));
  out.close();
  out.line("");
  out.open("void prepare(String packages)");
  out.open("withEnv([\"PACKAGES=${packages}\"])");
  out.line("sh " + quoted_lines(preparation()));
  out.close();
  out.close();
  if (!pipeline.has(Kind::push)) return;
  out.line("");
  out.line("// The credentials of the registry stand in Jenkins under the id 'registry'.");
  out.open("void loggedIn(Closure body)");
  out.line("withCredentials([usernamePassword(");
  out.line("    credentialsId: 'registry',");
  out.line(fmt::format("    usernameVariable: '{}', passwordVariable: '{}')]) {{", kRegistryUser,
                       kRegistryPassword));
  out.line("    body()");
  out.line("}");
  out.close();
  if (!pipeline.has(Kind::deploy)) return;
  out.line("");
  out.line("// The kubeconfig of an environment is a secret file under the id 'kubeconfig-ENVIRONMENT'.");
  out.open("void onCluster(String environment, Closure body)");
  out.line("withCredentials([file(credentialsId: \"kubeconfig-${environment}\", variable: 'KUBECONFIG')]) {");
  out.line("    body()");
  out.line("}");
  out.close();
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Writer out;
  out.line(fmt::format("// {}", generated::header));
  functions(out, pipeline);
  out.line("");
  out.open("pipeline");
  out.line("agent none");
  // While one waits for a person, the next may run.
  if (std::ranges::none_of(pipeline.jobs, &Job::approval)) {
    out.open("options");
    out.line("disableConcurrentBuilds()");
    out.close();
  }
  out.open("stages");
  out.open("stage('services')");
  out.open("parallel");
  for (const std::string& name : pipeline.services) service(out, pipeline, name);
  out.close();
  out.close();
  out.close();
  out.close();
  return {{{"Jenkinsfile", out.take()}}};
}

}  // namespace msctl::emit::jenkins
