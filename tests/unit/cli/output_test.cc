#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <sstream>

#include "cli/describe/roff.h"
#include "cli/describe/text.h"
#include "cli/output/descriptor.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "tests/catch.h"
#include "tests/fakes/cli.h"

using namespace msctl;
using namespace msctl::cli;

TEST_CASE("a table: columns by code points, numbers right, no space at the end") {
  output::Table table{"NAME", ">READY", "STATE"};
  table.add({"orders", "10", {"ready", "\x1b[32m"}});
  table.add({"größe", "2", "idle"});
  std::ostringstream plain, coloured;
  table.write(plain, false);
  CHECK(plain.str() ==
        "NAME    READY  STATE\n"
        "orders     10  ready\n"
        "größe       2  idle\n");
  table.write(coloured, true);
  CHECK(coloured.str().find("\x1b[32mready\x1b[0m") != std::string::npos);
}

TEST_CASE("a stream onto a descriptor tells why it failed") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  auto before = std::signal(SIGPIPE, SIG_IGN);
  output::DescriptorBuffer buffer(ends[1], 8);
  std::ostream out(&buffer);
  out << "longer than the buffer" << std::flush;
  std::signal(SIGPIPE, before);
  ::close(ends[1]);
  CHECK(!out);
  CHECK(buffer.error() == EPIPE);
}

TEST_CASE("a stream onto a descriptor keeps the order of short and long writes") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    output::DescriptorBuffer buffer(ends[1], 8);
    std::ostream out(&buffer);
    out << "abc"
        << "defghijklmnop" << 'q' << 42 << std::flush;
  }
  ::close(ends[1]);
  char text[64];
  auto length = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  CHECK(std::string(text, static_cast<std::size_t>(length)) == "abcdefghijklmnopq42");
}

TEST_CASE("progress in its forms") {
  fakes::FakeClock clock;
  fakes::FakeSignals signals;
  std::istringstream in;
  std::ostringstream out, err;
  Context context{.in = in,
                  .out = out,
                  .err = err,
                  .environment = {},
                  .clock = clock,
                  .signals = signals,
                  .folder = "/",
                  .program = "",
                  .terminal = {}};
  auto told = [&](std::string_view how, bool terminal, int columns = 80) {
    err.str("");
    context.terminal.err = terminal;
    context.terminal.columns = columns;
    output::Progress progress(context, how);
    progress.show("building orders");
    progress.say("orders", "ready");
    return err.str();
  };
  CHECK(told("auto", false) == "orders  ready\n");
  CHECK(told("plain", true) == "orders  ready\n");
  CHECK(told("quiet", true).empty());
  CHECK(told("json", true) == "{\"subject\":\"orders\",\"message\":\"ready\"}\n");
  CHECK(told("auto", true) == "building orders\r\x1b[Korders  ready\nbuilding orders");
  CHECK(told("tty", false, 9).starts_with("building\r"));
  CHECK(out.str().empty());
}

TEST_CASE("texts: blocks, wrapping, roff") {
  auto blocks = describe::blocks("One line\nand its end.\n\n    $ literal\n    more\n\nThe last.");
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0].text == "One line and its end.");
  CHECK(blocks[1].literal);
  CHECK(blocks[1].text == "$ literal\nmore");
  CHECK(describe::wrap("aa bb cc", 5) == std::vector<std::string>{"aa bb", "cc"});
  CHECK(describe::wrap("a-word-longer-than-that b", 5) ==
        std::vector<std::string>{"a-word-longer-than-that", "b"});
  CHECK(describe::roff_escape("a-b\\c…") == "a\\-b\\ec\\[u2026]");
  CHECK(describe::roff_text("say `msctl run` now") == "say \\fBmsctl run\\fR now");
}
