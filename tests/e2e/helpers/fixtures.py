"""Fixtures of the end-to-end tests; a conftest.py imports them."""
import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from .workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def msctl_program():
    program = Path(os.environ.get("MSCTL", ROOT / "build/dev/msctl")).resolve()
    assert program.exists(), f"{program} is not there: build the target 'msctl' of the preset dev, or set MSCTL"
    return program


@pytest.fixture(scope="session")
def service_program():
    """The misbehaving service (service.cc), compiled once for each of its versions."""
    source = Path(__file__).parent / "service.cc"
    version = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "msctl-dev"
    target = cache / f"service-{version}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        making = cache / f"service-{version}.{os.getpid()}"
        subprocess.run([os.environ.get("CXX", "g++"), "-std=c++20", "-O1", "-pthread", "-o", making, source], check=True)
        making.rename(target)
    return target


@pytest.fixture
def make_workspace(msctl_program, service_program):
    """Makes workspaces, each of which must have left nothing behind when the test ends."""
    made = []

    def make(**options):
        made.append(Workspace(msctl_program, service_program, **options))
        return made[-1]

    yield make
    problems = []
    for each in made:
        try:
            each.close()
        except Exception as problem:  # the others are to be closed, too
            problems.append(problem)
    if problems:
        raise problems[0]


@pytest.fixture
def workspace(make_workspace):
    return make_workspace()
