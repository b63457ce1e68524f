"""The control groups of a node's pods: below one of the cluster's own, in every hierarchy, so that they can be told and removed."""
import os
import time
from pathlib import Path

NAME = "msctl-test"


def hierarchies():
    """Where they are mounted: one for each controller (version 1), or one for all (version 2)."""
    found = []
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup":
            found.append((Path(where), options.split(",")))
        elif kind == "cgroup2" and where == "/sys/fs/cgroup":
            found.append((Path(where), []))
    return found


def create():
    for where, options in hierarchies():
        folder = where / NAME
        folder.mkdir(exist_ok=True)
        if "cpuset" in options:
            # Empty at first; nothing could run in it.
            for name in ("cpuset.cpus", "cpuset.mems"):
                (folder / name).write_text((where / name).read_text())
        if (where / "cgroup.controllers").exists():
            for each in (where / "cgroup.controllers").read_text().split():
                for parent in (where, folder):
                    (parent / "cgroup.subtree_control").write_text(f"+{each}")


def left():
    return [where / NAME for where, _ in hierarchies() if (where / NAME).exists()]


def remove(patience=20):
    """From the leaves to the root. A group is busy for a moment after its last process has ended."""
    deadline = time.monotonic() + patience
    while True:
        problem = None
        for top in left():
            for folder, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(folder)
                except FileNotFoundError:
                    pass
                except OSError as found:
                    problem = found
        if problem is None:
            return
        if time.monotonic() > deadline:
            raise problem
        time.sleep(0.05)
