"""Each language's own build works through another registry, over plain HTTP, on a machine whose caches are empty and which reaches
nothing else. C++ takes its libraries from Debian, by whatever sources apt has."""
import os
import shutil
from pathlib import Path

import pytest

from helpers.languages import LANGUAGES, ROOT
from helpers.mirror import Mirror, run

MADE = {"build", "target", "node_modules", ".venv", "dist", ".msctl"}


@pytest.fixture
def mirror():
    made = Mirror()
    yield made
    made.close()


def environment(home):
    """Of a machine that knows nothing yet, and reaches nothing but what is on itself."""
    home.mkdir()
    closed = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "GOROOT") if name in os.environ}
    return {**kept, **closed, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1", "HOME": str(home), "LANG": "C.UTF-8"}


def project(language, folder):
    return Path(shutil.copytree(ROOT / "scaffolds/languages" / language / "template", folder, ignore=shutil.ignore_patterns(*MADE)))


def test_python_installs_through_another_index(mirror, tmp_path):
    here = project("python", tmp_path / "service")
    expected = mirror.python(here, tmp_path)
    run(["python3", "bootstrap.py", "--dev"], here, environment(tmp_path / "home") | {"PIP_INDEX_URL": f"{mirror.url}/pip/simple/", "PIP_CONFIG_FILE": os.devnull})
    assert expected and expected <= mirror.served
    run([".venv/bin/python", "-c", "import fastapi, pytest, redis, uvicorn"], here)


def test_node_installs_through_another_registry(mirror, tmp_path):
    here = project("node", tmp_path / "service")
    (tmp_path / "scratch").mkdir()
    expected = mirror.node(here, tmp_path / "scratch")
    run(["node", "build.mjs"], here, environment(tmp_path / "home") | {"npm_config_registry": f"{mirror.url}/npm/"})
    assert expected and expected <= mirror.served
    assert (here / "dist/main.js").is_file()


def test_go_builds_through_another_proxy(mirror, tmp_path):
    here = project("go", tmp_path / "service")
    expected = mirror.go(here, tmp_path)
    compiled = run(["go", "env", "GOCACHE"], here).strip()  # what was compiled is not what is fetched
    modules = tmp_path / "modules"
    own = {"GOPROXY": f"{mirror.url}/go", "GOSUMDB": "off", "GOMODCACHE": str(modules), "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local", "GOCACHE": compiled}
    run(["go", "build", "-trimpath", "-buildvcs=false", "-o", "bin/service", "./cmd/service"], here, environment(tmp_path / "home") | own)
    assert expected and expected <= mirror.served
    assert (here / "bin/service").is_file()


def test_rust_fetches_through_another_registry(mirror, tmp_path):
    here = project("rust", tmp_path / "service")
    (tmp_path / "scratch").mkdir()
    expected = mirror.rust(here, tmp_path / "scratch")
    home = tmp_path / "cargo"
    home.mkdir()
    (home / "config.toml").write_text(f'[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+{mirror.url}/cargo/"\n')
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    own = environment(tmp_path / "home") | {"CARGO_HOME": str(home), "RUSTUP_HOME": rustup}
    run(["cargo", "fetch", "--locked"], here, own)
    assert expected and expected <= mirror.served
    # All that a build takes is there, and the lock file is content with it.
    run(["cargo", "metadata", "--locked", "--offline", "--format-version", "1"], here, own)


def test_java_builds_through_another_repository(mirror, tmp_path):
    here = project("java", tmp_path / "service")
    mirror.java(here, tmp_path)
    home = environment(tmp_path / "home")
    (tmp_path / "home/.m2").mkdir()
    (tmp_path / "home/.m2/settings.xml").write_text(f"<settings><mirrors><mirror><id>other</id><mirrorOf>*</mirrorOf><url>{mirror.url}/maven/</url></mirror></mirrors></settings>")
    run(["sh", "build.sh"], here, home | {"MAVEN_OPTS": f"-Duser.home={tmp_path / 'home'}"})
    assert (here / "target/service.jar").is_file()
    fetched = {f"/maven/{file.relative_to(tmp_path / 'home/.m2/repository')}" for file in (tmp_path / "home/.m2/repository").rglob("*.jar")}
    assert len(fetched) > 50 and fetched <= mirror.served


def test_a_language_with_a_registry_is_not_forgotten():
    assert {each for each in LANGUAGES if not (ROOT / "scaffolds/languages" / each / "template/debian-packages.txt").exists()} == {"go", "java", "node", "python", "rust"}
