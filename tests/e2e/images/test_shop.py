"""The six services of the example as images: run by podman as nobody, without writing, behind the gateway; the same digests
elsewhere; lists of their parts for validators."""
import json
import os
import subprocess

import pytest
from imagekit.bases import layout_of
from imagekit.serving import SERVICES, copy_of_shop, serve_and_walk
from test_attach import TOOLS, validate


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


def on(bases):
    return {"bases": {name: f"oci:{layout}:base" for name, layout in bases.items()}}


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    return {language: layout_of(folder, language) for language in ("python", "node", "java")}


@pytest.fixture(scope="module")
def built(msctl_program, tmp_path_factory, bases):
    folder = copy_of_shop(tmp_path_factory.mktemp("images") / "shop", on(bases))
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


def test_they_serve_behind_the_gateway_as_nobody_without_writing(built, podman, msctl_program, tmp_path):
    serve_and_walk(podman, msctl_program, built[0], "65532:65532", tmp_path)


def test_the_same_digests_elsewhere(built, bases, msctl_program, tmp_path):
    _, images = built
    folder = copy_of_shop(tmp_path / "quite/another/place", on(bases))
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9), follow_symlinks=False)
    again = build(msctl_program, folder, TZ="Asia/Tokyo", XDG_CACHE_HOME=str(tmp_path / "cache"), CCACHE_DISABLE="1")
    assert {name: image["digest"] for name, image in again.items()} == {name: image["digest"] for name, image in images.items()}
