// Form: the System V ABI's "Program Loading and Dynamic Linking". Addresses in the dynamic section are those
// of the running program; PT_LOAD says where in the file they are.
#include "pipelines/image/layer/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "runtime/base/fd.h"

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

template <class T>
bool read_at(std::string_view bytes, std::uint64_t at, T& out) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) return false;
  std::memcpy(&out, bytes.data() + at, sizeof(T));
  return true;
}

// A text that ends in a zero.
std::optional<std::string> text_at(std::string_view bytes, std::uint64_t at) {
  if (at >= bytes.size()) return std::nullopt;
  const std::size_t end = bytes.find('\0', at);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(bytes.substr(at, end - at));
}

std::optional<std::uint64_t> in_file(const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
  for (const Elf64_Phdr& segment : segments)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz) {
      const std::uint64_t at = segment.p_offset + (address - segment.p_vaddr);
      if (at >= segment.p_offset) return at;
    }
  return std::nullopt;
}

bool read_dynamic(std::string_view bytes, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& dynamic,
                  Elf& out) {
  std::vector<std::uint64_t> needed, folders;
  std::optional<std::uint64_t> table;
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn each{};
    if (!read_at(bytes, dynamic.p_offset + at, each)) return false;
    if (each.d_tag == DT_NULL) break;
    if (each.d_tag == DT_NEEDED) needed.push_back(each.d_un.d_val);
    if (each.d_tag == DT_RUNPATH || each.d_tag == DT_RPATH) folders.push_back(each.d_un.d_val);
    if (each.d_tag == DT_STRTAB) table = in_file(segments, each.d_un.d_ptr);
  }
  if (needed.empty() && folders.empty()) return true;
  if (!table || *table > bytes.size()) return false;
  const std::string_view texts = bytes.substr(static_cast<std::size_t>(*table));
  for (const std::uint64_t at : needed) {
    auto text = text_at(texts, at);
    if (!text || text->empty()) return false;
    out.needed.push_back(std::move(*text));
  }
  for (const std::uint64_t at : folders) {
    auto text = text_at(texts, at);
    if (!text) return false;
    std::istringstream parts(*text);
    for (std::string folder; std::getline(parts, folder, ':');)
      if (!folder.empty()) out.folders.push_back(folder);
  }
  return true;
}

// A program may be large: what is asked for of it is read, and no more.
std::optional<Elf> elf_at(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts{};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0)
    return std::nullopt;
  const auto size = static_cast<std::size_t>(facts.st_size);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (bytes == MAP_FAILED) return std::nullopt;
  auto out = parse_elf({static_cast<const char*>(bytes), size});
  ::munmap(bytes, size);
  return out;
}

// What ld.so.conf names; then where the loader of Debian, and of others, looks.
std::vector<std::string> system_folders() {
  std::vector<std::string> out;
  std::set<std::string> seen;
  std::function<void(const std::string&)> read = [&](const std::string& file) {
    if (!seen.insert(file).second) return;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      line = line.substr(0, line.find('#'));
      while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.pop_back();
      if (line.starts_with("include ")) {
        std::error_code error;
        const fs::path pattern = line.substr(8);
        std::set<std::string> files;
        for (const auto& each : fs::directory_iterator("/etc" / pattern.parent_path(), error))
          if (each.path().extension() == ".conf") files.insert(each.path().string());
        for (const std::string& each : files) read(each);
      } else if (line.starts_with('/')) {
        out.push_back(line);
      }
    }
  };
  read("/etc/ld.so.conf");
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
                             "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"})
    out.emplace_back(folder);
  return out;
}

}  // namespace

std::optional<Elf> parse_elf(std::string_view bytes) {
  Elf64_Ehdr head{};
  if (!read_at(bytes, 0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  if (head.e_phentsize != sizeof(Elf64_Phdr)) return std::nullopt;
  Elf out;
  out.machine = head.e_machine;
  std::vector<Elf64_Phdr> segments(head.e_phnum);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::uint64_t at = head.e_phoff + i * sizeof(Elf64_Phdr);
    if (at < head.e_phoff || !read_at(bytes, at, segments[i])) return std::nullopt;
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_INTERP) {
      auto text = text_at(bytes, segment.p_offset);
      if (!text) return std::nullopt;
      out.interpreter = std::move(*text);
    }
    if (segment.p_type == PT_DYNAMIC && !read_dynamic(bytes, segments, segment, out)) return std::nullopt;
  }
  return out;
}

bool is_of_libc(std::string_view name) {
  static const std::set<std::string_view> all{"libc",    "libm",      "libdl",  "libpthread", "librt",
                                              "libutil", "libresolv", "libanl", "libnsl"};
  return all.contains(name.substr(0, name.find(".so"))) || name.starts_with("ld-linux");
}

base::Result<Libraries> libraries_of(const std::string& program) {
  const auto bad = [&](std::string_view why) {
    return base::fail(base::Code::imageFile,
                      fmt::format("{} cannot be taken into an image: {}", program, why));
  };
  auto first = elf_at(program);
  if (!first) return bad("it is no program of this system");
  Libraries out;
  out.interpreter = first->interpreter;
  const std::vector<std::string> everywhere = system_folders();
  std::map<std::string, std::string> found;
  std::vector<std::pair<std::string, Elf>> waiting{{program, *first}};
  while (!waiting.empty()) {
    const auto [path, elf] = std::move(waiting.back());
    waiting.pop_back();
    std::vector<std::string> folders = elf.folders;
    for (std::string& folder : folders)
      for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"})
        if (const std::size_t at = folder.find(origin); at != std::string::npos)
          folder.replace(at, origin.size(), fs::path(path).parent_path().string());
    folders.insert(folders.end(), everywhere.begin(), everywhere.end());
    for (const std::string& name : elf.needed) {
      if (found.contains(name)) continue;
      std::optional<Elf> library;
      std::error_code error;
      for (const std::string& folder : folders) {
        const fs::path real = fs::canonical(fs::path(folder) / name, error);
        if (error) continue;
        library = elf_at(real.string());
        if (library && library->machine == first->machine) {
          found[name] = real.string();
          break;
        }
        library.reset();
      }
      if (!library) return bad(fmt::format("{} loads {}, which is nowhere", path, name));
      waiting.emplace_back(found[name], std::move(*library));
    }
  }
  for (const auto& [name, path] : found) out.all.push_back({name, path});
  return out;
}

}  // namespace msctl::image
