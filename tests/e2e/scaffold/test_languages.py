"""docs/languages.md, carried out: the language that it writes down, in a binary of its own, does what the shipped ones do."""
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from helpers import machine
from helpers.http import request
from helpers.languages import LANGUAGES, ROOT
from helpers.waiting import until
from helpers.workspace import Workspace

FILE = re.compile(r"^#### `([^`]+)`\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
BUILD = ROOT / "build/languages"
ITEMS = "/price-list/items"


def written_down(folder):
    """The folder of the document's language, below this one, holding exactly the document's files; its name."""
    files = {name: text for name, _, text in FILE.findall((ROOT / "docs/languages.md").read_text())}
    name = re.search(r"^language: (\S+)$", files["language.yaml"], re.MULTILINE).group(1)
    for each in sorted(folder.rglob("*"), reverse=True):
        if each.is_file() and str(each.relative_to(folder / name)) not in files:
            each.unlink()
    for path, text in files.items():
        target = folder / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # A file that is as before keeps its time: the build has nothing to do then.
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
    return name


@pytest.fixture(scope="module")
def language():
    return written_down(BUILD / "more")


def run(*command):
    environment = {"CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(ROOT), **os.environ}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def msctl_program(language):
    """msctl with that language. Of all objects only those of `scaffolds` are others, which carry the languages: they are built, and
    linked with the rest of the build that is there."""
    run("cmake", "--preset", "dev", "-B", BUILD, "-DMSCTL_TESTS=OFF", "-DMSCTL_FUZZ=OFF", "-DCMAKE_OPTIMIZE_DEPENDENCIES=ON",
        f"-DMSCTL_MORE_LANGUAGES={BUILD / 'more'}")
    run("cmake", "--build", BUILD, "--target", "scaffolds")
    link = run("ninja", "-C", ROOT / "build/dev", "-t", "commands", "msctl").splitlines()[-1]
    for before, after in ((" -o msctl ", f" -o {BUILD / 'msctl'} "), (" scaffolds/libscaffolds.a ", f" {BUILD / 'scaffolds/libscaffolds.a'} ")):
        assert link.count(before) == 1, link
        link = link.replace(before, after)
    run("sh", "-c", f"cd {ROOT / 'build/dev'} && {link}")
    return BUILD / "msctl"


@pytest.fixture(scope="module")
def shop(msctl_program, service_program, language, tmp_path_factory):
    """A new workspace with a service in that language, `price-list`."""
    parent = tmp_path_factory.mktemp("languages")
    workspace = Workspace(msctl_program, service_program, root=parent / "outside")
    (workspace.root / "msctl.yaml").unlink()
    workspace.msctl("new", "workspace", "shop", code=0, cwd=parent)
    workspace.root = parent / "shop"
    workspace.msctl("new", "service", "price-list", "--language", language, code=0)
    yield workspace
    workspace.close()


def test_it_is_one_of_the_languages(shop, language):
    assert language not in LANGUAGES
    unknown = shop.msctl("new", "service", "x", "--language", language + "x", code=64).stderr
    assert f"did you mean '{language}'" in unknown
    assert language in shop.msctl("new", "service", "--help", code=0).stdout
    assert language in json.loads(shop.msctl("schema", "service", code=0).stdout)["properties"]["language"]["enum"]
    assert (shop.root / "services/redis/service.yaml").is_file()


def test_the_new_service_is_valid_clean_and_passes_its_tests(shop):
    assert shop.document("check")["ok"]
    assert [(each["service"], each["result"]) for each in shop.document("lint")["services"]] == [("price-list", "passed")]
    assert [(each["service"], each["result"]) for each in shop.document("test")["services"]] == [("price-list", "passed")]


def test_a_finding_of_its_linter_fails(shop):
    code = shop.root / "services/price-list/store.rb"
    whole = code.read_text()
    code.write_text(whole + "\ndef unused\n  nothing = 1\nend\n")
    try:
        assert "nothing" in shop.msctl("lint", code=1).stderr
    finally:
        code.write_text(whole)


def test_it_runs_behind_the_gateway_and_ends_without_cutting_a_request(shop):
    shop.detach()
    shop.msctl("wait", "--timeout", "60s", code=0)
    made = request(shop.url(ITEMS), "POST", json.dumps({"name": "lamp", "quantity": 3}), {"Content-Type": "application/json"})
    assert made.status == 201, made.body
    item = made.json()
    assert item == {"id": item["id"], "name": "lamp", "quantity": 3}
    assert made.headers["location"] == f"{ITEMS}/{item['id']}"
    assert shop.get(made.headers["location"]).json() == item
    refused = request(shop.url(ITEMS), "POST", '{"name": ""}', {"Content-Type": "application/json"})
    assert refused.status == 422 and refused.headers["content-type"] == "application/problem+json"

    shop.msctl("scale", "price-list=2", code=0)
    shop.msctl("wait", "--timeout", "60s", code=0)
    assert {shop.get(made.headers["location"]).json()["id"] for _ in range(8)} == {item["id"]}
    lines = [json.loads(line) for line in shop.msctl("logs", "price-list", "-o", "json", code=0).stdout.splitlines()]
    logged = [json.loads(line["text"]) for line in lines if line["stream"] == "stdout"]
    assert any(line.get("status") == 201 and re.fullmatch("[0-9a-f]{32}", line["trace_id"]) for line in logged)

    stopped = [replica["pid"] for replica in shop.replicas("price-list")]
    shop.stop()
    assert not [pid for pid in stopped if machine.alive(pid)]
    shop.until_gone()


def test_sigterm_ends_it_with_0_when_its_requests_are_answered(shop):
    """Without msctl: a request whose body is still on its way when the signal comes is answered all the same."""
    port = machine.free_port()
    environment = {**shop.environment, "PORT": str(port), "REDIS_URL": f"redis://127.0.0.1:{machine.free_port()}"}
    process = subprocess.Popen(["ruby", "service.rb"], cwd=shop.root / "services/price-list", env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(process.stdout.readline())["message"] == "serving"
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(b"POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            answers = client.makefile("rb")
            # Told to go on, so it is being answered.
            assert answers.readline().startswith(b"HTTP/1.1 100 ") and answers.readline() == b"\r\n"
            process.send_signal(signal.SIGTERM)

            def refused():
                with socket.socket() as other:
                    return other.connect_ex(("127.0.0.1", port)) != 0

            until(refused, "the end of the listener")
            client.sendall(b"[]")
            assert answers.readline().startswith(b"HTTP/1.1 422 ")
        assert process.wait(timeout=60) == 0
        assert json.loads(process.stdout.read().splitlines()[-1])["message"] == "stopped"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_running_service_keeps_its_document_and_no_state(shop):
    told = shop.document("test", "--integration", "--contract", "--stateless", patience=300)
    assert [(each["service"], each["result"]) for each in told["services"]] == [("price-list", "passed")]
    assert not told["services"][0]["contract"]["findings"]
