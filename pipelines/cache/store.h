// Kept results in a folder of this user's, for all workspaces. Any number of runs read and write it at once:
// an entry appears whole, by a rename, and is never changed after that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/cache/inputs.h"
#include "runtime/base/error.h"
#include "runtime/system/files.h"

namespace msctl::cache {

class Store {
public:
  // `folder`: made when something is written.
  Store(std::string folder, system::Files& files) : folder_(std::move(folder)), files_(files) {}

  // The bytes of an entry, which are not trusted, or nothing. One that is read counts as used now.
  std::optional<std::string> get(const std::string& key) const;
  // Errors: cannotWrite.
  base::Result<void> put(const std::string& key, std::string_view bytes);
  void remove(const std::string& key);

  // The inputs of what passed last at a place ("test of orders in this working tree"), to say what is
  // different.
  std::optional<Inputs> last(const std::string& place) const;
  base::Result<void> set_last(const std::string& place, const Inputs& inputs);

  // Removes what was not used for the longest time until at most `limit` bytes are left.
  void prune(std::uint64_t limit) const;

private:
  std::string path_of(std::string_view kind, const std::string& name) const;
  base::Result<void> write(const std::string& path, std::string_view bytes);

  std::string folder_;
  system::Files& files_;
};

}  // namespace msctl::cache
