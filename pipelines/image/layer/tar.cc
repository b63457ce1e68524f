#include "pipelines/image/layer/tar.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/base/fd.h"

namespace msctl::image {
namespace {

constexpr std::size_t block = 512, piece = std::size_t{256} << 10;
constexpr std::uint64_t most_in_octal = (std::uint64_t{1} << 33) - 1;  // 11 digits

using Block = std::array<char, block>;

void put(Block& head, std::size_t at, std::string_view text) {
  text.copy(head.data() + at, text.size());
}

void put_octal(Block& head, std::size_t at, std::size_t digits, std::uint64_t value) {
  put(head, at, fmt::format("{:0{}o}", value, digits));
}

// At which '/' a long path is parted into ustar's two fields; nothing where it does not go.
bool part(std::string_view path, std::string_view& prefix, std::string_view& name) {
  prefix = {};
  name = path;
  if (path.size() <= 100) return true;
  if (path.size() > 256) return false;
  const std::size_t slash = path.find('/', path.size() - 101);
  if (slash == std::string_view::npos || slash > 155 || slash + 1 == path.size()) return false;
  prefix = path.substr(0, slash);
  name = path.substr(slash + 1);
  return true;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0; });
}

Block head_of(std::string_view path, char type, std::uint64_t mode, std::uint64_t size, std::int64_t time,
              std::string_view link) {
  Block head{};
  std::string_view prefix, name;
  if (!part(path, prefix, name)) name = path.substr(0, 100);
  put(head, 0, name);
  put_octal(head, 100, 7, mode);
  put_octal(head, 108, 7, 0);
  put_octal(head, 116, 7, 0);
  put_octal(head, 124, 11, std::min(size, most_in_octal));
  put_octal(head, 136, 11, static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0)));
  put(head, 148, "        ");
  head[156] = type;
  put(head, 157, link.substr(0, 100));
  put(head, 257, std::string_view("ustar\00000", 8));
  put_octal(head, 329, 7, 0);
  put_octal(head, 337, 7, 0);
  put(head, 345, prefix);
  std::uint64_t sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put_octal(head, 148, 6, sum);
  head[154] = '\0';
  return head;
}

// "LENGTH name=value\n", where the length counts itself.
std::string record(std::string_view name, std::string_view value) {
  const std::size_t rest = name.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
  return fmt::format("{} {}={}\n", length, name, value);
}

class Writer {
public:
  Writer(std::int64_t time, const Sink& sink) : time_(time), sink_(sink) {}

  base::Result<void> add(const std::string& path, const Entry& entry) {
    const bool folder = entry.kind == Entry::Kind::folder, link = entry.kind == Entry::Kind::link;
    const std::string name = folder ? path + "/" : path;
    std::string more;
    std::string_view prefix, rest;
    if (!part(name, prefix, rest) || !is_ascii(name)) more += record("path", name);
    if (entry.target.size() > 100 || !is_ascii(entry.target)) more += record("linkpath", entry.target);
    if (entry.size > most_in_octal) more += record("size", std::to_string(entry.size));
    if (!more.empty()) {
      const Block head = head_of("PaxHeaders/" + name.substr(0, 80), 'x', 0644, more.size(), time_, {});
      if (!send({head.data(), block}) || !send(more) || !pad(more.size())) return gave_up();
    }
    const char type = folder ? '5' : link ? '2' : '0';
    const std::uint64_t mode = link ? 0777 : folder || entry.executable ? 0755 : 0644;
    const Block head = head_of(name, type, mode, entry.size, time_, entry.target);
    if (!send({head.data(), block})) return gave_up();
    if (entry.kind != Entry::Kind::file) return {};
    if (!entry.source.empty()) {
      if (auto copied = copy(entry); !copied) return copied;
    } else if (!send(entry.content)) {
      return gave_up();
    }
    if (!pad(entry.size)) return gave_up();
    return {};
  }

  base::Result<void> end() {
    const std::string zeros(2 * block, '\0');
    if (!send(zeros)) return gave_up();
    return {};
  }

private:
  static std::unexpected<base::Error> gave_up() {
    return base::fail(base::Code::cannotWrite, "a layer could not be written");
  }

  bool send(std::string_view bytes) { return sink_(bytes); }

  bool pad(std::uint64_t size) {
    const std::string zeros((block - size % block) % block, '\0');
    return zeros.empty() || send(zeros);
  }

  base::Result<void> copy(const Entry& entry) {
    const auto bad = [&](std::string_view why) {
      return base::fail(base::Code::imageFile, fmt::format("{} cannot be read: {}", entry.source, why));
    };
    base::Fd fd(::open(entry.source.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return bad(std::strerror(errno));
    if (buffer_.empty()) buffer_.resize(piece);
    std::uint64_t left = entry.size;
    for (;;) {
      const ssize_t n = ::read(fd.get(), buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return bad(std::strerror(errno));
      const std::uint64_t got = static_cast<std::uint64_t>(n);
      if (got > left || (n == 0 && left > 0)) return bad("it was changed while it was read");
      if (n == 0) return {};
      if (!send(std::string_view(buffer_).substr(0, static_cast<std::size_t>(n)))) return gave_up();
      left -= got;
    }
  }

  std::int64_t time_;
  const Sink& sink_;
  std::string buffer_;
};

}  // namespace

base::Result<void> write_tar(const Entries& entries, std::int64_t time, const Sink& sink) {
  Writer writer(time, sink);
  for (const auto& [path, entry] : entries.all())
    if (auto added = writer.add(path, entry); !added) return added;
  return writer.end();
}

}  // namespace msctl::image
