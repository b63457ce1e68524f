#include "scaffolds/dockerfile/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace msctl::scaffolds::dockerfile {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  while (!line.empty()) {
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) out.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return out;
}

template <class Take>
void each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Sources of a COPY from the context, under the service's folder.
std::string prefixed_copy(std::string_view line, std::string_view folder) {
  std::vector<std::string> words = words_of(line);
  std::string out = "COPY";
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool is_source = !words[i].starts_with("--") && i + 1 < words.size();
    if (!is_source)
      out += " " + words[i];
    else
      out +=
          fmt::format(" {}", words[i] == "." ? std::string(folder) : fmt::format("{}/{}", folder, words[i]));
  }
  return out;
}

// A path within another stage: "/src/bin/service", where /src was the service's folder.
std::string moved(std::string_view line, std::string_view work_folder, std::string_view folder) {
  std::string out(line);
  const std::string old = fmt::format("{}/", work_folder);
  if (const std::size_t at = out.find(old); at != std::string::npos)
    out.insert(at + old.size(), fmt::format("{}/", folder));
  return out;
}

}  // namespace

Bases bases_of(std::string_view dockerfile) {
  Bases out;
  each_line(dockerfile, [&](std::string_view line) {
    if (!line.starts_with("FROM ")) return;
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 2) return;
    if (out.build.empty()) out.build = words[1];
    out.last = words[1];
  });
  return out;
}

std::string exec_form(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& word : argv)
    out += (out.empty() ? "" : ", ") +
           nlohmann::json(word).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return "[" + out + "]";
}

std::string from_root(std::string_view dockerfile, std::string_view folder,
                      const std::vector<std::string>& uses) {
  std::string out =
      fmt::format("# Built from the workspace's root: docker build --file {}/Dockerfile .\n", folder);
  bool is_first = true;
  each_line(dockerfile, [&](std::string_view line) {
    if (line.starts_with("WORKDIR ")) {
      const std::string_view work_folder = line.substr(8);
      out += fmt::format("WORKDIR {}/{}\n", work_folder, folder);
      // The lists of dependencies may name them.
      if (std::exchange(is_first, false))
        for (const std::string& used : uses) out += fmt::format("COPY {0} {1}/{0}/\n", used, work_folder);
    } else if (line.starts_with("COPY --from=")) {
      out += moved(line, line.find("/src/") != std::string_view::npos ? "/src" : "/app", folder) + "\n";
    } else if (line == "COPY . .") {
      out += fmt::format("COPY {} ./\n", folder);
    } else if (line.starts_with("COPY ")) {
      out += prefixed_copy(line, folder) + "\n";
    } else if (line.starts_with("CMD [\"/app/")) {
      out += moved(line, "/app", folder) + "\n";
    } else {
      out.append(line) += '\n';
    }
  });
  return out;
}

}  // namespace msctl::scaffolds::dockerfile
