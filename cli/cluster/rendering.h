// A workspace with its images as a release: where scaffolds, which know how objects look, and the
// orchestrator, which applies them, meet.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/release/release.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::cluster {

struct RenderInput {
  const workspace::Workspace& workspace;  // as the environment sees it
  std::string environment;
  std::string space;
  std::vector<std::string> services;          // to deploy; empty: all
  std::map<std::string, std::string> images;  // service → reference with its digest
  std::string gateway_image;
  std::string command;  // "deploy orders"
};

// Parts of `services`, of what all share and of the gateway. Errors: noImage.
base::Result<release::Release> render(const RenderInput& input);

// Of the repository around the workspace: 12 digits of the commit, "-dirty" behind them where the working
// tree has changes that the services could be made of; empty without a repository.
std::string revision_of(const std::string& root);

}  // namespace msctl::cli::cluster
