#include "runtime/toolchain/commands.h"

namespace msctl::toolchain {
namespace {

void override_steps(std::vector<Argv>& steps, const Argv& own) {
  if (!own.empty()) steps = {own};
}

}  // namespace

Commands commands_for(const workspace::Service& service, const Languages& languages) {
  Commands out;
  if (const Language* language = languages.find(service.language)) {
    out.build = language->build;
    out.test = language->test;
    out.lint = language->lint;
    out.integration = language->integration;
    out.run = language->run;
    if (service.commands.test.empty()) out.junit = language->junit;
  }
  override_steps(out.build, service.commands.build);
  override_steps(out.test, service.commands.test);
  override_steps(out.lint, service.commands.lint);
  override_steps(out.integration, service.commands.integration);
  if (!service.commands.run.empty()) out.run = service.commands.run;
  return out;
}

}  // namespace msctl::toolchain
