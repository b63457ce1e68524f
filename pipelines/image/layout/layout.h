// Images on the disk: an OCI image layout ("oci-layout", index.json, blobs by digest), as podman, skopeo and
// crane read it. Several processes may use one at once: a blob appears whole, by a rename, and index.json is
// changed under a lock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/image/oci/types.h"
#include "runtime/system/files.h"

namespace msctl::image {

class Layout {
public:
  // `folder`: made when something is written.
  explicit Layout(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }
  std::string blob_path(const std::string& digest) const;
  // Whether it is there, of this size.
  bool has(const Descriptor& blob) const;

  // A path for a file that becomes a blob, on the same file system. Errors: cannotWrite.
  base::Result<std::string> temporary() const;
  // Moves a file there. Errors: cannotWrite.
  base::Result<void> adopt(const std::string& file, const std::string& digest) const;
  base::Result<Descriptor> add(std::string_view media_type, std::string_view bytes) const;
  // Errors: imageMissing (not there), digestMismatch (it is another).
  base::Result<std::string> read(const std::string& digest) const;

  // What index.json calls by this name.
  base::Result<std::optional<Descriptor>> find(const std::string& name) const;
  // The only manifest of a layout that names none.
  base::Result<std::optional<Descriptor>> only() const;
  // The few images that had the name before are then NAME.1, NAME.2, …
  base::Result<void> set(const std::string& name, const Descriptor& manifest) const;

  // Removes blobs to which no name leads, and what was left half written, unless another process is at work
  // here (see Use). How many bytes that freed.
  base::Result<std::uint64_t> sweep() const;

  // Whether everything that a manifest or an index leads to is there.
  bool is_whole(const Descriptor& manifest) const;

private:
  base::Result<Index> index() const;
  base::Result<void> begin() const;

  std::string folder_;
  mutable system::RealFiles files_;
};

// While one of these lives nothing is swept away.
class LayoutUse {
public:
  explicit LayoutUse(const Layout& layout);
  LayoutUse(const LayoutUse&) = delete;
  LayoutUse& operator=(const LayoutUse&) = delete;
  ~LayoutUse();

private:
  int fd_ = -1;
};

}  // namespace msctl::image
