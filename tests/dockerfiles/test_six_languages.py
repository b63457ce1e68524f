"""The generated Dockerfiles of the six languages, built by buildah on bases made here, run by podman as nobody without writing,
behind the gateway: the other of the two roads (tests/e2e/images/test_shop.py is the direct one)."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from imagekit.serving import SERVICES, copy_of_shop, serve_and_walk
from imagekit.stand_ins import bring


def output_of(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def ways_to_registries(folder):
    """Where this machine's package managers fetch from, and whom they trust, for those in a build: as files, mounted."""
    folder.mkdir()
    authorities = "/etc/ssl/certs/ca-certificates.crt"
    index, registry = output_of("python3", "-m", "pip", "config", "get", "global.index-url"), output_of("npm", "config", "get", "registry")
    (folder / "pip.conf").write_text("[global]\n" + f"cert = {authorities}\n" + (f"index-url = {index}\n" if index else ""))
    (folder / "npmrc").write_text(f"cafile={authorities}\n" + (f"registry={registry}\n" if registry else ""))
    (folder / "go").write_text("".join(f"{name}={output_of('go', 'env', name)}\n" for name in ("GOPROXY", "GOSUMDB", "GONOSUMDB")))
    mounts = {"/etc/ssl/certs": "/etc/ssl/certs", folder / "pip.conf": "/etc/pip.conf", folder / "npmrc": "/root/.npmrc", folder / "go": "/root/.config/go/env"}
    for own, there in ((Path.home() / ".m2/settings.xml", "/etc/maven/settings.xml"), (Path.home() / ".cargo/config.toml", "/root/.cargo/config.toml")):
        if own.exists():
            mounts[own] = there
    return [f"{own}:{there}:ro" for own, there in mounts.items()]


@pytest.fixture(scope="module")
def built(msctl_program, podman, tmp_path_factory):
    if not shutil.which("buildah") or not shutil.which("mmdebstrap"):
        pytest.skip("there is no buildah, or no mmdebstrap")
    bring({**os.environ, **podman.environment})
    conf = Path(podman.environment["CONTAINERS_CONF"])
    mounts = ways_to_registries(tmp_path_factory.mktemp("ways") / "ways")
    conf.write_text(conf.read_text().replace("[containers]\n", f"[containers]\nvolumes = {json.dumps(mounts)}\n", 1))
    folder = copy_of_shop(tmp_path_factory.mktemp("dockerfiles") / "shop")
    subprocess.run([msctl_program, "generate", "dockerfile"], cwd=folder, check=True, capture_output=True)
    done = subprocess.run([msctl_program, "build", "--road", "dockerfile", "-o", "json"], cwd=folder, capture_output=True, text=True, timeout=3600, check=False, env={**os.environ, **podman.environment})
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    # They are for the builds alone.
    conf.write_text("\n".join(line for line in conf.read_text().splitlines() if not line.startswith("volumes")) + "\n")
    return folder, {each["service"]: each for each in json.loads(done.stdout)["images"]}


def configuration(folder, image):
    blobs = folder / ".msctl/images/blobs/sha256"
    manifest = json.loads((blobs / image["digest"][7:]).read_text())
    return json.loads((blobs / manifest["config"]["digest"][7:]).read_text())["config"]


def test_each_is_for_nobody_and_has_a_port(built):
    folder, images = built
    assert set(images) == set(SERVICES)
    for name, image in images.items():
        said = configuration(folder, image)
        assert said["User"] == "10001:10001" and list(said["ExposedPorts"]) == ["8080/tcp"], name
        assert said["WorkingDir"] == "/app" and "PORT=8080" in said["Env"], name


def test_they_serve_behind_the_gateway_as_nobody_without_writing(built, podman, msctl_program, tmp_path):
    serve_and_walk(podman, msctl_program, built[0], "10001:10001", tmp_path)
