// A file system in a map, with the same promises as the real one. `fail_writes_after` lets a test cut it off
// in the middle.
#pragma once

#include <map>
#include <set>

#include "runtime/system/files.h"

namespace msctl::fakes {

class FakeFiles final : public system::Files {
public:
  std::map<std::string, std::string> files;
  int fail_writes_after = -1;  // so many succeed, then each fails; -1: none fails

  bool exists(const std::string& path) const override {
    auto next = files.lower_bound(path);
    return next != files.end() && (next->first == path || next->first.starts_with(path + "/"));
  }
  base::Result<std::string> read(const std::string& path) const override {
    auto found = files.find(path);
    if (found == files.end()) return base::fail(base::Code::unreadableFile, "cannot read " + path);
    return found->second;
  }
  base::Result<std::vector<std::string>> list(const std::string& folder) const override {
    if (!exists(folder)) return base::fail(base::Code::unreadableFile, "cannot read " + folder);
    std::set<std::string> names;
    std::string prefix = folder + "/";
    for (const auto& [path, content] : files)
      if (path.starts_with(prefix))
        names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    return std::vector<std::string>(names.begin(), names.end());
  }
  base::Result<void> replace(const std::string& path, std::string_view content) override {
    if (!may_write()) return base::fail(base::Code::cannotWrite, "cannot write " + path);
    files[path] = content;
    return {};
  }
  base::Result<void> create(const std::string& path, std::string_view content) override {
    if (exists(path)) return base::fail(base::Code::exists, path + " exists already");
    return replace(path, content);
  }
  base::Result<void> create_tree(const std::string& root,
                                 const std::vector<system::TreeFile>& tree) override {
    if (exists(root)) return base::fail(base::Code::exists, root + " exists already");
    for (std::size_t i = 0; i < tree.size(); ++i)
      if (!may_write()) return base::fail(base::Code::cannotWrite, "cannot write " + root);
    for (const system::TreeFile& file : tree) files[root + "/" + file.path] = file.content;
    return {};
  }
  base::Result<void> remove_file(const std::string& path) override {
    files.erase(path);
    return {};
  }

private:
  bool may_write() { return fail_writes_after < 0 || fail_writes_after-- > 0; }
};

}  // namespace msctl::fakes
