"""The six services of the example as images: run by podman as nobody, without writing, behind the gateway; the same digests
elsewhere; lists of their parts for validators."""
import json
import os
import shutil
import subprocess

import pytest
import yaml
from imagekit.bases import layout_of
from imagekit.shop import commit
from imagekit.tools import start, take
from test_attach import TOOLS, validate

from helpers.languages import ROOT
from helpers.registry import free_port
from helpers.waiting import until

SERVICES = ("catalogue", "inventory", "notifications", "orders", "payments", "shipping")
MADE = ("build", ".venv", "bin", "target", "node_modules", "dist", ".msctl", "__pycache__", ".schemathesis")


def copy_of_shop(folder, bases):
    shutil.copytree(ROOT / "examples/shop", folder, ignore=shutil.ignore_patterns(*MADE), copy_function=shutil.copy)
    settings = yaml.safe_load((folder / "msctl.yaml").read_text())
    settings["pipelines"] = {"images": {"bases": {name: f"oci:{layout}:base" for name, layout in bases.items()}}}
    (folder / "msctl.yaml").write_text(yaml.safe_dump(settings))
    with (folder / ".gitignore").open("a") as ignored:
        ignored.write(".msctl/\n")
    commit(folder)
    return folder


def build(program, folder, *arguments, **environment):
    # The base has Debian's Python: with a newer one requirements may be left out that this one needs.
    own = folder.parent / "debian"
    own.mkdir(exist_ok=True)
    if not (own / "python3").exists():
        (own / "python3").symlink_to("/usr/bin/python3")
    inherited = {**os.environ, "PATH": f"{own}:{os.environ['PATH']}"}
    done = subprocess.run([program, "build", "-o", "json", *arguments], cwd=folder, capture_output=True, text=True, timeout=3600, check=False, env={**inherited, **environment})
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    return {each["service"]: each for each in json.loads(done.stdout)["images"]}


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    return {language: layout_of(folder, language) for language in ("python", "node", "java")}


@pytest.fixture(scope="module")
def built(msctl_program, tmp_path_factory, bases):
    folder = copy_of_shop(tmp_path_factory.mktemp("images") / "shop", bases)
    images = build(msctl_program, folder, "--sbom", "spdx,cyclonedx")
    assert set(images) == set(SERVICES)
    return folder, images


def test_dependencies_and_the_service_are_layers_apart(built):
    folder, images = built
    for name, image in images.items():
        manifest = json.loads((folder / ".msctl/images/blobs/sha256" / image["digest"][7:]).read_text())
        own = {"catalogue": 2, "inventory": 3, "notifications": 3, "orders": 1, "payments": 3, "shipping": 2}
        assert len(manifest["layers"]) == own[name], name


def test_validators_take_the_lists_of_six_languages(built):
    folder, _ = built
    documents = sorted((folder / ".msctl/images/attached").glob("*.json"))
    assert len(documents) == 12
    known = {"catalogue": "libhiredis", "inventory": "fastapi", "notifications": "fastify", "orders": "go-redis", "payments": "pkg:maven/", "shipping": "axum"}
    for each in documents:
        assert known[each.name.split(".")[0]] in each.read_text(), each.name
    assert (TOOLS / "python/bin/python").exists(), "the validators are not there: ./dev test images installs them"
    for each in documents:
        validate(TOOLS / "python/bin/python", each)


def needs_of(name, ports):
    settings = yaml.safe_load((ROOT / "examples/shop/services" / name / "service.yaml").read_text())
    return {f"{need.upper()}_URL": f"{'redis' if need == 'redis' else 'http'}://127.0.0.1:{ports[need]}" for need in settings.get("needs", [])}


def test_they_serve_behind_the_gateway_as_nobody_without_writing(built, podman, msctl_program, tmp_path):
    folder, _ = built
    ports = {name: free_port() for name in (*SERVICES, "redis", "gateway")}
    started = [subprocess.Popen(["redis-server", "--port", str(ports["redis"]), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)]
    try:
        pulled = {name: take(podman, folder / ".msctl/images", name) for name in SERVICES}
        config = subprocess.run([msctl_program, "gateway", "config"], cwd=folder, check=True, capture_output=True, text=True).stdout
        settings = yaml.safe_load(config)
        settings["listeners"] = [{"address": f"127.0.0.1:{ports['gateway']}"}]
        settings["upstreams"] = {name: {"endpoints": [f"127.0.0.1:{ports[name]}"]} for name in SERVICES}
        (tmp_path / "gateway.yaml").write_text(yaml.safe_dump(settings))
        shutil.copytree(folder / "keys", tmp_path / "keys")
        for name in SERVICES:
            start(podman, pulled[name], "--name", name, variables={"PORT": ports[name], **needs_of(name, ports)})
        started.append(subprocess.Popen([msctl_program, "gateway", "run", "--config", tmp_path / "gateway.yaml"], stdout=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{ports['gateway']}"
        for name in SERVICES:
            ready = ["curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{ports[name]}/health/ready"]
            until(lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0, f"{name} is ready: {podman('logs', name, code=None).stderr[-500:]}", 90)
        until(lambda: subprocess.run(["curl", "-fsS", "-o", "/dev/null", f"{url}/catalogue/items"], capture_output=True, check=False).returncode == 0, "the gateway serves", 30)
        walked = subprocess.run([ROOT / "examples/shop/walk", url], capture_output=True, text=True, timeout=120, check=False)
        assert walked.returncode == 0, walked.stdout + walked.stderr
        for name in SERVICES:
            assert podman("inspect", "--format", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}", name).stdout.strip() == "65532:65532 true"
    finally:
        podman("rm", "-fa", code=None)
        for each in started:
            each.terminate()
            each.wait()


def test_the_same_digests_elsewhere(built, bases, msctl_program, tmp_path):
    _, images = built
    folder = copy_of_shop(tmp_path / "quite/another/place", bases)
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9), follow_symlinks=False)
    again = build(msctl_program, folder, TZ="Asia/Tokyo", XDG_CACHE_HOME=str(tmp_path / "cache"), CCACHE_DISABLE="1")
    assert {name: image["digest"] for name, image in again.items()} == {name: image["digest"] for name, image in images.items()}
