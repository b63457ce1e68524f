#include "cli/flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/names.h"

namespace msctl::cli {

Flag cluster_flag() {
  return {.name = "env",
          .letter = 'e',
          .value = "ENV",
          .doc = "the environment, which has a cluster",
          .required = true,
          .everywhere = true};
}

Flag environment_flag() {
  return {.name = "env",
          .letter = 'e',
          .value = "ENV",
          .doc = "the environment to act on; `local` is the run on this machine",
          .fallback = "local",
          .everywhere = true};
}

Flag verbose_flag() {
  return {
      .name = "verbose", .letter = 'v', .doc = "show the output of what succeeds, too", .everywhere = true};
}

Flag progress_flag() {
  return {.name = "progress",
          .value = "HOW",
          .kind = Kind::choice,
          .doc = "how to show progress on stderr; auto means tty on a terminal, else plain",
          .fallback = "auto",
          .choices = {"auto", "tty", "plain", "json", "quiet"},
          .everywhere = true};
}

Flag follow_flag() {
  return {.name = "follow", .letter = 'f', .doc = "go on as new ones come, until Ctrl-C"};
}

Argument services_argument(std::string doc) {
  return {.name = "SERVICE", .kind = Kind::service, .doc = std::move(doc), .required = false, .many = true};
}

base::Result<void> expect_local(const std::string& name) {
  if (name == "local") return {};
  auto error =
      base::fail(base::Code::unknownName, fmt::format("no environment '{}' that msctl can act on", name),
                 "leave -e out: the local run is the default");
  error.error().expected = "local";
  return error;
}

base::Result<void> expect_known(const std::vector<std::string>& names, const std::vector<std::string>& known,
                                std::string_view what) {
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    auto error = base::fail(base::Code::unknownName, fmt::format("no {} named '{}'", what, name),
                            base::did_you_mean(name, known));
    error.error().expected = base::either(known);
    return error;
  }
  return {};
}

}  // namespace msctl::cli
