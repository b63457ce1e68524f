// A layer as a registry keeps it: the tar archive, compressed, with the digests of both.
//
// Compression is nearly all of the time that an image takes. The archive is cut into blocks, each of which is
// a gzip member of its own (RFC 1952: a file is any number of them), compressed on whichever core is free,
// and written in order. Block borders depend on the archive alone, so that the number of cores does not show
// in the result. A few blocks are under way at a time, so that a layer of any size takes the same memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "pipelines/image/layer/entries.h"

namespace msctl::image {

struct PackOptions {
  std::int64_t time = 0;  // of all entries, seconds since 1970
  int level = 3;          // of libdeflate, 1 to 12
  unsigned threads = 0;   // 0: one a core
  std::function<bool()> interrupted{};
};

struct Packed {
  std::string digest;  // of the compressed bytes
  std::uint64_t size = 0;
  std::string diff_id;  // of the archive
  std::uint64_t unpacked = 0;
};

// To `path`, which is made. Errors: imageFile, cannotWrite, interrupted; then nothing is left at `path`.
base::Result<Packed> pack(const Entries& entries, const PackOptions& options, const std::string& path);

// The digest of the archive alone, to know whether it was packed before.
base::Result<std::string> diff_id_of(const Entries& entries, std::int64_t time);

}  // namespace msctl::image
