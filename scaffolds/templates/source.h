// Where a template's files come from, as one interface over folders and repositories. A source tells what is
// there and judges nothing: inspect.h does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/templates/address.h"

namespace msctl::scaffolds::templates {

enum class EntryKind { file, link, submodule, other };

struct Entry {
  std::string path;  // may be anything
  EntryKind kind = EntryKind::file;
  bool executable = false;
  std::uint64_t size = 0;  // of a file, without reading it
  std::string id;          // for the source that gave it
};

class Source {
public:
  virtual ~Source() = default;
  virtual bool has_file(const std::string& name) const = 0;
  // The folders directly below which there is a file of this name, by name.
  virtual std::vector<std::string> folders_with(const std::string& name) const = 0;
  // By path; at most `most`.
  virtual base::Result<std::vector<Entry>> list(std::size_t most) const = 0;
  virtual base::Result<std::string> read(const Entry& entry) const = 0;
  // The commit's id; empty for a folder.
  virtual std::string commit() const { return {}; }
};

// `base_folder`: against which a folder's relative path counts.
base::Result<std::unique_ptr<Source>> open_source(const Address& address, const std::string& base_folder,
                                                  const std::function<bool()>& interrupted);

base::Result<std::unique_ptr<Source>> open_folder(const Address& address, const std::string& base_folder);
base::Result<std::unique_ptr<Source>> open_repository(const Address& address,
                                                      const std::function<bool()>& interrupted);

}  // namespace msctl::scaffolds::templates
