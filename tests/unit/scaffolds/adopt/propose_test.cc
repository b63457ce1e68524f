#include "scaffolds/adopt/propose.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "scaffolds/embedded.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::scaffolds;
namespace fs = std::filesystem;
using Argv = toolchain::Argv;

namespace {

// A repository on the disk, looked at with the languages that the program carries.
struct Looked {
  explicit Looked(const std::map<std::string, std::string>& files) {
    std::string name = (fs::temp_directory_path() / "adopt-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    for (const auto& [path, content] : files) {
      fs::create_directories((root / path).parent_path());
      std::ofstream(root / path) << content;
    }
    auto languages = toolchains();
    REQUIRE(languages);
    auto repository = adopt::walk(name, {.languages = &*languages, .ignored = {}, .interrupted = {}});
    REQUIRE(repository);
    adopt::Reader reader(*repository);
    proposal = adopt::propose(reader, {&*languages, adopt::read_existing(reader)});
  }
  Looked(const Looked&) = delete;
  Looked& operator=(const Looked&) = delete;
  ~Looked() { fs::remove_all(root); }

  const adopt::Service& operator[](const std::string& folder) const {
    for (const adopt::Service& service : proposal.services)
      if (service.folder == folder) return service;
    throw std::out_of_range(folder);
  }
  std::vector<std::string> folders() const {
    std::vector<std::string> out;
    for (const adopt::Service& service : proposal.services) out.push_back(service.folder);
    return out;
  }

  fs::path root;
  adopt::Proposal proposal;
};

const std::string go_main = "package main\n\nfunc main() { os.Getenv(\"PORT\") }\n";
const std::string java_main = "package x.y;\nclass Main { public static void main(String[] a) {} }\n";

}  // namespace

TEST_CASE("Go: one program below cmd is its module's, several are services of their own") {
  Looked one({{"a/go.mod", "module a\n"}, {"a/cmd/server/main.go", go_main}, {"a/lib.go", "package a\n"}});
  REQUIRE(one.folders() == std::vector<std::string>{"a"});
  CHECK(one["a"].build.argv == Argv{"go", "build", "-o", "bin/a", "./cmd/server"});
  Looked two({{"a/go.mod", "module a\n"}, {"a/cmd/x/main.go", go_main}, {"a/cmd/y/main.go", go_main}});
  REQUIRE(two.folders() == std::vector<std::string>{"a/cmd/x", "a/cmd/y"});
  CHECK(two["a/cmd/x"].build.argv == Argv{"go", "build", "-o", "bin/x", "."});
  CHECK(two["a/cmd/x"].port_by == adopt::PortBy::PORT);
}

TEST_CASE("Java: Gradle's wrapper, a plain main class, a version that is a property") {
  Looked gradle({{"g/build.gradle", "plugins { id 'org.springframework.boot' version '3' }\n"},
                 {"g/gradlew", ""},
                 {"g/src/main/java/x/Main.java", java_main}});
  CHECK(gradle["g"].build.argv == Argv{"./gradlew", "--quiet", "bootJar"});
  CHECK(gradle["g"].test.argv == Argv{"./gradlew", "--quiet", "test"});
  CHECK(gradle["g"].port_by == adopt::PortBy::argument);

  Looked plain({{"p/pom.xml", "<project><artifactId>p</artifactId><version>1</version></project>"},
                {"p/src/main/java/x/y/Main.java", java_main}});
  CHECK(plain["p"].run.argv == Argv{"java", "-cp", "target/classes:target/dependency/*", "x.y.Main"});

  Looked property(
      {{"p/pom.xml",
        "<project><artifactId>p</artifactId><version>${revision}</version><build><plugins><plugin>"
        "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>"},
       {"p/mvnw", ""},
       {"p/src/main/java/x/y/Main.java", java_main}});
  CHECK(property["p"].run.argv == Argv{"sh", "-c", "exec java -jar target/p-*.jar --server.port=$PORT"});
  CHECK(property["p"].build.argv == Argv{"./mvnw", "--quiet", "-DskipTests", "package"});
}

TEST_CASE("Python: what the image runs comes first, then what the sources say") {
  Looked many({{"a/Dockerfile", "FROM python\nCMD [\"uvicorn\", \"m:a\", \"--port\", \"8000\"]\n"},
               {"a/requirements.txt", "uvicorn\n"},
               {"b/requirements.txt", "fastapi\nuvicorn\n"},
               {"b/app/main.py", "from fastapi import FastAPI\nservice = FastAPI()\n"},
               {"c/manage.py", ""},
               {"d/pyproject.toml", "[project]\nname = \"d\"\n"},
               {"d/d/__init__.py", ""},
               {"e/Dockerfile", "FROM python\nEXPOSE 80\nCMD python -m http.server 80\n"}});
  REQUIRE(many.folders() == std::vector<std::string>{"a", "b", "c", "e"});
  CHECK(many["a"].run.argv == Argv{".venv/bin/uvicorn", "m:a", "--port", "$PORT"});
  CHECK(many["a"].port == 8000);
  CHECK(many["b"].run.argv ==
        Argv{".venv/bin/uvicorn", "app.main:service", "--host", "127.0.0.1", "--port", "$PORT"});
  CHECK(many["c"].run.argv == Argv{"python3", "manage.py", "runserver", "--noreload", "127.0.0.1:$PORT"});
  CHECK(many["e"].run.argv == Argv{"python3", "-m", "http.server", "$PORT"});
  CHECK(many["e"].language == "python");
}

TEST_CASE("Node.js: pnpm's root, Yarn, Next.js, servers without a script") {
  Looked many(
      {{"package.json", "{\"scripts\": {\"start\": \"turbo start\"}}"},
       {"pnpm-workspace.yaml", "packages:\n  - services/*\n"},
       {"pnpm-lock.yaml", ""},
       {"services/a/package.json", "{\"scripts\": {\"start\": \"node .\"}, \"dependencies\": {}}"},
       {"services/b/package.json", "{\"scripts\": {\"start\": \"next start -p 3001\"}}"},
       {"services/c/package.json", "{\"main\": \"lib/app.js\", \"dependencies\": {\"express\": \"4\"}}"},
       {"services/c/lib/app.js", "app.listen(process.env.PORT)\n"},
       {"services/d/package.json", "{\"name\": \"d\"}"},
       {"services/d/server.js", "http.createServer().listen(process.env.PORT)\n"},
       {"services/e/package.json", "{\"main\": \"index.js\", \"dependencies\": {\"express\": \"4\"}}"},
       {"services/e/index.js", "module.exports = () => {}\n"}});
  REQUIRE(many.folders() == std::vector<std::string>{"services/a", "services/b", "services/c", "services/d"});
  CHECK(many["services/a"].run.argv == Argv{"pnpm", "start"});
  CHECK(many["services/a"].build.argv ==
        Argv{"flock", "../../package.json", "pnpm", "install", "--frozen-lockfile"});
  CHECK(many["services/b"].run.argv == Argv{"npx", "next", "start", "--port", "$PORT"});
  CHECK(many["services/b"].port_by == adopt::PortBy::argument);
  CHECK(many["services/c"].run.argv == Argv{"node", "lib/app.js"});
  CHECK(many["services/d"].run.argv == Argv{"node", "server.js"});

  Looked yarn(
      {{"y/package.json", "{\"scripts\": {\"start\": \"node .\", \"test\": \"x\"}, \"dependencies\": {}}"},
       {"y/yarn.lock", ""},
       {"y/.yarnrc.yml", ""}});
  CHECK(yarn["y"].run.argv == Argv{"yarn", "start"});
  CHECK(yarn["y"].test.argv == Argv{"yarn", "test"});
  CHECK(yarn["y"].build.argv == Argv{"flock", "./package.json", "yarn", "install", "--immutable"});
}

TEST_CASE("Python: what pins the libraries installs them") {
  const std::string fast = "from fastapi import FastAPI\napp = FastAPI()\n";
  Looked many({{"uv/pyproject.toml", "[project]\nname = \"uv\"\n"},
               {"uv/uv.lock", ""},
               {"uv/src/shop/main.py", fast},
               {"poetry/pyproject.toml", "[tool.poetry]\npackage-mode = false\n"},
               {"poetry/poetry.lock", ""},
               {"poetry/app/main.py", fast},
               {"pipenv/Pipfile", "[packages]\n"},
               {"pipenv/main.py", fast}});
  CHECK(many["uv"].build.argv ==
        Argv{"flock", "./uv.lock", "uv", "sync", "--quiet", "--frozen", "--inexact"});
  CHECK(many["uv"].run.argv == Argv{"./.venv/bin/uvicorn", "--app-dir", "src", "shop.main:app", "--host",
                                    "127.0.0.1", "--port", "$PORT"});
  CHECK(many["poetry"].build.argv.at(2) == "poetry");
  CHECK(many["poetry"].run.argv.front() == ".venv/bin/uvicorn");
  CHECK(many["pipenv"].build.argv == Argv{"env", "PIPENV_VENV_IN_PROJECT=1", "pipenv", "install"});
  CHECK(many["pipenv"].run.argv.front() == ".venv/bin/uvicorn");
}

TEST_CASE("Python: Flask's factories, and Django below its requirements") {
  Looked many({{"a/requirements.txt", "Flask\n"},
               {"a/app.py", "def create_app():\n    return Flask(__name__)\n"},
               {"b/requirements.txt", "flask==3\n"},
               {"b/wsgi.py", "from shop import create_app\napp = create_app()\n"},
               {"b/shop/__init__.py", "def create_app():\n    pass\n"},
               {"c/requirements.txt", "django\n"},
               {"c/backend/manage.py", ""},
               {"d/requirements.txt", "x\n"},
               {"d/app.py", "def create_app(): pass\n"}});
  REQUIRE(many.folders() == std::vector<std::string>{"a", "b", "c"});
  CHECK(many["a"].run.argv ==
        Argv{".venv/bin/python3", "-m", "flask", "--app", "app", "run", "--port", "$PORT"});
  CHECK(many["b"].run.argv ==
        Argv{".venv/bin/python3", "-m", "flask", "--app", "wsgi:app", "run", "--port", "$PORT"});
  CHECK(many["c"].run.argv ==
        Argv{".venv/bin/python3", "backend/manage.py", "runserver", "--noreload", "127.0.0.1:$PORT"});
}

TEST_CASE("Java: Kotlin with Maven, a plugin of Gradle's catalogue") {
  Looked many({{"k/pom.xml",
                "<project><artifactId>k</artifactId><version>1</version><build><plugins><plugin>"
                "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>"},
               {"k/src/main/kotlin/x/App.kt", "fun main(args: Array<String>) {}\n"},
               {"g/build.gradle.kts", "plugins { alias(libs.plugins.spring.boot) }\n"},
               {"g/src/main/java/x/Main.java", java_main}});
  REQUIRE(many.folders() == std::vector<std::string>{"g", "k"});
  CHECK(many["k"].run.argv == Argv{"java", "-jar", "target/k-1.jar", "--server.port=$PORT"});
  CHECK(many["g"].build.argv == Argv{"gradle", "--quiet", "bootJar"});
}

TEST_CASE("C++: programs of one project, and libraries") {
  Looked project({{"CMakeLists.txt", "project(all CXX)\nadd_subdirectory(a)\nadd_subdirectory(lib)\n"},
                  {"a/CMakeLists.txt", "add_executable(a_tests t.cc)\nadd_executable(a-server main.cc)\n"},
                  {"lib/CMakeLists.txt", "add_library(lib x.cc)\n"}});
  REQUIRE(project.folders() == std::vector<std::string>{"a"});
  CHECK(project["a"].run.argv == Argv{"../build/a/a-server"});
}

TEST_CASE("each scaffold is recognised, and keeps its language") {
  for (const EmbeddedLanguage& language : languages()) {
    std::map<std::string, std::string> files;
    for (const EmbeddedFile& file : language.files)
      if (file.path != "service.yaml")
        files["services/x/" + std::string(file.path)] = std::string(file.content);
    Looked looked(files);
    INFO(language.name);
    REQUIRE(looked.folders() == std::vector<std::string>{"services/x"});
    CHECK(looked["services/x"].fits);
    CHECK(looked.proposal.files[1].content.find("language: " + std::string(language.name) + "\n") !=
          std::string::npos);
  }
}

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
