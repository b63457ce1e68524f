"""The archive runs wherever it is unpacked, on systems that have nothing but their C library."""
import shutil
import subprocess
import urllib.request

import pytest
from packagekit.completion import COMPLETES
from packagekit.made import ROOT

from helpers.registry import free_port
from helpers.waiting import until

PLACES = ["/opt/msctl", "/srv/some where/else"]


@pytest.fixture(params=PLACES)
def place(system, packages, tmp_path, request):
    """Where the archive is, and how a shell finds what is in it."""
    top = packages.unpack(tmp_path / "unpacked")
    there = system.root / request.param.lstrip("/")
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(top, there)
    yield request.param
    shutil.rmtree(there)


def path(place):
    return f"{place}/bin:/usr/bin:/bin"


def test_it_runs(system, place, packages):
    assert system.run("msctl", "version", PATH=path(place)).strip() == f"msctl {packages.version}"


def test_it_makes_a_workspace_and_checks_it(system, place):
    told = system.bash("rm -rf /tmp/w; mkdir /tmp/w; cd /tmp/w; msctl new workspace shop --with cpp,go,java,node,python,rust >/dev/null; cd shop; msctl check", PATH=path(place))
    assert "7 services" in told and "no errors" in told


def test_its_gateway_answers(system, place):
    port = free_port()
    (system.root / "tmp/gateway.yaml").write_text(
        f"listeners: [{{address: \"127.0.0.1:{port}\"}}]\nroutes:\n  - {{name: hello, match: {{path: /hello}}, respond: {{status: 200, body: \"it is here\"}}}}\n")
    process = subprocess.Popen(system.command("msctl", "gateway", "run", "--config", "/tmp/gateway.yaml", PATH=path(place)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answer(f"http://127.0.0.1:{port}/hello"), "the gateway") == b"it is here"
        # By a program that the system has of itself.
        assert system.run("curl", "-sf", f"http://127.0.0.1:{port}/hello") == "it is here"
    finally:
        process.kill()
        process.wait()


def answer(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read()
    except OSError:
        return None


def test_its_manual_is_found(system, place):
    assert system.run("man", "-w", "msctl-build", PATH=path(place)).strip() == f"{place}/share/man/man1/msctl-build.1"
    assert "build images of services" in system.run("man", "-P", "cat", "msctl-build", PATH=path(place))


def test_its_completion_loads(system, place):
    assert "check" in system.bash(COMPLETES, PATH=path(place), XDG_DATA_DIRS=f"{place}/share:/usr/share").split()


def test_what_is_installed_is_what_the_archive_holds(packages, tmp_path):
    top = packages.unpack(tmp_path / "archive")
    subprocess.run(["./dev", "install", "--prefix", str(tmp_path / "installed")], cwd=ROOT, check=True, capture_output=True)

    def below(folder):
        return {str(each.relative_to(folder)): each.stat().st_mode & 0o111 for each in folder.rglob("*") if not each.is_dir()}

    assert below(top) == below(tmp_path / "installed")
    assert {"bin/msctl", "share/man/man1/msctl.1", "share/doc/msctl/LICENSE", "share/bash-completion/completions/msctl", "share/zsh/site-functions/_msctl"} <= set(below(top))
