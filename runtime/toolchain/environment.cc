#include "runtime/toolchain/environment.h"

#include <algorithm>
#include <string_view>

namespace msctl::toolchain {
namespace {

// A variable of these changes where and how a step runs, not what it finds.
const std::vector<std::string> session{"PATH",
                                       "HOME",
                                       "USER",
                                       "LOGNAME",
                                       "SHELL",
                                       "PWD",
                                       "LANG",
                                       "LANGUAGE",
                                       "LC_*",
                                       "TZ",
                                       "TMPDIR",
                                       "TMP",
                                       "TEMP",
                                       "TERM",
                                       "COLORTERM",
                                       "NO_COLOR",
                                       "FORCE_COLOR",
                                       "CLICOLOR",
                                       "COLUMNS",
                                       "LINES",
                                       "CLICOLOR_FORCE",
                                       "XDG_*",
                                       "DISPLAY",
                                       "WAYLAND_DISPLAY",
                                       "CI",
                                       "HTTP_PROXY",
                                       "HTTPS_PROXY",
                                       "NO_PROXY",
                                       "ALL_PROXY",
                                       "http_proxy",
                                       "https_proxy",
                                       "no_proxy",
                                       "all_proxy",
                                       "SSL_CERT_FILE",
                                       "SSL_CERT_DIR",
                                       "CURL_CA_BUNDLE",
                                       "DOCKER_HOST",
                                       "SSH_AUTH_SOCK",
                                       "REQUESTS_CA_BUNDLE",
                                       "GIT_SSL_CAINFO",
                                       "NIX_*",
                                       "SOURCE_DATE_EPOCH"};

// What the loader and the sanitizers' runtime do to every program.
const std::vector<std::string> everywhere{"LD_LIBRARY_PATH", "LD_PRELOAD", "*SAN_OPTIONS"};

bool is_named(std::string_view name, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    if (pattern.starts_with('*')) return name.ends_with(pattern.substr(1));
    return name == pattern;
  });
}

struct Names {
  std::vector<std::string> counted, passed;

  void add(const Language& language) {
    counted.insert(counted.end(), language.variables.begin(), language.variables.end());
    passed.insert(passed.end(), language.passes.begin(), language.passes.end());
  }
};

}  // namespace

StepEnvironment step_environment(const workspace::Service& service, const Languages& languages,
                                 const std::map<std::string, std::string>& environment) {
  Names names{everywhere, session};
  names.counted.insert(names.counted.end(), service.variables.begin(), service.variables.end());
  for (const Language& language : languages.all())
    if (service.language == language.name || service.language == "none") names.add(language);
  StepEnvironment out;
  for (const auto& [name, value] : environment) {
    if (name.starts_with("MSCTL_")) continue;
    const bool counts = is_named(name, names.counted);
    if (!counts && !is_named(name, names.passed)) continue;
    out.all.push_back(name + "=" + value);
    if (counts) out.counted.push_back(out.all.back());
  }
  return out;
}

}  // namespace msctl::toolchain
