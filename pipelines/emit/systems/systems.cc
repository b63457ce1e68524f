#include "pipelines/emit/systems/systems.h"

#include <algorithm>

#include "pipelines/emit/azure/azure.h"
#include "pipelines/emit/bitbucket/bitbucket.h"
#include "pipelines/emit/buildkite/buildkite.h"
#include "pipelines/emit/circleci/circleci.h"
#include "pipelines/emit/github/github.h"
#include "pipelines/emit/gitlab/gitlab.h"
#include "pipelines/emit/jenkins/jenkins.h"
#include "pipelines/emit/woodpecker/woodpecker.h"

namespace msctl::emit {

const std::vector<System>& systems() {
  static const std::vector<System> all{
      {"github", "GitHub Actions", github::emit},
      {"gitlab", "GitLab CI", gitlab::emit},
      {"azure", "Azure Pipelines", azure::emit},
      {"circleci", "CircleCI", circleci::emit},
      {"bitbucket", "Bitbucket Pipelines", bitbucket::emit},
      {"buildkite", "Buildkite", buildkite::emit},
      {"woodpecker", "Woodpecker", woodpecker::emit},
      {"jenkins", "Jenkins", jenkins::emit},
  };
  return all;
}

const System* find_system(std::string_view name) {
  auto found = std::ranges::find(systems(), name, &System::name);
  return found == systems().end() ? nullptr : &*found;
}

}  // namespace msctl::emit
