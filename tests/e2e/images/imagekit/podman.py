"""podman with a storage of its own."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CONF = """[containers]
default_ulimits = ["nofile=1024:2048", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


def driver_for(folder):
    """overlay, which copies nothing, where it works: not on a file system that is one itself."""
    tried = ["buildah", "--storage-driver", "overlay", "--root", folder / "try/graph", "--runroot", folder / "try/run", "from", "scratch"]
    worked = shutil.which("buildah") and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return "overlay" if worked else "vfs"


def unmount_below(folder):
    """overlay mounts its own folder, and leaves what a container that was killed had mounted."""
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((each for each in points if each.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "-l", point], check=False)


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """podman with storage of its own. Calls it; `environment` is for other tools that share the storage."""
    if not shutil.which("podman"):
        pytest.skip("there is no podman")
    folder = tmp_path_factory.mktemp("podman")
    (folder / "containers.conf").write_text(CONF)
    (folder / "storage.conf").write_text(f'[storage]\ndriver = "{driver_for(folder)}"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
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
    unmount_below(folder)
