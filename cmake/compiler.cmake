# How every file of ours is compiled.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
set(MSCTL_FMT fmt::fmt)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # All libraries but libc and libm are linked statically: the dynamic linker took two thirds of the time to start.
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(MSCTL_FMT fmt::fmt-header-only)
  add_compile_options(-ffunction-sections -fdata-sections)
  # Relative relocations packed: 22,000 of them (OpenSSL's tables) are half a megabyte to read at each start otherwise.
  add_link_options(-Wl,--gc-sections -Wl,-z,pack-relative-relocs -static-libstdc++ -static-libgcc)
endif()
if(MSCTL_SANITIZE)
  # Not optimised: under these sanitizers -O1 makes the compiler five times slower, and the suites no faster to wait for.
  add_compile_options(-fsanitize=${MSCTL_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${MSCTL_SANITIZE})
  if(MSCTL_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(MSCTL_FUZZ)
  # Coverage for the fuzzer in every library; only the targets link its main.
  add_compile_options(-fsanitize=fuzzer-no-link -Wno-deprecated-declarations)  # libstdc++ 12 uses what clang 19 calls old
endif()
# Every build but the release one reads what most files include once (cmake/precompiled). The release one shows what a file lacks,
# and inlines what it likes.
set(MSCTL_PRECOMPILED ON)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(MSCTL_PRECOMPILED OFF)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Else ccache finds no result again: https://ccache.dev/manual/4.8.html#_precompiled_headers
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
