#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pipelines/image/layer/elf.h"
#include "pipelines/image/layer/pack.h"
#include "pipelines/image/layer/tar.h"
#include "runtime/base/file.h"
#include "runtime/digest/digest.h"
#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path root;
  Scratch() {
    std::string path = (fs::temp_directory_path() / "layer-XXXXXX").string();
    root = ::mkdtemp(path.data());
  }
  ~Scratch() { fs::remove_all(root); }
  std::string put(const std::string& name, const std::string& content, int mode = 0644) const {
    const fs::path path = root / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), static_cast<mode_t>(mode));
    return path.string();
  }
  // What a command prints, with its status.
  std::string run(const std::string& command) const {
    FILE* pipe = ::popen(("cd " + root.string() + " && " + command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string out(1 << 16, '\0');
    out.resize(std::fread(out.data(), 1, out.size(), pipe));
    REQUIRE(::pclose(pipe) == 0);
    return out;
  }
};

std::string tar_of(const image::Entries& entries) {
  std::string out;
  REQUIRE(image::write_tar(entries, 0, [&](std::string_view bytes) {
    out += bytes;
    return true;
  }));
  return out;
}

}  // namespace

TEST_CASE_METHOD(Scratch, "tar(1) finds what was put in, without owners and times of this machine") {
  const std::string long_name = "app/" + std::string(120, 'd') + "/" + std::string(120, 'f');
  put("from/sub/tool", "run", 0750);
  put("from/data", std::string(1000, 'x'), 0600);
  fs::create_symlink("data", root / "from/link");
  image::Entries entries;
  REQUIRE(entries.add((root / "from").string(), "app", {}));
  entries.add_file(long_name, "deep");
  entries.add_file("app/größe", "1");
  put("out.tar", tar_of(entries));
  const std::string listed = run("LC_ALL=C.UTF-8 tar --numeric-owner --utc -tvf out.tar");
  CHECK(listed.find("drwxr-xr-x 0/0               0 1970-01-01 00:00 app/\n") != std::string::npos);
  CHECK(listed.find("-rwxr-xr-x 0/0               3 1970-01-01 00:00 app/sub/tool\n") != std::string::npos);
  CHECK(listed.find("-rw-r--r-- 0/0            1000 1970-01-01 00:00 app/data\n") != std::string::npos);
  CHECK(listed.find("app/link -> data\n") != std::string::npos);
  CHECK(listed.find(long_name + "\n") != std::string::npos);
  CHECK(run("tar -xOf out.tar app/größe " + long_name).find("deep") != std::string::npos);
}

TEST_CASE_METHOD(Scratch, "the same entries are the same bytes, in whichever order they come") {
  put("a/one", "1");
  put("a/two", "2");
  image::Entries first, second;
  REQUIRE(first.add((root / "a").string(), "app", {}));
  second.add_file("app/two", "2");
  second.add_file("app/one", "1");
  CHECK(tar_of(first) == tar_of(second));
}

TEST_CASE_METHOD(Scratch, "globs leave out") {
  for (const char* name : {"bin/x", "a.dist-info/RECORD", "a.dist-info/METADATA", "p/__pycache__/x.pyc",
                           "__pycache__/y.pyc", "p/q.py"})
    put(std::string("site/") + name, "x");
  image::Entries entries;
  REQUIRE(entries.add((root / "site").string(), "s", {"bin/**", "*.dist-info/RECORD", "**/__pycache__/**"}));
  std::vector<std::string> names;
  for (const auto& [path, entry] : entries.all()) names.push_back(path);
  CHECK(names == std::vector<std::string>{"s", "s/a.dist-info", "s/a.dist-info/METADATA", "s/p", "s/p/q.py"});
}

TEST_CASE_METHOD(Scratch, "links that lead out of their folder are followed, or refused") {
  put("outside", "content");
  fs::create_directory(root / "in");
  fs::create_symlink("../outside", root / "in/file");
  image::Entries entries;
  REQUIRE(entries.add((root / "in").string(), "x", {}));
  CHECK(entries.all().at("x/file").kind == image::Entry::Kind::file);
  fs::create_symlink("/usr", root / "in/folder");
  auto refused = entries.add((root / "in").string(), "x", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == base::Code::imageFile);
  fs::remove(root / "in/folder");
  fs::create_symlink("nowhere/../../gone", root / "in/broken");
  CHECK_FALSE(entries.add((root / "in").string(), "x", {}));
}

TEST_CASE_METHOD(Scratch, "a packed layer is what gzip(1) makes the archive of, and its digests are true") {
  std::string content;
  for (std::int64_t i = 0; content.size() < 5'000'000; ++i) content += std::to_string(i * 7919) + "\n";
  image::Entries entries;
  entries.add_file("big", content);
  entries.add_file("small", "x");
  const std::string archive = tar_of(entries);
  const auto packed = image::pack(entries, {.threads = 3}, (root / "l.gz").string());
  REQUIRE(packed);
  put("l.tar", archive);
  run("gzip -t l.gz && gzip -dc l.gz | cmp - l.tar");
  CHECK(packed->diff_id == "sha256:" + digest::sha256(archive));
  CHECK(packed->unpacked == archive.size());
  CHECK(packed->size == fs::file_size(root / "l.gz"));
  CHECK(packed->digest == "sha256:" + digest::sha256(*base::read_file((root / "l.gz").string())));
  CHECK(packed->size < archive.size() / 2);
  CHECK(*image::diff_id_of(entries, 0) == packed->diff_id);
  // On another number of cores it is the same.
  const auto alone = image::pack(entries, {.threads = 1}, (root / "m.gz").string());
  REQUIRE(alone);
  CHECK(alone->digest == packed->digest);
}

TEST_CASE_METHOD(Scratch, "what is changed while it is read is an error, and leaves nothing") {
  const std::string file = put("f", "1234567890");
  image::Entries entries;
  REQUIRE(entries.add(file, "f", {}));
  put("f", "12345");
  auto packed = image::pack(entries, {}, (root / "l.gz").string());
  REQUIRE_FALSE(packed);
  CHECK(packed.error().code == base::Code::imageFile);
  CHECK_FALSE(fs::exists(root / "l.gz"));
}

TEST_CASE_METHOD(Scratch, "an interrupted layer, and one for a full disk, are errors that leave nothing") {
  image::Entries entries;
  entries.add_file("f", std::string(3'000'000, 'x'));
  auto interrupted = image::pack(entries, {.interrupted = [] { return true; }}, (root / "l.gz").string());
  REQUIRE_FALSE(interrupted);
  CHECK(interrupted.error().code == base::Code::interrupted);
  CHECK_FALSE(fs::exists(root / "l.gz"));
  fs::create_symlink("/dev/full", root / "full");
  auto full = image::pack(entries, {}, (root / "full").string());
  REQUIRE_FALSE(full);
  CHECK(full.error().code == base::Code::cannotWrite);
}

TEST_CASE("the libraries of a program are those that ldd(1) finds") {
  auto libraries = image::libraries_of("/usr/bin/curl");
  REQUIRE(libraries);
  CHECK(libraries->interpreter.find("ld-linux") != std::string::npos);
  FILE* pipe = ::popen("ldd /usr/bin/curl", "r");
  REQUIRE(pipe != nullptr);
  std::string listed(1 << 16, '\0');
  listed.resize(std::fread(listed.data(), 1, listed.size(), pipe));
  REQUIRE(::pclose(pipe) == 0);
  std::size_t lines = 0;
  for (std::size_t at = listed.find(" => "); at != std::string::npos; at = listed.find(" => ", at + 1))
    ++lines;
  std::size_t found = 0;
  for (const image::Library& each : libraries->all) {
    CAPTURE(each.name);
    if (each.name.starts_with("ld-linux")) continue;
    CHECK(listed.find(each.name + " => ") != std::string::npos);
    ++found;
  }
  CHECK(found == lines);
}

TEST_CASE("what is no program is told from one") {
  CHECK_FALSE(image::libraries_of("/etc/passwd"));
  CHECK_FALSE(image::libraries_of("/nowhere"));
  auto bytes = base::read_file("/usr/bin/curl");
  REQUIRE(bytes);
  for (std::size_t size : {0u, 10u, 63u, 64u, 100u, 500u}) (void)image::parse_elf(bytes->substr(0, size));
}
