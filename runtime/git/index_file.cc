#include "runtime/git/index_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace msctl::git {
namespace {

constexpr std::size_t kChecksum = 20;
constexpr std::size_t kDeepestTree = 1000;

std::unexpected<base::Error> broken(std::string_view what) {
  return base::fail(base::Code::badRepository, fmt::format("the repository's index cannot be read: {}", what),
                    "git status");
}

std::unexpected<base::Error> split() {
  return base::fail(base::Code::badRepository, "the repository has a split index, which is not read",
                    "git update-index --no-split-index");
}

// Bytes, big-endian, never read past their end: `ok` says whether there were enough.
class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t number32() {
    std::string_view four = take(4);
    std::uint32_t out = 0;
    for (char byte : four) out = (out << 8) | static_cast<unsigned char>(byte);
    return out;
  }
  std::uint16_t number16() {
    std::string_view two = take(2);
    return two.empty() ? 0
                       : static_cast<std::uint16_t>((static_cast<unsigned char>(two[0]) << 8) |
                                                    static_cast<unsigned char>(two[1]));
  }
  ObjectId id() {
    ObjectId out{};
    std::string_view bytes = take(out.size());
    std::ranges::copy(bytes, out.begin());
    return out;
  }
  std::string_view take(std::size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    if (!ok_) return {};
    std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  // Up to the byte, which is taken, too.
  std::string_view until(char end) {
    const std::size_t size = bytes_.find(end);
    ok_ = ok_ && size != std::string_view::npos;
    if (!ok_) return {};
    std::string_view out = take(size);
    take(1);
    return out;
  }
  // The variable width of offsets in packs: seven bits a byte, one added for each further byte.
  std::size_t varint() {
    std::size_t out = 0;
    for (int i = 0; i < 8; ++i) {
      std::string_view one = take(1);
      if (one.empty()) return 0;
      const auto byte = static_cast<unsigned char>(one[0]);
      out = i == 0 ? byte & 0x7fu : ((out + 1) << 7) | (byte & 0x7fu);
      if ((byte & 0x80u) == 0) return out;
    }
    ok_ = false;
    return 0;
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size(); }

private:
  std::string_view bytes_;
  bool ok_ = true;
};

FileTime time_of(Reader& reader) {
  const std::uint32_t seconds = reader.number32();
  return {seconds, reader.number32()};
}

// `previous`: the path before it, of which version 4 repeats a part.
IndexEntry entry_of(Reader& reader, std::uint32_t version, std::string_view previous,
                    std::deque<std::string>& unpacked) {
  const std::size_t begin = reader.left();
  IndexEntry out;
  out.changed = time_of(reader);
  out.modified = time_of(reader);
  reader.number32();  // the device, which changes with each mount
  out.inode = reader.number32();
  out.mode = reader.number32();
  out.uid = reader.number32();
  out.gid = reader.number32();
  out.size = reader.number32();
  out.id = reader.id();
  const std::uint16_t flags = reader.number16();
  out.trusted = (flags & 0x8000u) != 0;
  out.conflict = (flags & 0x3000u) != 0;
  if ((flags & 0x4000u) != 0) {
    const std::uint16_t extended = reader.number16();
    out.trusted = out.trusted || (extended & 0x4000u) != 0;
    out.only_intended = (extended & 0x2000u) != 0;
  }
  if (version == 4) {
    const std::size_t dropped = std::min(reader.varint(), previous.size());
    std::string path(previous.substr(0, previous.size() - dropped));
    path += reader.until('\0');
    out.path = unpacked.emplace_back(std::move(path));
    return out;
  }
  out.path = reader.until('\0');
  // Each entry is filled up with NUL bytes to a multiple of eight.
  const std::size_t used = begin - reader.left();
  reader.take((8 - used % 8) % 8);
  return out;
}

std::optional<int> decimal(std::string_view text) {
  int out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "NAME\0ENTRIES SUBTREES\n", the id where ENTRIES is not negative, then the subtrees.
bool read_tree(Reader& reader, CachedTree& out, std::size_t depth) {
  out.name = std::string(reader.until('\0'));
  const auto entries = decimal(reader.until(' '));
  const auto children = decimal(reader.until('\n'));
  if (!reader.ok() || !entries || !children || *children < 0 || depth > kDeepestTree) return false;
  if (*entries >= 0) out.id = reader.id();
  for (int i = 0; i < *children; ++i)
    if (!reader.ok() || !read_tree(reader, out.children.emplace_back(), depth + 1)) return false;
  return reader.ok();
}

base::Result<void> read_extension(std::string_view name, std::string_view content, Index& out) {
  if (name == "TREE") {
    Reader reader(content);
    if (!read_tree(reader, out.root, 0)) out.root = {};  // only a cache: without it, more is read
    return {};
  }
  if (name == "link") return split();
  if (name == "sdir")
    return base::fail(base::Code::badRepository, "the repository has a sparse index, which is not read",
                      "git sparse-checkout reapply --no-sparse-index");
  // One that begins with a capital letter may be passed over.
  if (name[0] < 'A' || name[0] > 'Z') return broken(fmt::format("it has an extension '{}'", name));
  return {};
}

}  // namespace

base::Result<Index> parse_index(std::string whole) {
  Index out;
  out.bytes = std::make_unique<const std::string>(std::move(whole));
  const std::string_view bytes = *out.bytes;
  if (bytes.size() < 12 + kChecksum) return broken("it is too short");
  Reader reader(bytes.substr(0, bytes.size() - kChecksum));
  if (reader.take(4) != "DIRC") return broken("it does not begin as one");
  const std::uint32_t version = reader.number32();
  if (version < 2 || version > 4) return broken(fmt::format("its version is {}", version));
  const std::uint32_t count = reader.number32();

  constexpr std::size_t kShortestEntry = 63;
  out.entries.reserve(std::min<std::size_t>(count, bytes.size() / kShortestEntry));
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view previous = i == 0 ? std::string_view() : out.entries.back().path;
    IndexEntry entry = entry_of(reader, version, previous, out.unpacked);
    if (!reader.ok()) return broken("it ends within an entry");
    if (entry.path.empty()) return split();  // it stands for one of the shared index
    if (entry.path.front() == '/' || (i > 0 && entry.path < previous))
      return broken("its paths are not in order");
    out.entries.push_back(std::move(entry));
  }
  while (reader.left() >= 8) {
    std::string_view name = reader.take(4);
    const std::uint32_t size = reader.number32();
    std::string_view content = reader.take(size);
    if (!reader.ok()) return broken("it ends within an extension");
    if (auto read = read_extension(name, content, out); !read) return std::unexpected(read.error());
  }
  return out;
}

}  // namespace msctl::git
