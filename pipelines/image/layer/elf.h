// The shared libraries that a program loads, read from the program: nothing is run, as ldd(1) would.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::image {

struct Elf {
  std::string interpreter;           // "/lib64/ld-linux-x86-64.so.2"; empty: none, as for static programs
  std::vector<std::string> needed;   // "libc.so.6"
  std::vector<std::string> folders;  // RUNPATH, RPATH; may hold $ORIGIN
  unsigned machine = 0;              // EM_X86_64 is 62
};

// A 64-bit little-endian ELF file. Nothing where it is none, or broken.
std::optional<Elf> parse_elf(std::string_view bytes);

struct Library {
  std::string name;  // as it is asked for
  std::string path;  // on this machine, links followed
};

struct Libraries {
  std::string interpreter;   // where the program looks for it; empty: a static program
  std::vector<Library> all;  // by name, those of libraries, too
};

// Errors: imageFile (no program, or a library that is nowhere).
base::Result<Libraries> libraries_of(const std::string& program);

// Whether it is part of the C library, which comes from the base image where there is one.
bool is_of_libc(std::string_view name);

}  // namespace msctl::image
