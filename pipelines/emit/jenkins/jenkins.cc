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
std::string quoted(std::string_view text) {
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
      out += quoted(line) + " +\n" + indent;
      line.clear();
    }
    line += words.substr(at, end - at);
    if (end < words.size()) line += ' ';
    at = end + 1;
  }
  return out + quoted(line);
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
  if (job.trunk_only) {
    out.open("allOf");
    out.line(fmt::format("branch {}", quoted(trunk)));
    out.line("not { changeRequest() }");
  }
  out.open("anyOf");
  for (const std::string& path : job.paths) out.line(fmt::format("changeset {}", quoted(path)));
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
    out.line(fmt::format("MSCTL_ARCHIVE = {}", quoted(pipeline.msctl.archive)));
    out.line(fmt::format("MSCTL_SHA256 = {}", quoted(pipeline.msctl.sha256)));
  }
  out.close();
}

void commands(Writer& out, const Job& job) {
  out.line("prepare " + quoted_words(packages(job), out.indent(1)));
  const std::vector<std::string> lines = task_lines(job);
  if (job.kind == Kind::push) out.open("loggedIn");
  for (const std::string& command : lines) out.line("sh " + quoted_words(command, out.indent(1)));
  if (job.kind == Kind::push) out.close();
}

void stage(Writer& out, const Pipeline& pipeline, const Job& job) {
  out.open(fmt::format("stage({})", quoted(title(job))));
  when(out, job, pipeline.trunk);
  out.open("agent");
  out.open("docker");
  out.line("image image()");
  out.line("args '--user root'");
  out.close();
  out.close();
  out.open("options");
  out.line(fmt::format("timeout(time: {}, unit: 'MINUTES')", minutes(pipeline.timeout)));
  out.close();
  environment(out, pipeline, job);
  out.open("steps");
  commands(out, job);
  out.close();
  if (!job.reports.empty()) {
    out.open("post");
    out.open("always");
    for (const std::string& report : job.reports)
      out.line(fmt::format("junit testResults: {}, allowEmptyResults: true", quoted(report)));
    out.close();
    out.close();
  }
  out.close();
}

void service(Writer& out, const Pipeline& pipeline, const std::string& name) {
  out.open(fmt::format("stage({})", quoted(name)));
  out.open("stages");
  for (const Job* job : pipeline.of(name)) stage(out, pipeline, *job);
  out.close();
  out.close();
}

void functions(Writer& out, const Pipeline& pipeline) {
  out.open("String image()");
  out.line(fmt::format("return {}", quoted(image(pipeline))));
  out.close();
  out.line("");
  out.open("void prepare(String packages)");
  out.open("withEnv([\"PACKAGES=${packages}\"])");
  out.line("sh " + quoted_lines(preparation()));
  out.close();
  out.close();
  if (std::ranges::none_of(pipeline.jobs, [](const Job& job) { return job.kind == Kind::push; })) return;
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
}

}  // namespace

generated::Emitted emit(const Pipeline& pipeline) {
  Writer out;
  out.line(fmt::format("// {}", generated::header));
  functions(out, pipeline);
  out.line("");
  out.open("pipeline");
  out.line("agent none");
  out.open("options");
  out.line("disableConcurrentBuilds()");
  out.close();
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
