#include "runtime/kubernetes/records/packed.h"

#include <libdeflate.h>

#include <memory>

namespace msctl::kubernetes {
namespace {

struct Free {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

// The last four bytes: the size of what was packed, modulo 2^32 (RFC 1952, section 2.3.1).
std::size_t unpacked_size(std::string_view packed) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= static_cast<std::size_t>(static_cast<unsigned char>(packed[packed.size() - 4 + i])) << (8 * i);
  return size;
}

}  // namespace

std::string pack(std::string_view text) {
  constexpr int level = 9;
  const std::unique_ptr<libdeflate_compressor, Free> compressor(libdeflate_alloc_compressor(level));
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(), out.size()));
  return out;
}

std::optional<std::string> unpack(std::string_view packed, std::size_t most) {
  constexpr std::size_t least = 18;  // header and trailer
  if (packed.size() < least || unpacked_size(packed) > most) return std::nullopt;
  const std::unique_ptr<libdeflate_decompressor, Free> decompressor(libdeflate_alloc_decompressor());
  std::string out(unpacked_size(packed), '\0');
  std::size_t size = 0;
  if (libdeflate_gzip_decompress(decompressor.get(), packed.data(), packed.size(), out.data(), out.size(),
                                 &size) != LIBDEFLATE_SUCCESS)
    return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace msctl::kubernetes
