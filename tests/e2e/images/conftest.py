"""Workspaces to build images of, registries to push them to, and podman to run them."""
import os
import shutil
import subprocess

import pytest
from imagekit.shop import Shop, commit, go_service

from helpers.registry import Registry

CONF = """[containers]
default_ulimits = ["nofile=1024:2048", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


@pytest.fixture
def shop(msctl_program, tmp_path):
    folder = tmp_path / "repository"
    go_service(folder, "orders")
    shop = Shop(msctl_program, folder)
    shop.write()
    (folder / ".gitignore").write_text(".msctl/\n")
    commit(folder)
    return shop


@pytest.fixture
def registry(tmp_path):
    made = Registry(tmp_path / "registry")
    yield made
    made.close()


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """podman with storage of its own. Calls it; `environment` is for other tools that share the storage."""
    if not shutil.which("podman"):
        pytest.skip("there is no podman")
    folder = tmp_path_factory.mktemp("podman")
    (folder / "containers.conf").write_text(CONF)
    (folder / "storage.conf").write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    environment = {"CONTAINERS_CONF": str(folder / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
                   "BUILDAH_ISOLATION": "chroot"}

    def run(*arguments, code=0):
        done = subprocess.run(["podman", *arguments], env=os.environ | environment, capture_output=True, text=True, check=False)
        assert code is None or done.returncode == code, done.stderr + done.stdout
        return done

    run.environment = environment
    yield run
    run("rm", "-fa", code=None)
    run("rmi", "-fa", code=None)
