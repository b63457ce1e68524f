"""The example workspace, on its real toolchains: each service's own tests, and an order walked through all of them."""
import json
import shutil
import subprocess
import sys

import pytest

from test_scaffold import ROOT, msctl

SERVICES = ("catalogue", "inventory", "notifications", "orders", "payments", "shipping")
MADE = ("build", ".venv", "bin", "target", "node_modules", "dist", ".msctl", "__pycache__")


@pytest.fixture(scope="module")
def example(msctl_program, tmp_path_factory):
    copy = tmp_path_factory.mktemp("example") / "shop"
    shutil.copytree(ROOT / "examples/shop", copy, ignore=shutil.ignore_patterns(*MADE))
    msctl(msctl_program, copy, "check")
    return copy


def results(document):
    return {each["service"]: each["result"] for each in document["services"]}


def test_its_services_pass_their_own_tests(msctl_program, example):
    document = json.loads(msctl(msctl_program, example, "test", "-o", "json").stdout)
    assert results(document) == {name: "passed" for name in SERVICES}


def test_its_services_pass_through_the_gateway_and_keep_no_state(msctl_program, example):
    document = json.loads(msctl(msctl_program, example, "test", "--integration", "--contract", "--stateless", "-o", "json").stdout)
    assert results(document) == {name: "passed" for name in SERVICES}


def test_the_walk_repeated(msctl_program, example):
    started = msctl(msctl_program, example, "run", "--detach", "--gateway-port", "0")
    try:
        url = json.loads(msctl(msctl_program, example, "status", "-o", "json").stdout)["gateway"]["url"]
        for _ in range(2):
            walk = subprocess.run([sys.executable, "walk", url], cwd=example, capture_output=True, text=True, check=False)
            assert walk.returncode == 0 and "is on its way" in walk.stdout, f"{walk.stdout}\n{walk.stderr}\n{started.stderr}"
        msctl(msctl_program, example, "scale", "orders=2", "shipping=2", "payments=2")
        msctl(msctl_program, example, "wait")
        walk = subprocess.run([sys.executable, "walk", url], cwd=example, capture_output=True, text=True, check=False)
        assert walk.returncode == 0, walk.stderr
    finally:
        msctl(msctl_program, example, "stop")
