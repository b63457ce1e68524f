#include "tests/unit/scaffolds/adopt/looked.h"

using namespace msctl;
using namespace msctl::scaffolds;

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
