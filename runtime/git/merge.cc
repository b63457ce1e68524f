#include "runtime/git/merge.h"

#include <fmt/format.h>

#include "runtime/git/library.h"

namespace msctl::git {
namespace {

git_merge_file_input input_of(std::string_view text) {
  git_merge_file_input input{};
  git_merge_file_input_init(&input, GIT_MERGE_FILE_INPUT_VERSION);
  input.ptr = text.data() == nullptr ? "" : text.data();
  input.size = text.size();
  return input;
}

int append_line(const git_diff_delta*, const git_diff_hunk*, const git_diff_line* line, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (line->origin == GIT_DIFF_LINE_FILE_HDR) return 0;  // ours is simpler
  if (line->origin == GIT_DIFF_LINE_CONTEXT || line->origin == GIT_DIFF_LINE_ADDITION ||
      line->origin == GIT_DIFF_LINE_DELETION)
    text += line->origin;
  text.append(line->content, line->content_len);
  return 0;
}

}  // namespace

base::Result<Merged> merge(const MergeSides& sides) {
  begin();
  const git_merge_file_input base = input_of(sides.base);
  const git_merge_file_input ours = input_of(sides.ours);
  const git_merge_file_input theirs = input_of(sides.theirs);
  git_merge_file_options options{};
  git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
  options.our_label = sides.our_name.c_str();
  options.their_label = sides.their_name.c_str();
  git_merge_file_result result{};
  if (git_merge_file(&result, &base, &ours, &theirs, &options) != 0)
    return base::fail(base::Code::internal, fmt::format("texts cannot be merged: {}", reason()));
  Merged merged{result.ptr == nullptr ? std::string() : std::string(result.ptr, result.len),
                result.automergeable != 0};
  git_merge_file_result_free(&result);
  return merged;
}

std::string unified_diff(const std::string& path, std::string_view before, bool before_exists,
                         std::string_view after, bool after_exists) {
  begin();
  git_diff_options options{};
  git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
  git_patch* patch = nullptr;
  if (git_patch_from_buffers(&patch, before.data(), before.size(), path.c_str(), after.data(), after.size(),
                             path.c_str(), &options) != 0)
    return {};
  const Owned<git_patch> owned(patch, git_patch_free);
  std::string body;
  git_patch_print(patch, append_line, &body);
  if (body.empty() && before_exists == after_exists) return {};
  return fmt::format("--- {}\n+++ {}\n{}", before_exists ? "a/" + path : "/dev/null",
                     after_exists ? "b/" + path : "/dev/null", body);
}

}  // namespace msctl::git
