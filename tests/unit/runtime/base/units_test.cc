#include "runtime/base/units.h"

#include "tests/catch.h"

using namespace msctl::base;
using namespace std::chrono_literals;

TEST_CASE("durations") {
  CHECK(parse_duration("10s").value() == 10s);
  CHECK(parse_duration("250ms").value() == 250ms);
  CHECK(parse_duration("1m30s").value() == 90s);
  CHECK(parse_duration("1.5h").value() == 90min);
  CHECK(parse_duration("2d").value() == 48h);
  CHECK(parse_duration("0").value() == 0s);
  for (const char* bad : {"", "5", "s", "-1s", "1s1", "10 s", "1..5s", "300y", "999999999999h"}) {
    INFO(bad);
    REQUIRE_FALSE(parse_duration(bad));
    CHECK(parse_duration(bad).error().code == Code::wrongUnit);
  }
  CHECK(parse_duration("5").error().suggestion == "did you mean '5s'?");
  CHECK(parse_duration("10sec").error().suggestion == "did you mean '10s'?");
  CHECK(parse_duration("3minutes").error().suggestion == "did you mean '3m'?");
}

TEST_CASE("a duration's text parses to the same duration") {
  for (Duration duration : {Duration(0), Duration(1), Duration(1500ms), Duration(90min), Duration(25h + 1ns)})
    CHECK(parse_duration(to_string(duration)).value() == duration);
  CHECK(to_string(90s) == "1m30s");
}

TEST_CASE("sizes") {
  CHECK(parse_size("64KiB").value() == 65536);
  CHECK(parse_size("8MiB").value() == 8388608);
  CHECK(parse_size("1GB").value() == 1000000000);
  CHECK(parse_size("512").value() == 512);
  CHECK(parse_size("1.5KiB").value() == 1536);
  CHECK(parse_size("8M").error().suggestion == "did you mean '8MiB'?");
  CHECK_FALSE(parse_size("-1"));
  CHECK_FALSE(parse_size("99999999TiB"));
  CHECK(size_to_string(65536) == "64KiB");
  CHECK(size_to_string(1000) == "1000");
}

TEST_CASE("percentages and quantities") {
  CHECK(parse_percentage("70%").value() == 70.0);
  CHECK(parse_percentage("70").error().suggestion == "did you mean '70%'?");
  CHECK_FALSE(parse_percentage("101%"));
  CHECK(parse_cpu("250m").value() == 250);
  CHECK(parse_cpu("2").value() == 2000);
  CHECK(parse_cpu("0.5").value() == 500);
  CHECK_FALSE(parse_cpu("250Mi"));
  CHECK(parse_memory("128Mi").value() == 134217728);
  CHECK(parse_memory("1G").value() == 1000000000);
  CHECK(parse_memory("1e6").value() == 1000000);
  CHECK(parse_memory("128MiB").error().suggestion == "did you mean '128Mi'?");
}
