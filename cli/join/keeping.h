// What steps have made is kept under what they depend on, here and where results are shared, and is taken
// again as long as nothing of that changes: the same for tests, linters and images.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/depends.h"
#include "cli/join/steps.h"
#include "pipelines/cache/entry.h"
#include "pipelines/cache/inputs.h"
#include "pipelines/cache/remote.h"
#include "pipelines/cache/store.h"
#include "pipelines/cache/tools.h"
#include "runtime/http/client.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

namespace msctl::cli::join {

struct KeepOptions {
  bool use = true;  // else everything is made, and kept anew
  bool explain = false;
  bool verbose = false;
  std::string progress{};
};

KeepOptions keep_options(const Arguments& arguments);
// These, --no-cache, --explain, --verbose, --progress. `make` and `made`: "build", "built".
std::vector<Flag> with_keep_flags(std::vector<Flag> flags, std::string_view make, std::string_view made);

// How it is spoken of.
struct KeepWords {
  std::string_view made;    // "run", "built": what is not taken
  std::string_view since;   // "since it passed"
  std::string_view never;   // "it has not passed here yet"
  std::string_view result;  // "result"
};

// Something that is made of one service, and kept.
struct Keepable {
  const workspace::Service* service = nullptr;
  std::string variant{};  // which of several of its kind: "linux/arm64"
  cache::Task depends{};
  std::optional<cache::Inputs> inputs{};  // nothing: it cannot be kept
  std::string key{};                      // of the inputs; empty without
  Provenance provenance{};
  bool made = false;  // just now, and well: it is to be kept
};

class Keeping {
public:
  // Begins to look at the working tree. `folder`: where it is kept, at most `limit` bytes; empty: nowhere.
  // The workspace stays the caller's.
  Keeping(Context& context, const workspace::Workspace& workspace, KeepOptions options, KeepWords words,
          std::string folder, std::uint64_t limit);
  ~Keeping();
  Keeping(const Keeping&) = delete;
  Keeping& operator=(const Keeping&) = delete;

  const KeepOptions& options() const { return options_; }
  // Asks tools for their versions, and remembers what they said.
  system::Processes& versions() { return tools_; }
  // All but the service's files. `kind`: "test", "lint", "image".
  Dependence depends(const workspace::Service& service, std::string_view kind,
                     const std::vector<toolchain::Argv>& steps);
  // Where results are shared; null: nowhere.
  cache::Remote* remote() { return remote_.get(); }

  // Gives each its inputs and key, hands an entry that is kept under it to `take`, and says of each why it is
  // made, or not. An entry that `take` refuses is not used, with the error's message as a reason. Several are
  // looked up at once.
  using Take = std::function<base::Result<void>(std::size_t, cache::Entry)>;
  void look_up(const std::vector<Keepable*>& all, const Take& take);

  // Keeps those that were made, each as the entry that `entry` gives. One that cannot be kept, for an input
  // was written meanwhile, loses its key. `share`: shares what the entry only names; false: then the entry
  // is of no use to others.
  void keep(const std::vector<Keepable*>& all, const std::function<cache::Entry(std::size_t)>& entry,
            const std::function<bool(std::size_t)>& share = {});

private:
  void share(const std::string& url);
  void look_up(Keepable& of, const base::Result<cache::Tree>& tree,
               const std::function<base::Result<void>(cache::Entry)>& take);
  bool find(Keepable& of, const std::function<base::Result<void>(cache::Entry)>& take);
  void keep(Keepable& of, const cache::Entry& entry, const std::function<bool()>& share);
  bool is_untouched(Keepable& of, const cache::Tree& after) const;
  std::string place(const Keepable& of) const;

  Context& context_;
  const workspace::Workspace& workspace_;
  KeepOptions options_;
  KeepWords words_;
  std::string folder_;
  std::uint64_t limit_;
  system::RealFiles files_;
  system::RealProcesses processes_;
  cache::Store store_;
  std::string tools_folder_;
  cache::Tools tools_;
  std::optional<Depends> depends_;
  std::string signing_key_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<cache::Remote> remote_;
  std::future<base::Result<cache::Tree>> looking_;
  bool told_ = false;  // that nothing can be written
};

}  // namespace msctl::cli::join
