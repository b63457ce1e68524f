// What the jobs of every system do in a shell: getting msctl and packages, and telling what changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/types.h"

namespace msctl::emit {

// Puts msctl on PATH, unless it is there: an archive from $MSCTL_ARCHIVE, held against $MSCTL_SHA256,
// unpacked below `folder`, which the shell expands. `after`: lines that make its `bin` known to what follows.
std::string install_msctl(std::string_view folder, std::string_view after);

// Compares with $BASE, and leaves two lists of services in JSON: $itself, and $touched, with those of which
// only a need has changed. Without $BASE, or where it is not in the clone: everything. `file`: where the
// shell may write.
std::string compare(const pipeline::Pipeline& pipeline, std::string_view file);

// Installs those of the packages in $PACKAGES that are missing; as root, on Debian.
std::string install_packages();

// The variables from which msctl takes the credentials of the registry that it pushes to.
inline constexpr std::string_view kRegistryUser = "MSCTL_REGISTRY_USER";
inline constexpr std::string_view kRegistryPassword = "MSCTL_REGISTRY_PASSWORD";
// The text of the kubeconfig that a job deploys with.
inline constexpr std::string_view kKubeconfig = "MSCTL_KUBECONFIG";
// The variables with credentials that a job is given, if any.
std::vector<std::string_view> credentials(const pipeline::Job& job);

// "registry.example" of "registry.example/shop".
std::string registry_host(std::string_view registry);

// With each '$' written twice: for systems that replace variables by themselves when they take a file in,
// before a shell sees it.
std::string for_shell(std::string_view text);

// An argument vector as a line of a shell, quoted only where needed. `commit`: the variable in which the
// system tells the commit that it runs for, "GITHUB_SHA"; it takes the place of pipeline::commit_word.
std::string command_line(const toolchain::Argv& argv, std::string_view commit);

// {service} replaced by the folder, also within "{service}/go.mod" of a service that is the root.
std::string in_folder(std::string_view text, const std::string& folder);

// Debian packages of a job in a container: of its toolchains, and its own. Sorted.
std::vector<std::string> debian_packages(const pipeline::Job& job);

}  // namespace msctl::emit
