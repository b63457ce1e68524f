"""A full disk under the workspace."""
import ctypes
import json
import os

import pytest

from helpers.waiting import until

LIBC = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB. Mounting needs root, and not every container lets root mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    if LIBC.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=4m") != 0:
        pytest.skip(f"cannot mount a file system here: {os.strerror(ctypes.get_errno())}")
    yield folder
    LIBC.umount2(str(folder).encode(), 2)


def fill(folder):
    """Takes all that is left, to the last byte."""
    with open(folder / "filler", "wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 12, 1 << 8, 1):
            try:
                while filler.write(b"\0" * size) == size:
                    pass
            except OSError:
                pass
    assert os.statvfs(folder).f_bavail == 0


def test_a_run_goes_on_when_its_disk_is_full(small_disk, make_workspace):
    workspace = make_workspace(root=small_disk / "workspace")
    workspace.service("talker")
    workspace.detach()
    fill(small_disk)
    workspace.get("/talker/print?lines=20000")
    assert workspace.get("/talker/id").status == 200
    dropped = next(each for each in workspace.service_status("talker")["conditions"] if each["type"] == "LogsKept")
    assert dropped["code"].startswith("MSC2") and "disk" in dropped["message"], "what could not be kept is told"
    # It is supervised as before.
    first = workspace.replicas("talker")[0]["pid"]
    os.kill(first, 9)
    until(lambda: (r := workspace.replicas("talker")[0])["pid"] not in (0, first) and r["state"] == "ready", "its next life")
    workspace.msctl("scale", "talker=2", code=0)
    workspace.until_ready()
    for line in workspace.msctl("logs", "-o", "json", code=0).stdout.splitlines():
        json.loads(line)
    os.unlink(small_disk / "filler")
    workspace.get("/talker/print?lines=3")
    until(lambda: "printed line 2" in workspace.msctl("logs", code=0).stdout, "logs again")
    workspace.stop()
    workspace.detach()


def test_a_run_that_begins_on_a_full_disk(small_disk, make_workspace):
    workspace = make_workspace(root=small_disk / "workspace")
    workspace.service("a")
    before = {each: each.read_bytes() for each in workspace.root.rglob("*.yaml")}
    fill(small_disk)
    done = workspace.msctl("run", "--detach", "--gateway-port", "0", "-o", "json")
    document = json.loads(done.stdout)
    if done.returncode == 0:
        assert workspace.get("/a/id").status == 200
    else:
        assert done.returncode == 1 and document["errors"][0]["code"] == "MSC1041", document
        assert not workspace.processes()
    assert {each: each.read_bytes() for each in workspace.root.rglob("*.yaml")} == before
    workspace.stop()
    os.unlink(small_disk / "filler")
    workspace.detach()
    assert workspace.get("/a/id").status == 200


def test_a_folder_that_may_not_be_written(workspace):
    """State cannot be kept: told by a code, before anything has been started."""
    workspace.service("a")
    (workspace.root / ".msctl").write_text("a file where a folder should be")
    errors = workspace.document("run", "--detach", "--gateway-port", "0", code=1)["errors"]
    assert errors[0]["code"] == "MSC1041" and ".msctl" in errors[0]["message"]
    assert not workspace.record() and not workspace.processes()
    assert (workspace.root / ".msctl").read_text() == "a file where a folder should be"
