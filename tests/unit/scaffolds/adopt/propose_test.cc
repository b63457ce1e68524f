#include "tests/unit/scaffolds/adopt/looked.h"

using namespace msctl;
using namespace msctl::scaffolds;

TEST_CASE("a need the other way round is left out and told, not proposed as a circle") {
  Looked circle({{"a/go.mod", "module a\n"},
                 {"a/main.go", go_main},
                 {"b/go.mod", "module b\n"},
                 {"b/main.go", go_main},
                 {"compose.yaml",
                  "services:\n  a: {build: a, environment: {OTHER: \"http://b:80/x\"}, depends_on: [b]}\n"
                  "  b: {build: b, environment: {BACK: \"http://a:80\"}}\n"}});
  REQUIRE(circle["a"].needs.size() == 1);
  CHECK(circle["b"].needs.empty());
  CHECK(circle["b"].warnings.size() == 1);
  REQUIRE(circle["a"].exports.size() == 1);
  CHECK(circle["a"].exports[0].second == "$${B_URL}/x");
}

TEST_CASE("addresses with a user, of JDBC, in a list") {
  Looked shop({{"shop/go.mod", "module a\n"},
               {"shop/main.go", go_main},
               {"compose.yaml",
                "services:\n  shop:\n    build: shop\n    environment:\n"
                "      DATABASE_URL: postgres://postgres@db:5432/app?sslmode=disable\n"
                "      SPRING_DATASOURCE_URL: jdbc:postgresql://db:5432/app\n"
                "      ASYNC_URL: postgresql+asyncpg://app@db/app\n"
                "      BROKERS: kafka:9092,kafka:9093\n"
                "  db: {image: \"postgres:16\"}\n  kafka: {image: \"apache/kafka:3\"}\n"}});
  const adopt::Service& service = shop["shop"];
  const std::map<std::string, std::string> exports(service.exports.begin(), service.exports.end());
  CHECK(exports.at("DATABASE_URL") == "postgres://postgres@$${DB_URL#*://}/app?sslmode=disable");
  CHECK(exports.at("SPRING_DATASOURCE_URL") == "jdbc:postgresql://$${DB_URL#*://}/app");
  CHECK(exports.at("ASYNC_URL") == "postgresql+asyncpg://app@$${DB_URL#*://}/app");
  REQUIRE(service.env.size() == 1);
  REQUIRE(service.warnings.size() == 1);
  CHECK(service.warnings[0].message.find("BROKERS") == 0);
}

TEST_CASE("names become labels") {
  CHECK(adopt::label_of("Order_Service") == "order-service");
  CHECK(adopt::label_of("OrderService.v2") == "order-service-v2");
  CHECK(adopt::label_of("--é--") == "");
  CHECK(adopt::label_of(std::string(100, 'a')).size() == 63);
}

TEST_CASE("secrets are known by their name or by what they look like") {
  for (const char* name :
       {"API_KEY", "DB_PASSWORD", "STRIPE_SECRET", "GITHUB_TOKEN", "MYSQL_ROOT_PASSWORD", "DSN"})
    CHECK(adopt::is_secret(name, "x"));
  CHECK(adopt::is_secret("URL", "postgres://u:p@h/d"));
  CHECK(adopt::is_secret("X", "ghp_0123456789abcdefghij"));
  CHECK(adopt::is_secret("X", "a8f5f167f44f4964e6c998dee827110c"));
  for (const char* name : {"LOG_LEVEL", "MONKEY", "KEYBOARD_LAYOUT", "PASSENGERS", "AUTHOR"})
    CHECK_FALSE(adopt::is_secret(name, "http://orders:80/a"));
}

TEST_CASE("one Dockerfile for several programs of a module: each image is of its own") {
  Looked mono(
      {{"go.mod", "module m\n"},
       {"go.sum", ""},
       {"cmd/api/main.go", go_main},
       {"cmd/worker/main.go", go_main},
       {"cmd/mail/main.go", go_main},
       {"internal/store/store.go", "package store\n"},
       {"docs/index.md", ""},
       {"Dockerfile", "FROM golang\nARG SERVICE\nEXPOSE 8080\nENTRYPOINT [\"/app\"]\n"},
       {"build/mail/Dockerfile", "FROM golang\nENTRYPOINT [\"/mail\"]\n"},
       {"compose.yaml",
        "services:\n  front: {build: {context: ., args: {SERVICE: ./cmd/api}}, depends_on: [worker]}\n"
        "  worker: {build: {context: ., args: [SERVICE=worker]}, depends_on: [db]}\n"
        "  mailer: {build: {context: ., dockerfile: build/mail/Dockerfile}}\n"
        "  db: {image: \"postgres:16\", command: postgres -c max_connections=9}\n"}});
  REQUIRE(mono.folders() == std::vector<std::string>{"cmd/api", "cmd/mail", "cmd/worker", "services/db"});
  REQUIRE(mono["cmd/api"].needs.size() == 1);
  CHECK(mono["cmd/api"].needs.front().first == "worker");
  CHECK(mono["cmd/api"].port == 8080);
  CHECK(mono["cmd/mail"].compose);
  REQUIRE(mono["cmd/worker"].needs.size() == 1);
  CHECK(mono["cmd/worker"].needs.front().first == "db");
  CHECK(mono["cmd/api"].uses == std::vector<std::string>{"go.mod", "go.sum", "internal"});
  // What Compose would have run is not dropped without a word.
  REQUIRE(mono["services/db"].warnings.size() == 1);
  CHECK(mono["services/db"].warnings[0].message.find("command") != std::string::npos);
}

TEST_CASE("libraries beside a service count if its description leads to them") {
  Looked shop(
      {{"package.json", "{\"workspaces\": [\"*/*\"]}"},
       {"package-lock.json", "{}"},
       {"apps/api/package.json",
        "{\"name\": \"@a/api\", \"scripts\": {\"start\": \"x\"}, \"dependencies\": {\"@a/money\": \"*\"}}"},
       {"apps/site/package.json", "{\"name\": \"@a/site\"}"},
       {"libs/money/package.json", "{\"name\": \"@a/money\", \"dependencies\": {\"@a/base\": \"*\"}}"},
       {"libs/ground/package.json", "{\"name\": \"@a/base\"}"},
       {"libs/idle/package.json", "{\"name\": \"@a/idle\"}"}});
  REQUIRE(shop.folders() == std::vector<std::string>{"apps/api"});
  CHECK(shop["apps/api"].uses ==
        std::vector<std::string>{"libs/ground", "libs/money", "package-lock.json", "package.json"});
  CHECK(shop.proposal.files[1].content.find("uses: [libs/ground, libs/money,") != std::string::npos);

  Looked rust({{"Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"},
               {"crates/api/Cargo.toml",
                "[package]\nname = \"api\"\n[dependencies]\ncommon = { path = \"../common\" }\n"},
               {"crates/api/src/main.rs", "fn main() {}\n"},
               {"crates/common/Cargo.toml", "[package]\nname = \"common\"\n"},
               {"crates/uncommon/Cargo.toml", "[package]\nname = \"uncommon\"\n"}});
  CHECK(rust["crates/api"].uses == std::vector<std::string>{"Cargo.toml", "crates/common"});
}

TEST_CASE("a file of variables that is not there is told, unless it need not be") {
  Looked files({{"a/go.mod", "module a\n"},
                {"a/main.go", go_main},
                {"compose.yaml",
                 "services:\n  a:\n    build: a\n    network_mode: host\n    env_file:\n"
                 "      - a/prod.env\n      - {path: a/local.env, required: false}\n"}});
  std::vector<std::string> told;
  for (const base::Error& warning : files["a"].warnings) told.push_back(warning.message);
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "'network_mode' of a is left out");
  CHECK(told[1] == "a/prod.env cannot be read: its variables are not known");
  CHECK(files["a"].warnings[1].at.line == 6);
}

TEST_CASE("what speaks of a secret is none") {
  for (const char* name : {"AUTH_URL", "AUTH_HOST", "API_KEY_SERVICE_URL", "TOKEN_TTL", "PASSWORD_MIN_LENGTH",
                           "POSTGRES_HOST_AUTH_METHOD", "AUTH_MODE", "API_KEY_HEADER"})
    CHECK_FALSE(adopt::is_secret(name, "http://auth:80/a"));
  CHECK_FALSE(adopt::is_secret("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"));
  CHECK_FALSE(adopt::is_secret("DATABASE_ADDRESS", "postgres://postgres@db:5432/app"));
  // By what they hold they are.
  CHECK(adopt::is_secret("AUTH_URL", "http://u:p@auth:80"));
  CHECK(adopt::is_secret("HOOK_URL", "https://x.example/in?a=b&token=c"));
  CHECK(adopt::is_secret("ERRORS_URL", "https://0123456789abcdef0123456789@sentry.example/1"));
  CHECK(adopt::is_secret("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/abcdefghijkl"));
  CHECK(adopt::is_secret("URL", "xPASSWORD=y"));
  CHECK(adopt::is_secret("TTL", "sk_live_0123456789abcdef"));
}

TEST_CASE("an address of a service whose name speaks of secrets is a need") {
  Looked named({{"auth/go.mod", "module a\n"},
                {"auth/main.go", go_main},
                {"shop/go.mod", "module b\n"},
                {"shop/main.go", go_main},
                {"compose.yaml",
                 "services:\n  auth: {build: auth}\n"
                 "  shop: {build: shop, environment: {AUTH_SERVICE_URL: \"http://auth:80\"}}\n"}});
  REQUIRE(named["shop"].needs.size() == 1);
  CHECK(named["shop"].secrets.empty());
  CHECK(named["shop"].exports.size() == 1);
}

TEST_CASE("values of Compose become values of service.yaml") {
  CHECK(adopt::interpolation_of("a$$b") == "a$b");
  CHECK(adopt::interpolation_of("$A ${B} ${C:-d} ${E-f} ${G:?no}") == "${A:-} ${B:-} ${C:-d} ${E:-f} ${G:-}");
  CHECK(adopt::interpolation_of("$${X}") == "$${X}");
  CHECK(adopt::interpolation_of("${A:-a$$b}") == "${A:-a$b}");
  CHECK(adopt::interpolation_of("5$") == "5$");
}
