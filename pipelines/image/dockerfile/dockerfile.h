// Images from a Dockerfile, by a tool that is there: buildah, podman or docker. What they are told is data;
// somebody else runs it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/image/layout/layout.h"
#include "runtime/toolchain/requirements.h"

namespace msctl::image {

// The first of buildah, podman and docker that is there. Errors: noContainerTool.
base::Result<std::string> container_tool(const toolchain::FindProgram& find);

struct DockerfileBuild {
  std::string folder;  // the context
  std::string file;    // the Dockerfile
  std::string name;    // of the image in the tool's own storage
  std::string layout;  // a folder that becomes an OCI layout, with the image as "image"
  Platform platform;
  bool other_platform = false;  // than this machine's
  std::int64_t time = 0;
  bool fresh = false;  // without the tool's own cache
};

std::vector<toolchain::Argv> dockerfile_steps(const std::string& tool, const DockerfileBuild& build);

// Moves what a tool has left in a layout over to ours. Errors: imageMissing, digestMismatch, cannotWrite.
base::Result<Descriptor> take_over(const Layout& from, const Layout& to, const Platform& platform);

}  // namespace msctl::image
