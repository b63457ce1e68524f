// A tar archive (POSIX.1-2001 "pax" where "ustar" does not reach), written as a stream. Owner 0:0, one time
// for everything: the same entries are the same bytes, whoever writes them, where and when.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "pipelines/image/layer/entries.h"

namespace msctl::image {

// False: it is given up.
using Sink = std::function<bool(std::string_view)>;

// Errors: imageFile (a file cannot be read, or is no longer as long as it was), cannotWrite where `sink` has
// given up.
base::Result<void> write_tar(const Entries& entries, std::int64_t time, const Sink& sink);

}  // namespace msctl::image
