"""Backing services by `image:`, on a real podman: started, asked, restarted, removed."""
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from helpers.waiting import until

CONF = """[containers]
default_ulimits = ["nofile=1024:2048", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


def root_of(program, folder):
    """A file system with one program of this machine and the libraries that it loads."""
    path = Path(shutil.which(program))  # the name matters: on Debian it is a link to a program of several
    listed = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    files = [path] + [Path(word) for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    for file in files:
        target = folder / str(file).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.resolve(), target)
    (folder / "tmp").mkdir()
    return path


@pytest.fixture
def podman(tmp_path):
    """podman with storage of its own, and the image localhost/store: a Redis. Calls podman."""
    if not shutil.which("podman"):
        pytest.skip("there is no podman")
    (tmp_path / "containers.conf").write_text(CONF)
    (tmp_path / "storage.conf").write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/graph"\nrunroot = "{tmp_path}/run"\n')
    environment = {"CONTAINERS_CONF": str(tmp_path / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(tmp_path / "storage.conf")}

    def run(*arguments, code=0):
        done = subprocess.run(["podman", *arguments], env=os.environ | environment, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, done.stderr
        return done

    root = tmp_path / "root"
    program = root_of("redis-server", root)
    subprocess.run(["tar", "-C", root, "-cf", tmp_path / "root.tar", "."], check=True)
    command = json.dumps([str(program), "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""])
    tried = run("import", "--change", f"CMD {command}", str(tmp_path / "root.tar"), "localhost/store:1", code=None)
    if tried.returncode == 0:
        tried = run("run", "--rm", "-p", "127.0.0.1::6379", "localhost/store:1", str(program), "--version", code=None)
    if tried.returncode != 0:  # within a container or a chroot, say
        pytest.skip(f"podman runs no container here: {tried.stderr.strip()[-200:]}")
    run.environment = environment
    yield run
    run("rm", "-fa")
    run("rmi", "-fa")


def ping(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"PING\r\n")
        return sock.recv(100)


def test_a_backing_service_from_an_image(workspace, podman):
    workspace.environment.update(podman.environment)
    folder = workspace.root / "services" / "store"
    folder.mkdir(parents=True)
    (folder / "service.yaml").write_text("service: store\nimage: localhost/store:1\nimagePort: 6379\nscheme: redis\n")
    workspace.service("a", needs=["store"])
    workspace.detach()
    [replica] = workspace.replicas("store")
    until(lambda: ping(replica["port"]) == b"+PONG\r\n", "the store answers")
    [name] = podman("ps", "--format", "{{.Names}}").stdout.split()
    podman("kill", name)
    until(lambda: workspace.replicas("store")[0]["restarts"] == 1 and workspace.replicas("store")[0]["state"] == "ready", "it is started again")
    until(lambda: ping(workspace.replicas("store")[0]["port"]) == b"+PONG\r\n", "it answers again")
    workspace.stop()
    assert podman("ps", "-a", "-q").stdout == ""
