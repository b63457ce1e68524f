// A chunked body: decoded, and passed on and then decoded, it gives the same content, however it is cut. The
// first byte tells how.
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http1/chunked.h"
#include "tests/fuzz/check.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

namespace {

struct Result {
  std::string bytes;
  State state = State::need_more;
  std::size_t consumed = 0;
};

Result run(std::string_view input, std::size_t step, bool pass) {
  ChunkedDecoder decoder(1 << 16);
  Result result;
  while (result.consumed < input.size() && result.state == State::need_more) {
    std::string piece(input.substr(result.consumed, step));
    std::string_view rest = piece;
    while (!rest.empty() && result.state == State::need_more) {
      auto out = pass ? decoder.pass(rest) : decoder.next(rest);
      FUZZ_CHECK(out.consumed <= rest.size() && out.bytes.size() <= rest.size());
      FUZZ_CHECK(out.consumed > 0 || out.state != State::need_more);
      result.bytes += out.bytes;
      result.consumed += out.consumed;
      result.state = out.state;
      rest.remove_prefix(out.consumed);
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::size_t step = 1 + data[0] % 16;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  Result content = run(input, input.size(), false), passed = run(input, input.size(), true);
  Result cut = run(input, step, false), cut_passed = run(input, step, true);
  FUZZ_CHECK(content.state == passed.state && content.state == cut.state &&
             content.state == cut_passed.state);
  if (content.state == State::fault) return 0;
  FUZZ_CHECK(content.bytes == cut.bytes && passed.bytes == cut_passed.bytes);
  FUZZ_CHECK(content.consumed == passed.consumed && content.consumed == cut.consumed &&
             content.consumed == cut_passed.consumed);
  // What is passed on has the same content, ends where it ends, and holds no extension or trailer.
  Result again = run(passed.bytes, passed.bytes.size(), false);
  FUZZ_CHECK(again.bytes == content.bytes && again.state == content.state);
  if (content.state == State::done)
    FUZZ_CHECK(again.consumed == passed.bytes.size() && passed.bytes.ends_with("0\r\n\r\n"));
  FUZZ_CHECK(run(passed.bytes, passed.bytes.size(), true).bytes == passed.bytes);
  return 0;
}
