#include "pipelines/emit/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace msctl::emit {

std::string install_msctl(std::string_view folder, std::string_view after) {
  return fmt::format(
      "if ! command -v msctl; then  # an image or a runner of your own may bring it\n"
      "  if [ -z \"$MSCTL_ARCHIVE\" ]; then\n"
      "    echo 'Where does msctl come from? Set pipelines.msctl in msctl.yaml, or MSCTL_ARCHIVE and "
      "MSCTL_SHA256.' >&2\n"
      "    exit 1\n"
      "  fi\n"
      "  curl --fail --location --silent --show-error --retry 3 --output \"{0}.tar.gz\" \"$MSCTL_ARCHIVE\"\n"
      "  echo \"$MSCTL_SHA256  {0}.tar.gz\" | sha256sum --check --strict\n"
      "  mkdir -p \"{0}\"\n"
      "  tar -xzf \"{0}.tar.gz\" --strip-components=1 -C \"{0}\"\n"
      "  {1}\n"
      "fi\n",
      folder, after);
}

std::string compare(const pipeline::Pipeline& pipeline, std::string_view file) {
  return fmt::format(
      "if [ -n \"$BASE\" ] && git cat-file -e \"$BASE^{{commit}}\" 2>/dev/null; then\n"
      "  msctl affected --base \"$BASE\" -o json >\"{0}\"\n"
      "  jq -r '.affected[] | .service + \": \" + ([.because[] | .kind + \" \" + (.path // .key)] | join(\", "
      "\"))' "
      "\"{0}\"\n"
      "  itself=$(jq -c '[.affected[] | select(any(.because[]; .kind != \"need\")) | .service]' \"{0}\")\n"
      "  touched=$(jq -c '[.affected[].service]' \"{0}\")\n"
      "else  # a new branch, a forced push, or asked for by hand: everything\n"
      "  itself='{1}'\n"
      "  touched=$itself\n"
      "fi\n",
      file, nlohmann::ordered_json(pipeline.services).dump());
}

std::string install_packages() {
  return "if ! dpkg --status $PACKAGES >/dev/null 2>&1; then\n"
         "  apt-get update -qq\n"
         "  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $PACKAGES\n"
         "fi\n";
}

std::string registry_host(std::string_view registry) {
  return std::string(registry.substr(0, registry.find('/')));
}

std::string for_shell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '$' ? std::string("$$") : std::string(1, c);
  return out;
}

std::vector<std::string_view> credentials(const pipeline::Job& job) {
  std::vector<std::string_view> out;
  if (job.trunk_only) out = {kRegistryUser, kRegistryPassword};
  if (job.kind == pipeline::Kind::deploy) out.push_back(kKubeconfig);
  return out;
}

std::string command_line(const toolchain::Argv& argv, std::string_view commit) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=./:@%+,";
  std::string out;
  for (const std::string& word : argv) {
    if (!out.empty()) out += ' ';
    if (word == pipeline::commit_word) {
      out += fmt::format("\"${}\"", commit);
      continue;
    }
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      out += word;
      continue;
    }
    out += '\'';
    for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

std::string in_folder(std::string_view text, const std::string& folder) {
  constexpr std::string_view kService = "{service}";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!text.substr(at).starts_with(kService)) {
      out += text[at++];
      continue;
    }
    at += kService.size();
    if (folder.empty() || folder == ".")
      at += at < text.size() && text[at] == '/' ? 1 : 0;
    else
      out += folder;
  }
  return out;
}

std::vector<std::string> debian_packages(const pipeline::Job& job) {
  std::set<std::string> out(job.packages.begin(), job.packages.end());
  for (const pipeline::Toolchain& toolchain : job.toolchains)
    out.insert(toolchain.language->pipeline.debian.begin(), toolchain.language->pipeline.debian.end());
  return {out.begin(), out.end()};
}

}  // namespace msctl::emit
