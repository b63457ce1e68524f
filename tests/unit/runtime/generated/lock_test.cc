#include "runtime/generated/lock.h"

#include "tests/catch.h"

using namespace msctl;
using generated::Lock;

namespace {

const std::string head = "msctl-lock 1\n";

int bad_line(const std::string& text) {
  auto read = generated::parse_lock(text);
  if (read) return 0;
  CHECK(read.error().code == base::Code::badLock);
  return read.error().at.line;
}

}  // namespace

TEST_CASE("a lock is read as it was written") {
  Lock lock;
  lock["compose.yaml"] = {"compose", "name: shop\n\n  indented\n# a comment\n", false};
  lock["services/a b/Dockerfile"] = {"dockerfile", "FROM scratch", false};
  lock["deploy/run"] = {"dockerfile", "\n\n", true};
  lock["empty"] = {"compose", "", false};
  lock["markers"] = {"compose", "<<<<<<< yours\n=======\n>>>>>>> msctl\n\\ no line break at the end\n",
                     false};
  const std::string text = generated::write_lock(lock);
  auto read = generated::parse_lock(text);
  REQUIRE(read);
  CHECK(*read == lock);
  CHECK(generated::write_lock(*read) == text);
  CHECK(text.find(" \n") == std::string::npos);  // nothing that an editor would take away
}

TEST_CASE("no lock is an empty one, and an empty one is written") {
  REQUIRE(generated::parse_lock(""));
  CHECK(generated::parse_lock("")->empty());
  CHECK(generated::parse_lock(generated::write_lock({}))->empty());
}

TEST_CASE("line breaks of a checkout that converts them") {
  auto read = generated::parse_lock("msctl-lock 1\r\nfile compose a\r\n x\r\n\r\nend a\r\n");
  REQUIRE(read);
  CHECK(read->at("a").content == "x\n\n");
}

TEST_CASE("what is wrong with a lock is told with its line") {
  CHECK(bad_line("hello\n") == 1);
  CHECK(bad_line("# only this\n") == 1);
  CHECK(bad_line(head + "hello\n") == 2);
  CHECK(bad_line(head + " content\n") == 2);
  CHECK(bad_line(head + "file compose a\nend a\nfile compose a\nend a\n") == 4);
  CHECK(bad_line(head + "folder compose a\n") == 2);
  CHECK(bad_line(head + "file compose a\n x\nfile compose b\nend b\n") == 4);
  CHECK(bad_line(head + "file compose a\n x\n") == 3);
  CHECK(bad_line(head + "file compose a\n x\nend b\n") == 4);
  CHECK(bad_line(head + "file Compose a\n") == 2);
  for (const char* path : {"../a", "/etc/passwd", "a/../../b", "a//b", ".", "a/.git/hooks/x", "a\\b", "a/"})
    CHECK(bad_line(head + "file compose " + path + "\n") == 2);
}

TEST_CASE("a conflict that git left is read as both sides") {
  auto read = generated::parse_lock(head +
                                    "file compose a\n"
                                    "<<<<<<< HEAD\n"
                                    " ours\n"
                                    "=======\n"
                                    " theirs\n"
                                    ">>>>>>> branch\n"
                                    "end a\n"
                                    "<<<<<<< HEAD\n"
                                    "||||||| base\n"
                                    "=======\n"
                                    "file compose b\n"
                                    " only theirs\n"
                                    "end b\n"
                                    ">>>>>>> branch\n"
                                    "file compose c\n"
                                    " both\n"
                                    "end c\n");
  REQUIRE(read);
  CHECK(read->at("a").content == "ours\n");
  CHECK(read->at("b").content == "only theirs\n");
  CHECK(read->at("c").content == "both\n");
}
