"""msctl's own image: what is in it, that it runs as the cluster runs it, that it is the same wherever it is made."""
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from packagekit.made import ROOT
from test_attach import TOOLS, validate

from helpers.registry import free_port, manifest
from helpers.waiting import until


@pytest.fixture(scope="module")
def image(packages, tmp_path_factory):
    return packages.layout(tmp_path_factory.mktemp("image") / "layout")


@pytest.fixture(scope="module")
def loaded(podman, packages, image):
    """In podman's storage, by skopeo; its name there."""
    there = f"localhost/{image.name}"
    subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", f"oci-archive:{packages.image}:{image.name}", f"containers-storage:{there}"],
                   env=os.environ | podman.environment, check=True)
    return there


def test_it_is_nobodys_and_small(image, packages, tmp_path):
    config = image.config["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/usr/bin/msctl"]
    files = image.unpack(tmp_path / "files")
    assert (files / "usr/bin/msctl").read_bytes() == (packages.unpack(tmp_path / "archive") / "bin/msctl").read_bytes()
    assert (files / "etc/ssl/certs/ca-certificates.crt").read_text().count("BEGIN CERTIFICATE") > 100
    # Nothing else can be run in it.
    assert not [each for each in ("bin/sh", "usr/bin/sh", "bin/bash", "usr/bin/env") if (files / each).exists()]
    assert sum(layer["size"] for layer in image.manifest["layers"]) < 12 << 20


def test_its_lists_of_parts(packages):
    documents = [packages.one("-image.spdx.json"), packages.one("-image.cdx.json")]
    for document in documents:
        validate(TOOLS / "python/bin/python", document)
        text = document.read_text()
        # Linked statically, loaded by the program, and data.
        for name in ("libssl-dev", "libgit2-dev", "libc6", "ca-certificates"):
            assert f"pkg:deb/debian/{name}@" in text, f"{document.name}: {name}"


def test_it_is_in_the_registry_with_its_lists(registry, packages, image):
    assert registry.tags("tools/msctl") and packages.version in registry.tags("tools/msctl")
    assert manifest(registry, "tools/msctl", packages.version) == image.manifest
    # docker-registry knows no referrers: the tag that the specification has for that.
    beside = manifest(registry, "tools/msctl", image.digest.replace(":", "-"))["manifests"]
    assert {each["artifactType"] for each in beside} == {"application/spdx+json", "application/vnd.cyclonedx+json"}


def test_it_is_the_same_at_another_place_and_time(packages, image, tmp_path):
    """From the packages alone: the program is the archive's."""
    top = packages.unpack(tmp_path / "archive")
    elsewhere = tmp_path / "another/place"
    shutil.copytree(ROOT / "packaging/image", elsewhere)
    service = elsewhere / "msctl"
    shutil.copy(top / "bin/msctl", service)
    shutil.copy(top / "share/doc/msctl/LICENSE", service)
    files = image.unpack(tmp_path / "files")
    shutil.copy(files / "etc/ssl/certs/ca-certificates.crt", service)
    (service / "packages.txt").write_text("")
    for each in elsewhere.rglob("*"):
        os.utime(each, (1_000_000_000, 1_000_000_000))
    epoch = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TZ": "Pacific/Apia", "LC_ALL": "C", "SOURCE_DATE_EPOCH": epoch}
    done = subprocess.run([top / "bin/msctl", "build", "-o", "json"], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False, umask=0o077)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["images"][0]["digest"] == image.digest


class Slow:
    """An upstream that answers when it is told to."""

    def __init__(self):
        self.asked, self.go = threading.Event(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.set()
                outer.go.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"done")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.go.set()
        self.server.shutdown()


@pytest.fixture
def upstream():
    made = Slow()
    yield made
    made.close()


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.status
    except OSError:
        return None


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


def test_its_gateway_runs_as_nobody_and_drains(podman, loaded, upstream, tmp_path):
    """With the arguments and the mount of the generated Deployment."""
    port, admin = free_port(), free_port()
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "gateway.yaml").write_text(
        f"listeners: [{{address: \"127.0.0.1:{port}\"}}]\nadmin: {{address: \"127.0.0.1:{admin}\"}}\n"
        f"upstreams: {{slow: {{endpoints: [\"{upstream.address}\"]}}}}\n"
        "routes: [{name: slow, match: {path: /slow}, upstream: slow, timeout: 60s}]\n")
    for each in (tmp_path, folder):
        each.chmod(0o755)
    started = podman("run", "-d", "--network=host", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges",
                     f"--volume={folder}:/etc/msctl:ro", loaded, "gateway", "run", "--config", "/etc/msctl/gateway.yaml")
    container = started.stdout.strip()
    until(lambda: status(f"http://127.0.0.1:{admin}/health/ready") == 200, "the gateway to be ready")
    pid = int(podman("inspect", "--format", "{{.State.Pid}}", container).stdout)
    with open(f"/proc/{pid}/status") as told:
        facts = dict(line.rstrip("\n").split(":\t", 1) for line in told if ":\t" in line)
    assert facts["Uid"].split() == ["65532"] * 4 and facts["Gid"].split() == ["65532"] * 4
    assert int(facts["CapEff"], 16) == 0

    answers = []
    request = threading.Thread(target=lambda: answers.append(status(f"http://127.0.0.1:{port}/slow")))
    request.start()
    assert upstream.asked.wait(60)
    os.kill(pid, signal.SIGTERM)
    # It takes nobody new; who is there gets the answer.
    until(lambda: not accepts(port), "the gateway to take no more")
    upstream.go.set()
    request.join(60)
    assert answers == [200]
    assert podman("wait", container).stdout.strip() == "0"
