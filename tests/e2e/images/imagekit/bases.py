"""Base images for the tests, made here: Debian packages unpacked, and what this machine runs Node.js with."""
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("MSCTL_DEV_CACHE", Path.home() / ".cache/msctl-dev")) / "image-bases"
PACKAGES = {"python": ["python3", "ca-certificates"], "java": ["openjdk-17-jre-headless"], "node": ["libstdc++6", "ca-certificates"],
            "redis": ["redis-server"]}


def mirrors():
    form = "$(CODENAME) $(REPO_URI) $(COMPONENT)"
    told = subprocess.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"], check=True, capture_output=True, text=True).stdout
    return sorted({"deb {1} {0} {2}".format(*line.split()) for line in told.splitlines() if line.startswith("bookworm ") or line.startswith("bookworm-security ")})


def archive(language):
    """The file system of a base, as a tar file; kept from run to run."""
    if not shutil.which("mmdebstrap"):
        pytest.skip("there is no mmdebstrap")
    made = CACHE / f"{language}.tar"
    if not made.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        half = CACHE / f"{language}.making.tar"
        done = subprocess.run(["mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(PACKAGES[language])}", "bookworm", half, *mirrors()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"no base can be made of Debian's packages here: {done.stderr[-300:]}")
        if language == "node":
            add_node(half)
        half.rename(made)
    return made


def add_node(path):
    """Debian 12 has an older one."""
    program = Path(shutil.which("node")).resolve()
    with tarfile.open(path, "a") as tar:
        tar.add(program, "./usr/bin/node")


def put(layout, content):
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs/sha256" / digest).write_bytes(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


def layout_of(folder, language, command=()):
    """An OCI layout with one image, "base", which starts this command; written by the test itself."""
    layout = folder / language
    (layout / "blobs/sha256").mkdir(parents=True)
    content = archive(language).read_bytes()
    path = "/usr/lib/jvm/java-17-openjdk-amd64/bin:/usr/bin:/bin"
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **put(layout, gzip.compress(content, 1, mtime=0))}
    config = {"architecture": "amd64", "os": "linux", "config": {"Env": [f"PATH={path}"]} | ({"Cmd": list(command)} if command else {}),
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(layout, json.dumps(config).encode())}, "layers": [layer]}
    described = {"mediaType": manifest["mediaType"], **put(layout, json.dumps(manifest).encode()), "annotations": {"org.opencontainers.image.ref.name": "base"}}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [described]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return layout
