// pipeline: the group of the commands about the workspace's pipeline.
#include "cli/command.h"

namespace msctl::cli::commands {

Command describe_pipeline() {
  return {.path = "pipeline",
          .section = Section::generate,
          .summary = "the jobs that test, build and push each service",
          .description =
              "One pipeline, told once: what `msctl generate pipeline` writes for each system that "
              "`pipelines.systems` names."};
}

}  // namespace msctl::cli::commands
