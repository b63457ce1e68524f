#include "gateway/http1/chunked.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

namespace {

struct Result {
  std::string bytes, rest, fault;
  bool done = false;
  bool operator==(const Result&) const = default;
};

// Runs the decoder over the pieces of `input` between the given cuts.
Result run(std::string_view input, const std::vector<std::size_t>& cuts, bool pass,
           std::uint64_t limit = 1 << 20) {
  ChunkedDecoder decoder(limit);
  Result result;
  std::size_t begin = 0;
  std::vector<std::size_t> ends = cuts;
  ends.push_back(input.size());
  for (std::size_t end : ends) {
    std::string_view piece = input.substr(begin, end - begin);
    begin = end;
    while (!piece.empty()) {
      auto step = pass ? decoder.pass(piece) : decoder.next(piece);
      if (step.state == State::fault) {
        result.fault = info(step.fault).reason;
        return result;
      }
      REQUIRE((step.consumed > 0 || step.state == State::done));
      result.bytes += step.bytes;
      piece.remove_prefix(step.consumed);
      if (step.state == State::done) {
        result.done = true;
        result.rest = std::string(piece) + std::string(input.substr(end));
        return result;
      }
    }
  }
  return result;
}

Result all_ways(std::string_view input, bool pass, std::uint64_t limit = 1 << 20) {
  Result whole = run(input, {}, pass, limit);
  for (std::size_t a = 0; a <= input.size(); ++a) {
    Result split = run(input, {a}, pass, limit);
    INFO("split at " << a);
    REQUIRE(split.done == whole.done);
    REQUIRE(split.fault == whole.fault);
    if (whole.fault.empty()) REQUIRE(split == whole);
  }
  std::vector<std::size_t> each;
  for (std::size_t i = 1; i < input.size(); ++i) each.push_back(i);
  Result bytewise = run(input, each, pass, limit);
  REQUIRE(bytewise.fault == whole.fault);
  if (whole.fault.empty()) REQUIRE(bytewise == whole);
  return whole;
}

std::string content(std::string_view input) {
  Result result = all_ways(input, false);
  return result.fault.empty() ? result.bytes + (result.done ? "|" + result.rest : "...") : result.fault;
}

std::string passed(std::string_view input) {
  Result result = all_ways(input, true);
  return result.fault.empty() ? result.bytes + (result.done ? "|" + result.rest : "...") : result.fault;
}

}  // namespace

TEST_CASE("chunks are decoded") {
  CHECK(content("4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\nGET") ==
        "Wikipedia in \r\nchunks.|GET");
  CHECK(content("0\r\n\r\n") == "|");
  CHECK(content("000a;x=1; y=\"a;b\\\"c\" ;z\r\n0123456789\r\n0;last\r\nDigest: abc\r\nX:\r\n\r\nnext") ==
        "0123456789|next");
  CHECK(content("3 ;x\r\nabc\r\n0\r\n\r\n") == "abc|");
  CHECK(content("3\r\nab") == "ab...");
}

TEST_CASE("chunks are passed on as they are, without extensions and trailers") {
  std::string_view plain = "4\r\nWiki\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n";
  CHECK(passed(plain) == std::string(plain) + "|");
  ChunkedDecoder decoder;
  CHECK(decoder.pass(plain).bytes.data() == plain.data());
  CHECK(passed("3;a=b\r\nabc\r\n2 ; c\r\nde\r\n0;d\r\nX-Consumer-Name: root\r\nY: z\r\n\r\nGET") ==
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n|GET");
}

TEST_CASE("malformed chunks are refused in both ways of use") {
  struct Case {
    std::string_view input, fault;
  };
  auto each = GENERATE(values<Case>({
      {"\r\n", "bad_chunk_size"},
      {"g\r\n", "bad_chunk_size"},
      {"0x5\r\n", "bad_chunk_size"},
      {"-1\r\n", "bad_chunk_size"},
      {"+1\r\n", "bad_chunk_size"},
      {" 5\r\n", "bad_chunk_size"},
      {"5 \r\n", "bad_chunk_size"},
      {"5 5\r\n", "bad_chunk_size"},
      {"5\nabcde", "bad_chunk_size"},
      {"5\rabcde", "bad_chunk_size"},
      {"5\r\r\n", "bad_chunk_size"},
      {";x\r\n", "bad_chunk_size"},
      {"8000000000000000\r\n", "chunk_size_overflow"},
      {"10000000000000005\r\n", "chunk_size_overflow"},
      {"00000000000000005\r\n", "chunk_size_overflow"},
      {"ffffffffffffffffff\r\n", "chunk_size_overflow"},
      {"3\r\nabcd\r\n", "bad_chunk_end"},
      {"3\r\nabc\n", "bad_chunk_end"},
      {"3\r\nabc\rx", "bad_chunk_end"},
      {"3;a\nb\r\nabc\r\n", "bad_chunk_extension"},
      {"3;a\"b\nc\"\r\nabc\r\n", "bad_chunk_extension"},
      {"3;\"\r\n\"\r\n", "bad_chunk_extension"},
      {std::string_view("3;a\0b\r\n", 7), "bad_chunk_extension"},
      {"3;a\rb\r\n", "bad_chunk_size"},
      {"0\r\nX: y\n\r\n", "bad_trailer"},
      {"0\r\n X: y\r\n\r\n", "bad_trailer"},
      {"0\r\nX : y\r\n\r\n", "bad_trailer"},
      {"0\r\n: y\r\n\r\n", "bad_trailer"},
      {"0\r\nX: y\r\n z\r\n\r\n", "bad_trailer"},
      {"0\r\nXy\r\n\r\n", "bad_trailer"},
      {"0\r\nX: y\rz\r\n", "bad_trailer"},
      {"0\r\n\rx", "bad_trailer"},
      {std::string_view("0\r\nX: \0\r\n", 9), "bad_trailer"},
  }));
  INFO(each.input);
  CHECK(content(each.input) == each.fault);
  CHECK(passed(each.input) == each.fault);
}

TEST_CASE("what a chunked body may cost is bounded") {
  auto fault = [](const std::string& input, std::uint64_t limit = 1 << 20) {
    Result a = run(input, {}, false, limit), b = run(input, {}, true, limit);
    REQUIRE(a.fault == b.fault);
    return a.fault;
  };
  CHECK(fault("1;" + std::string(ChunkedDecoder::extension_limit - 1, 'x') + "\r\na\r\n0\r\n\r\n").empty());
  CHECK(fault("1;" + std::string(ChunkedDecoder::extension_limit + 1, 'x') + "\r\na\r\n0\r\n\r\n") ==
        "chunk_extension_too_long");
  CHECK(fault("1" + std::string(ChunkedDecoder::extension_limit + 1, ' ') + ";x\r\na\r\n0\r\n\r\n") ==
        "chunk_extension_too_long");
  // The bound is for the body, not for each chunk.
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1;" + std::string(100, 'x') + "\r\na\r\n";
  CHECK(fault(many + "0\r\n\r\n") == "chunk_extension_too_long");
  CHECK(fault("0\r\nX: " + std::string(ChunkedDecoder::trailer_limit, 'x') + "\r\n\r\n") ==
        "trailers_too_large");
  CHECK(fault("5\r\nabcde\r\n0\r\n\r\n", 5).empty());
  CHECK(fault("6\r\n", 5) == "body_too_large");
  CHECK(fault("3\r\nabc\r\n3\r\n", 5) == "body_too_large");
  CHECK(fault("7fffffffffffffff\r\n", 5) == "body_too_large");
  CHECK(fault("3\r\nabc\r\n7fffffffffffffff\r\n", ~std::uint64_t{0}).empty());
}

TEST_CASE("a decoder that failed stays failed") {
  ChunkedDecoder decoder;
  CHECK(decoder.next("x").fault == Fault::bad_chunk_size);
  CHECK(decoder.next("5\r\n").fault == Fault::bad_chunk_size);
}

TEST_CASE("chunk heads") {
  char room[20];
  CHECK(chunk_head(500, room) == "1f4\r\n");
  CHECK(chunk_head(~std::uint64_t{0}, room) == "ffffffffffffffff\r\n");
}
