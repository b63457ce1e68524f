#include "scaffolds/adopt/dockerfile.h"

#include "tests/catch.h"

using namespace msctl::scaffolds::adopt;
using Words = std::vector<std::string>;

TEST_CASE("the last stage counts, with what it inherits of an earlier one") {
  auto stage = parse_dockerfile(R"(FROM node:20 AS Base
WORKDIR /app
ENV NODE_ENV=production
EXPOSE 3000
CMD ["node", "base.js"]
FROM golang AS other
EXPOSE 1
FROM base
WORKDIR sub
CMD ["node", "server.js"]
)")
                   .stage();
  REQUIRE(stage);
  REQUIRE(stage->ports.size() == 1);
  CHECK(stage->ports[0].port == 3000);
  CHECK(stage->ports[0].at == 4);
  CHECK(stage->command->words == Words{"node", "server.js"});
  CHECK(stage->command->at == 10);
  CHECK(stage->env.at("NODE_ENV").value == "production");
  CHECK(stage->folder == "/app/sub");
}

TEST_CASE("a target is found by its name, in any case") {
  const Dockerfile file = parse_dockerfile("FROM a AS One\nEXPOSE 1\nFROM b AS two\nEXPOSE 2\n");
  CHECK(file.stage("ONE")->ports[0].port == 1);
  CHECK(file.stage()->ports[0].port == 2);
  CHECK(file.stage("three")->ports[0].port == 2);
  CHECK_FALSE(parse_dockerfile("RUN x\n").stage());
}

TEST_CASE("variables of ARG and ENV are replaced") {
  auto stage = parse_dockerfile(R"(ARG VERSION=20
ARG PORT=8000
FROM node:${VERSION}-slim
ARG PORT
ARG OTHER=9${PORT}
ENV LISTEN=$PORT ADMIN="${MISSING:-9090}" A=1 B=$A
EXPOSE ${LISTEN}/tcp $ADMIN ${UNSET:-53}/udp ${LISTEN}
)")
                   .stage();
  REQUIRE(stage);
  CHECK(stage->base == "node:20-slim");
  REQUIRE(stage->ports.size() == 3);
  CHECK(stage->ports[0].port == 8000);
  CHECK(stage->ports[1].port == 9090);
  CHECK(stage->ports[2].udp);
  CHECK(stage->env.at("B").value.empty());  // of one line all see what was before it
}

TEST_CASE("lines go on, comments and empty lines in between do not count, line numbers do") {
  auto stage = parse_dockerfile(
                   "# syntax=docker/dockerfile:1\n\nFROM x\nRUN a \\\n  # why\n\n  && b \\\n  && c\nEXPOSE "
                   "\\\n 80\nCMD python \\\n  app.py\n")
                   .stage();
  REQUIRE(stage);
  CHECK(stage->ports[0].at == 9);
  CHECK(stage->command->line == "python app.py");
}

TEST_CASE("here-documents are no instructions") {
  auto stage = parse_dockerfile(
                   "FROM x\nRUN <<EOF\nEXPOSE 1\nCMD bad\nEOF\nCOPY <<-'A' <<\"B\" /etc/\nEXPOSE "
                   "2\n\tA\nEXPOSE 3\nB\nEXPOSE 4\n")
                   .stage();
  REQUIRE(stage->ports.size() == 1);
  CHECK(stage->ports[0].port == 4);
  CHECK_FALSE(stage->command);
}

TEST_CASE("another escape character, carriage returns, small letters") {
  auto stage = parse_dockerfile("# escape=`\r\nfrom x\r\nexpose `\r\n  70\r\ncmd [\"a\"]\r\n").stage();
  REQUIRE(stage);
  CHECK(stage->ports[0].port == 70);
  CHECK(stage->command->words == Words{"a"});
}

TEST_CASE("a new entry point drops the command that was inherited, not its own") {
  auto dropped = parse_dockerfile("FROM x AS a\nCMD [\"old\"]\nFROM a\nENTRYPOINT [\"e\"]\n").stage();
  CHECK_FALSE(dropped->command);
  auto kept = parse_dockerfile("FROM x\nCMD [\"c\"]\nENTRYPOINT [\"e\"]\n").stage();
  CHECK(kept->command);
}

TEST_CASE("health checks: options, both forms, none") {
  CHECK(
      parse_dockerfile("FROM x\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f http://localhost/health\n")
          .stage()
          ->health->line == "curl -f http://localhost/health");
  CHECK(parse_dockerfile("FROM x\nHEALTHCHECK CMD [\"wget\", \"http://x/y\"]\n").stage()->health->words ==
        Words{"wget", "http://x/y"});
  CHECK_FALSE(parse_dockerfile("FROM x\nHEALTHCHECK CMD a\nHEALTHCHECK NONE\n").stage()->health);
}

TEST_CASE("ports that are none are told, ranges give their first") {
  const Dockerfile file = parse_dockerfile("FROM x\nEXPOSE http 0 70000 99999999999 8000-8010\n");
  CHECK(file.faults.size() == 4);
  CHECK(file.faults[0].first == 2);
  REQUIRE(file.stage()->ports.size() == 1);
  CHECK(file.stage()->ports[0].port == 8000);
}

TEST_CASE("a shell's line that needs no shell is words") {
  CHECK(simple_words("exec gunicorn --bind :${PORT:-8000} app:app") ==
        Words{"gunicorn", "--bind", ":$PORT", "app:app"});
  CHECK(simple_words("python 'my app.py'") == Words{"python", "my app.py"});
  for (const char* line : {"a && b", "a $HOME", "a | b", "X=1 a", "a > b", "a `b`", "", "a *.py", "a\nb"})
    CHECK_FALSE(simple_words(line));
}

TEST_CASE("large and odd files end") {
  std::string bomb = "FROM x\nENV A=" + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 200; ++i) bomb += "ENV A=$A$A\n";
  CHECK(parse_dockerfile(bomb).stage()->env.at("A").value.size() <= 64 * 1024);
  parse_dockerfile(std::string(1 << 20, '\\'));
  parse_dockerfile("FROM x\nRUN <<EOF");
  parse_dockerfile("FROM\nEXPOSE\nENV\nENV =\nARG\nCMD\nHEALTHCHECK\nENV a");
}
