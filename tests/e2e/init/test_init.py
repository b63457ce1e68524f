"""`msctl init` in repositories that know nothing of msctl."""
import json
import os
import pty
import resource
import select
import signal
import subprocess
import time

import pytest

from helpers.adoption import GO_MAIN, document, msctl, service, tree, write

POM = "<project><modelVersion>4.0.0</modelVersion>{}</project>"
POLYGLOT = {
    # Go, with a library beside it.
    "services/orders/go.mod": "module example.com/orders\n\ngo 1.22\n",
    "services/orders/main.go": GO_MAIN,
    "services/orders/Dockerfile": "ARG GO=1.22\nFROM golang:${GO} AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /orders .\n\nFROM scratch\nENV HTTP=8080\nCOPY --from=build /orders /orders\nEXPOSE ${HTTP}\nHEALTHCHECK --interval=5s CMD wget -qO- \\\n  http://localhost:8080/healthz || exit 1\nENTRYPOINT [\"/orders\"]\n",
    "libs/money/go.mod": "module example.com/money\n\ngo 1.22\n",
    "libs/money/money.go": "package money\n",
    # Node.js, in a workspace of npm, with a library.
    "web/package.json": '{\n  "private": true,\n  "workspaces": ["packages/*"],\n  "scripts": {"start": "npm start -w packages/shop"}\n}\n',
    "web/package-lock.json": "{}\n",
    "web/packages/shop/package.json": '{\n  "name": "@x/shop",\n  "scripts": {\n    "build": "tsc",\n    "start": "node server.js",\n    "test": "node --test"\n  },\n  "dependencies": {"@x/ui": "*"}\n}\n',
    "web/packages/shop/server.js": 'require("http").createServer((q, r) => r.end("shop")).listen(process.env.PORT)\n',
    "web/packages/ui/package.json": '{"name": "@x/ui", "main": "index.js", "scripts": {"test": "echo \\"Error: no test specified\\""}}\n',
    "web/packages/ui/index.js": "module.exports = {}\n",
    # Java, of several modules.
    "java/pom.xml": POM.format("<groupId>x</groupId><artifactId>parent</artifactId><version>1.2</version><packaging>pom</packaging><modules><module>common</module><module>billing</module></modules>"),
    "java/common/pom.xml": POM.format("<parent><artifactId>parent</artifactId><version>1.2</version></parent><artifactId>common</artifactId>"),
    "java/common/src/main/java/x/Money.java": "package x;\nclass Money {}\n",
    "java/billing/pom.xml": POM.format("<parent><artifactId>parent</artifactId><version>1.2</version></parent><artifactId>billing</artifactId><build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"),
    "java/billing/src/main/java/x/Application.java": "package x;\npublic class Application { public static void main(String[] a) {} }\n",
    # Rust, a workspace of Cargo.
    "rust/Cargo.toml": '[workspace]\nmembers = ["stock", "core"]\n',
    "rust/stock/Cargo.toml": '[package]\nname = "stock-server"\nversion = "0.1.0"\n',
    "rust/stock/src/main.rs": 'fn main() { let _ = std::env::var("PORT"); }\n',
    "rust/core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
    "rust/core/src/lib.rs": "",
    # Python.
    "services/Mail_Sender/requirements.txt": "# what it needs\nflask==3.0\n",
    "services/Mail_Sender/app.py": 'from flask import Flask\n\napp = Flask(__name__)\n',
    "services/Mail_Sender/Dockerfile": 'FROM python:3.12\nEXPOSE 5000\nCMD ["gunicorn", "-b", "0.0.0.0:5000", "app:app"]\n',
    # C++, and a library.
    "cpp/gauge/CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(gauge CXX)\nadd_library(meter meter.cc)\nadd_executable(gauge_tests t.cc)\nadd_executable(gauge main.cc)\n",
    "cpp/gauge/main.cc": '#include <cstdlib>\nint main() { return std::getenv("HTTP_PORT") == nullptr; }\n',
    "cpp/meter/CMakeLists.txt": "project(meter)\nadd_library(meter meter.cc)\n",
    "docker-compose.yml": """name: Polyglot
x-common: &common
  restart: always
services:
  orders:
    <<: *common
    build: ./services/orders
    ports: ["127.0.0.1:18080:8080"]
    environment:
      PORT: "8080"
      LOG_LEVEL: ${LOG_LEVEL-info}
      MAIL_SENDER_URL: http://mail:5000
      DB_HOST: db
      DB_PORT: "5432"
      CACHE: redis://cache:6379/1
      STRIPE_KEY: sk_live_0123456789abcdef
      DATABASE_URL: postgres://shop:hunter2@db:5432/shop
    depends_on: {cache: {condition: service_started}, db: {condition: service_healthy}}
  mail:
    build: {context: services/Mail_Sender}
    environment: [SMTP_HOST=smtp.example, SMTP_PASSWORD]
    depends_on: [cache]
  shop:
    build: web/packages/shop
    depends_on: [orders]
  cache:
    image: redis:7-alpine
  db:
    image: postgres:16
    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: hunter2}
    volumes: [data:/var/lib/postgresql/data]
  proxy:
    image: nginx:1.25
    ports: ["80:80"]
volumes: {data: {}}
""",
    # What is no service.
    "node_modules/x/package.json": '{"scripts": {"start": "x"}}',
    "services/orders/vendor/y/go.mod": "module y\n",
    "tests/load/package.json": '{"scripts": {"start": "x"}}',
    "tools/lint/package.json": '{"name": "lint"}',
    "old/.hidden/go.mod": "module h\n",
}


@pytest.fixture
def polyglot(tmp_path):
    return write(tmp_path / "polyglot", POLYGLOT)


def test_a_repository_of_six_languages(msctl_program, polyglot):
    found = document(msctl_program, polyglot, "--dry-run")
    assert found["ok"] and not found["written"] and found["workspace"] == "polyglot"
    assert [(each["name"], each["folder"], each["language"]) for each in found["services"] if each["kind"] == "service"] == [
        ("billing", "java/billing", "java"),
        ("gauge", "cpp/gauge", "cpp"),
        ("mail-sender", "services/Mail_Sender", "python"),
        ("orders", "services/orders", "go"),
        ("shop", "web/packages/shop", "node"),
        ("stock", "rust/stock", "rust"),
    ]
    assert [(each["name"], each["image"], each["port"]["value"], each["scheme"]) for each in found["services"] if each["kind"] == "backing"] == [
        ("cache", "redis:7-alpine", 6379, "redis"),
        ("db", "postgres:16", 5432, "postgres"),
    ]
    orders = service(found, "orders")
    assert orders["port"] == {"value": 8080, "file": "services/orders/Dockerfile", "line": 10}
    assert orders["portBy"] == {"how": "PORT", "variable": "PORT", "file": "docker-compose.yml", "line": 10}
    assert orders["health"] == {"ready": "/healthz", "file": "services/orders/Dockerfile", "line": 11}
    assert {each["name"] for each in orders["needs"]} == {"cache", "db", "mail-sender"}
    assert {each["name"] for each in orders["secrets"]} == {"STRIPE_KEY", "DATABASE_URL"}
    assert [(each["name"], each["value"]) for each in orders["env"]] == [("LOG_LEVEL", "${LOG_LEVEL:-info}")]
    run = {each["name"]: each["commands"]["run"]["argv"] for each in found["services"] if each["kind"] == "service"}
    assert run == {
        "billing": ["java", "-jar", "target/billing-1.2.jar", "--server.port=$PORT"],
        "gauge": ["env", "HTTP_PORT=$PORT", "./build/gauge"],
        "mail-sender": [".venv/bin/gunicorn", "-b", "0.0.0.0:$PORT", "app:app"],
        "orders": ["./bin/orders"],
        "shop": ["npm", "start"],
        "stock": ["../target/release/stock-server"],
    }
    builds = {each["name"]: each["commands"]["build"]["argv"] for each in found["services"] if each["kind"] == "service"}
    assert builds["orders"] == ["go", "build", "-o", "bin/orders", "."]
    assert builds["stock"] == ["cargo", "build", "--release", "--quiet", "--target-dir", "../target"]
    assert builds["shop"] == ["sh", "-c", "flock ../../package.json npm install --no-audit --no-fund && npm run build"]
    assert builds["billing"] == ["flock", "../pom.xml", "mvn", "--quiet", "--file", "../pom.xml", "--projects", "billing", "--also-make", "-DskipTests", "package"]
    assert service(found, "shop")["commands"]["run"] == {"argv": ["npm", "start"], "file": "web/packages/shop/package.json", "line": 5}
    told = [each["message"] for each in found["warnings"]]
    assert len(told) == 2 and "DATABASE_URL" in told[0] and "volumes" in told[1]
    text = json.dumps(found)
    assert "hunter2" not in text and "sk_live" not in text


def test_what_is_written_is_sound(msctl_program, polyglot):
    before = tree(polyglot)
    msctl(msctl_program, polyglot, "init", "--yes")
    after = tree(polyglot)
    assert {path: after[path] for path in before} == before
    assert sorted(path for path, content in after.items() if path not in before and content is not None) == [
        "cpp/gauge/service.yaml",
        "java/billing/service.yaml",
        "msctl.yaml",
        "rust/stock/service.yaml",
        "services/Mail_Sender/service.yaml",
        "services/cache/service.yaml",
        "services/db/service.yaml",
        "services/orders/service.yaml",
        "web/packages/shop/service.yaml",
    ]
    checked = json.loads(msctl(msctl_program, polyglot, "check", "-o", "json").stdout)
    assert checked["services"] == ["billing", "cache", "db", "gauge", "mail-sender", "orders", "shop", "stock"]
    assert "hunter2" not in "".join(content.decode() for path, content in after.items() if path.endswith("service.yaml"))
    assert json.loads(msctl(msctl_program, polyglot, "init", "-o", "json", code=1).stdout)["errors"][0]["code"] == "MSC1044"


def test_nothing_is_written_without_a_yes(msctl_program, polyglot):
    before = tree(polyglot)
    shown = msctl(msctl_program, polyglot, "init", code=2)
    assert "orders" in shown.stdout and "services/orders/service.yaml" in shown.stdout and "--yes" in shown.stderr
    assert document(msctl_program, polyglot, code=2)["written"] is False
    msctl(msctl_program, polyglot, "init", "--dry-run")
    assert tree(polyglot) == before


def test_a_service_that_comes_later_is_added(msctl_program, polyglot):
    msctl(msctl_program, polyglot, "init", "--yes")
    write(polyglot, {"services/late/go.mod": "module late\n", "services/late/main.go": GO_MAIN, "elsewhere/too/go.mod": "module too\n", "elsewhere/too/main.go": GO_MAIN})
    compose = polyglot / "docker-compose.yml"
    compose.write_text(compose.read_text().replace("  cache:\n", "  late:\n    build: services/late\n    environment: {STORE: redis://cache:6379}\n    depends_on: [orders]\n  cache:\n"))
    before = tree(polyglot)
    found = document(msctl_program, polyglot, "--yes")
    assert [each["path"] for each in found["files"]] == ["services/late/service.yaml"]
    assert [each["name"] for each in service(found, "late")["needs"]] == ["orders", "cache"]
    assert "CACHE_URL" in (polyglot / "services/late/service.yaml").read_text()
    assert "elsewhere/*" in json.dumps(found) or not service(found, "too")["written"]
    after = tree(polyglot)
    assert {path: after[path] for path in before} == before
    msctl(msctl_program, polyglot, "check")


# --- on a terminal ---------------------------------------------------------------------------------------------------------


def on_terminal(program, folder, answer):
    own, theirs = pty.openpty()
    process = subprocess.Popen([program, "init"], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = b""
    deadline = time.monotonic() + 60
    answered = False
    while time.monotonic() < deadline:
        if select.select([own], [], [], 0.2)[0]:
            try:
                seen += os.read(own, 4096)
            except OSError:
                break
        elif process.poll() is not None:
            break
        if not answered and b"[y/N] " in seen:
            answered = True
            if answer is None:
                process.send_signal(signal.SIGINT)
            else:
                os.write(own, answer)
    status = process.wait(timeout=60)
    os.close(own)
    return status, seen


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"\n", 1), (b"n\n", 1), (None, 130)])
def test_the_question(msctl_program, polyglot, answer, status):
    before = tree(polyglot)
    ended, seen = on_terminal(msctl_program, polyglot, answer)
    assert ended == status, seen
    assert b"write 9 files? [y/N]" in seen
    assert (tree(polyglot) == before) is (status != 0)


# --- all or nothing --------------------------------------------------------------------------------------------------------


def test_a_full_disk_changes_nothing(msctl_program, polyglot):
    before = tree(polyglot)
    # A limit on the size of files fails as a full disk does, at the first file that is larger.
    failed = msctl(msctl_program, polyglot, "init", "--yes", "-o", "json", code=1, preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))))
    assert not failed.stdout or json.loads(failed.stdout)["errors"][0]["code"] == "MSC1041"
    assert tree(polyglot) == before


def test_a_folder_that_may_not_be_written_changes_nothing(msctl_program, polyglot):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (polyglot / "services/orders").chmod(0o555)
    before = tree(polyglot)
    msctl(msctl_program, polyglot, "init", "--yes", code=1)
    assert tree(polyglot) == before


def test_ctrl_c_at_any_time_leaves_all_or_nothing(msctl_program, tmp_path):
    files = {}
    for number in range(60):
        files[f"services/s{number}/go.mod"] = "module s\n"
        files[f"services/s{number}/main.go"] = GO_MAIN
    for progress in (0, 1, 2, 10, 30, 45, 60, 61):
        folder = write(tmp_path / str(progress), files)
        before = tree(folder)
        process = subprocess.Popen([msctl_program, "init", "--yes"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # At the moment at which so many files are written, hidden or in their places.
        while process.poll() is None and len([*folder.rglob(".msctl-new-*"), *folder.rglob("service.yaml")]) < progress:
            pass
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=60)
        after = tree(folder)
        if status == 0:
            msctl(msctl_program, folder, "check")
        else:
            assert status in (130, -signal.SIGINT)
            assert after == before


# --- hostile and broken input ----------------------------------------------------------------------------------------------


def test_nothing_found_says_what_is_looked_for(msctl_program, tmp_path):
    failed = json.loads(msctl(msctl_program, tmp_path, "init", "-o", "json", code=1).stdout)
    assert failed["errors"][0]["code"] == "MSC1043"
    shown = msctl(msctl_program, tmp_path, "init", code=1).stderr
    assert "go.mod" in shown and "Dockerfile" in shown and "compose.yaml" in shown


def test_broken_files_are_told_and_the_others_count(msctl_program, tmp_path):
    folder = write(tmp_path / "broken", {
        "good/go.mod": "module good\n",
        "good/main.go": GO_MAIN,
        "node/package.json": '{\n  "scripts": {"start": "x"},,\n}\n',
        "rust/Cargo.toml": "[package\nname = 1\n",
        "java/pom.xml": "<project>\n<artifactId>x</artifact>\n</project>\n",
        "java/src/main/java/A.java": "class A { public static void main(String[] a) {} }\n",
        "compose.yaml": "services:\n  a: [b\n  c: d\n",
    })
    found = document(msctl_program, folder, "--yes")
    assert [each["name"] for each in found["services"] if each["written"]] == ["good"]
    warnings = {each["file"]: each for each in found["warnings"] if each["code"] == "MSC1045"}
    assert set(warnings) == {"node/package.json", "rust/Cargo.toml", "java/pom.xml", "compose.yaml"}
    assert warnings["node/package.json"]["line"] == 2 and warnings["node/package.json"]["column"] > 0
    assert warnings["rust/Cargo.toml"]["line"] == 1
    assert warnings["java/pom.xml"]["line"] == 2
    msctl(msctl_program, folder, "check")


def test_hostile_names_links_and_sizes(msctl_program, tmp_path):
    folder = write(tmp_path / "hostile", {"good/go.mod": "module good\n", "good/main.go": GO_MAIN, "big/Dockerfile": "FROM x\n" + "# filler\n" * 120_000 + 'EXPOSE 99\nCMD ["python3", "-m", "http.server", "99"]\n'})
    (folder / "loop").symlink_to(folder)
    (folder / "good/up").symlink_to("..")
    (folder / "outside").symlink_to("/usr")
    evil = os.path.join(os.fsencode(folder), b"a\nservice: x")
    os.makedirs(evil)
    for name, content in ((b"go.mod", b"module e\n"), (b"main.go", GO_MAIN.encode())):
        with open(os.path.join(evil, name), "wb") as out:
            out.write(content)
    write(folder, {"star[1]/go.mod": "module s\n", "star[1]/main.go": GO_MAIN, "UPPER_case/go.mod": "module u\n", "UPPER_case/main.go": GO_MAIN, "---/go.mod": "module d\n", "---/main.go": GO_MAIN})
    os.mkfifo(folder / "good/pipe.go")
    deep = folder
    for _ in range(40):
        deep = deep / "d"
    deep.mkdir(parents=True)
    found = document(msctl_program, folder, "--yes")
    names = {each["name"] for each in found["services"] if each["written"]}
    assert names == {"good", "big", "upper-case", "hostile"}
    assert service(found, "big")["port"]["line"] == 120_002
    msctl(msctl_program, folder, "check")


def test_injections_stay_text(msctl_program, tmp_path):
    """What is in files of others never becomes a line of YAML, nor a command of a shell."""
    folder = write(tmp_path / "injected", {
        "a/pom.xml": POM.format("<artifactId>x$(touch ran)</artifactId><version>1</version><build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"),
        "a/src/main/java/A.java": "class A { public static void main(String[] a) {} }\n",
        "b/Dockerfile": 'FROM x\nEXPOSE 80\nHEALTHCHECK CMD curl "http://x:80/a\\"}\\nrun: [evil]"\nCMD ["python3", "x\\nrun: [evil]", "${HOME}", "#", "yes", "$(touch ran)"]\n',
        "compose.yaml": "services:\n  b:\n    build: b\n    environment:\n      A: \"x\\nsecrets: [EVIL]\"\n      \"B C\": d\n      URL: \"$(touch ran)://cache:1/$(touch ran)\"\n      PATH_OF: \"http://cache:1/`touch ran`\"\n    depends_on: [cache, b, nothing]\n  cache:\n    image: \"redis:7\\ncommand: [evil]\"\n",
    })
    found = document(msctl_program, folder, "--yes")
    msctl(msctl_program, folder, "check")
    for file in found["files"]:
        lines = [line for line in file["content"].splitlines() if not line.startswith((" ", "#"))]
        assert not any("evil" in line.lower() and line.startswith(("secrets: [EVIL", "command: [evil", "run: [evil")) for line in lines), file["content"]
    assert not (folder / "ran").exists()


def test_clashing_names_are_told(msctl_program, tmp_path):
    files = {}
    for where in ("a/api", "b/api", "c/API"):
        files[f"{where}/go.mod"] = "module m\n"
        files[f"{where}/main.go"] = GO_MAIN
    found = document(msctl_program, write(tmp_path / "clash", files), "--yes")
    assert [each["name"] for each in found["services"]] == ["api", "b-api", "c-api"]
    assert len([each for each in found["warnings"] if "already" in each["message"]]) == 2
    msctl(msctl_program, tmp_path / "clash", "check")


def test_ten_thousand_files_are_quick(msctl_program, tmp_path):
    folder = tmp_path / "many"
    for number in range(200):
        below = folder / f"area{number % 10}/part{number}"
        below.mkdir(parents=True)
        for file in range(50):
            (below / f"f{file}.txt").touch()
    write(folder, {"area0/api/go.mod": "module m\n", "area0/api/main.go": GO_MAIN})
    msctl(msctl_program, folder, "init", "--dry-run")
    begun = time.monotonic()
    msctl(msctl_program, folder, "init", "--dry-run")
    assert time.monotonic() - begun < (5 if "dev" in str(msctl_program) else 1)


def test_a_repository_that_is_one_service(msctl_program, tmp_path):
    folder = write(tmp_path / "Solo.App", {"package.json": '{"scripts": {"start": "node ."}}', "index.js": "listen(process.env.PORT)\n", "Makefile": "build:\n\techo\nrun:\n\tnode .\ntest: build\n\tnode --test\nlint:\n\tdocker run lint\n"})
    found = document(msctl_program, folder, "--yes")
    assert [(each["name"], each["folder"]) for each in found["services"]] == [("solo-app", ".")]
    commands = found["services"][0]["commands"]
    assert commands["run"] == {"argv": ["make", "run"], "file": "Makefile", "line": 3}
    assert commands["test"]["argv"] == ["make", "test"] and commands["lint"] is None
    assert json.loads(msctl(msctl_program, folder, "check", "-o", "json").stdout)["services"] == ["solo-app"]


def test_a_service_yaml_of_kubernetes_is_not_touched(msctl_program, tmp_path):
    manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\n---\nkind: Other\n"
    folder = write(tmp_path / "k8s", {"services/api/go.mod": "module m\n", "services/api/main.go": GO_MAIN, "services/api/service.yaml": manifest, "services/web/go.mod": "module m\n", "services/web/main.go": GO_MAIN, "services/db/service.yaml": manifest})
    found = document(msctl_program, folder, "--yes")
    assert [each["name"] for each in found["services"] if each["written"]] == ["web"]
    assert (folder / "services/api/service.yaml").read_text() == manifest
    assert json.loads(msctl(msctl_program, folder, "check", "-o", "json").stdout)["services"] == ["web"]
