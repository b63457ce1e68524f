#include "runtime/toolchain/junit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/catch.h"

using namespace msctl;
using namespace std::chrono_literals;
using toolchain::cases_at;
using toolchain::cases_in;
using toolchain::escape_xml;

TEST_CASE("text becomes what XML 1.0 can hold") {
  CHECK(escape_xml("a<b>&\"c\"") == "a&lt;b&gt;&amp;&quot;c&quot;");
  CHECK(escape_xml("ä€𝄞\t\n") == "ä€𝄞\t\n");
  CHECK(escape_xml(std::string("\x1b[31m\0", 6)) == "\xEF\xBF\xBD[31m\xEF\xBF\xBD");
  CHECK(escape_xml("\xff\xc3") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(escape_xml("\xed\xa0\x80").starts_with("\xEF\xBF\xBD"));  // a surrogate
  CHECK(escape_xml("\xef\xbf\xbf").starts_with("\xEF\xBF\xBD"));  // U+FFFF
}

TEST_CASE("cases are taken over as they stand, whatever is around and in them") {
  CHECK(cases_in("").empty());
  CHECK(cases_in("<testsuite tests=\"0\"></testsuite>").empty());
  CHECK(cases_in("<?xml?><testsuites><testsuite><testcase name=\"a>b\"/><testcase "
                 "name='c'><failure>x</failure></testcase>"
                 "</testsuite></testsuites>") ==
        "<testcase name=\"a>b\"/>\n<testcase name='c'><failure>x</failure></testcase>\n");
  const std::string tricky =
      "<testcase name=\"x\"><system-out><![CDATA[</testcase><testcase>]]></system-out><!-- </testcase> "
      "--></testcase>";
  CHECK(cases_in("<s>" + tricky + "</s>") == tricky + "\n");
  CHECK(cases_in("<testcases/>").empty());
  CHECK(cases_in("<testcase name=\"cut").empty());
  CHECK(cases_in("<testcase name=\"cut\"><x>").empty());
}

TEST_CASE("results may stand in one document, or in a folder of them") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("msctl-junit-{}", ::getpid());
  std::filesystem::create_directories(folder / "deeper.xml");
  std::ofstream(folder / "b.xml") << "<testsuite><testcase name='b'/></testsuite>";
  std::ofstream(folder / "a.xml") << "<testsuite><testcase name='a'/></testsuite>";
  std::ofstream(folder / "a.txt") << "<testcase name='text'/>";
  CHECK(cases_at((folder / "b.xml").string()) == "<testcase name='b'/>\n");
  CHECK(cases_at(folder.string()) == "<testcase name='a'/>\n<testcase name='b'/>\n");
  CHECK(cases_at((folder / "none").string()).empty());
  std::filesystem::remove_all(folder);
}

TEST_CASE("a service without results of its own is one case") {
  const std::string document = toolchain::junit_document(
      {{"orders", 1500ms, true, "", "ok", ""}, {"cart", 2s, false, "make: exit status 2", "<bad>", ""}});
  CHECK(document.find("<testsuite name=\"orders\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
                      "time=\"1.500\">") != std::string::npos);
  CHECK(document.find("<testsuite name=\"cart\" tests=\"1\" failures=\"1\"") != std::string::npos);
  CHECK(document.find("<failure message=\"make: exit status 2\"/>") != std::string::npos);
  CHECK(document.find("&lt;bad&gt;") != std::string::npos);
}

TEST_CASE("a failure that no own case shows is added") {
  const std::string own = "<testcase name=\"a\"/>\n";
  CHECK(toolchain::junit_document({{"s", 1s, true, "", "", own}}).find("tests=\"1\" failures=\"0\"") !=
        std::string::npos);
  CHECK(toolchain::junit_document({{"s", 1s, false, "why", "", own}}).find("tests=\"2\" failures=\"1\"") !=
        std::string::npos);
  CHECK(toolchain::junit_document({{"s", 1s, false, "why", "", "<testcase name=\"a\"><failure/></testcase>"}})
            .find("tests=\"1\" failures=\"1\"") != std::string::npos);
}
