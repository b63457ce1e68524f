"""`test --integration`, `--contract` and `--stateless`: of services written here, one fault each, and of every scaffold."""
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from helpers.items_in_memory import EDITS, keep_items_in_memory
from helpers.languages import LANGUAGES
from helpers.waiting import until


SERVICE = """
import json, os, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import signal, sys
remembered = {}
shared = os.environ.get("SHARED")
def put(item):
    if shared:
        with open(os.path.join(shared, item["id"]), "w") as out: json.dump(item, out)
    else: remembered[item["id"]] = item
def get(key):
    if not shared: return remembered.get(key)
    try:
        with open(os.path.join(shared, key)) as file: return json.load(file)
    except OSError: return None
class Items(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(text), **headers}.items(): self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        if self.path == "/ready": return self.answer(200, {})
        item = get(self.path.split("/")[-1])
        self.answer(200, item) if item else self.answer(404, {"title": "none"})
    def do_POST(self):
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["name"]
        item = {"id": str(uuid.uuid4()), "name": name}
        put(item)
        self.answer(201, item, Location="/items/" + item["id"])
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Items)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server.serve_forever()
"""

TESTS = """
import json, os, sys, urllib.error, urllib.request
base = os.environ["GATEWAY_URL"] + "/" + os.environ["SERVICE_NAME"]
def call(path, body=None):
    request = urllib.request.Request(base + path, data=body and json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer: return json.load(answer)
for name in ("lamp", "table", "chair"):
    made = call("/items", {"name": name})
    try: assert call("/items/" + made["id"]) == made
    except urllib.error.HTTPError as error: sys.exit(f"{made['id']} is not there: {error.code}")
print("all items are there")
"""

DOCUMENT = """
openapi: 3.1.0
info: {title: items, version: 1.0.0}
paths:
  /ready: {get: {responses: {"200": {description: Ready.}}}}
  /items:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}}
  /items/{id}:
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
        "404": {description: None.}
components:
  schemas:
    Item: {type: object, required: [id], properties: {id: {type: string, format: uuid}, name: {type: string}}}
"""


def msctl(program, folder, *arguments, code=0):
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def document(program, folder, *arguments, code=0):
    return json.loads(msctl(program, folder, *arguments, "-o", "json", code=code).stdout)


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "msctl.yaml").write_text("workspace: t\nservices: [services/*]\n")
    (tmp_path / "shared").mkdir()

    def add(name, *, shared=True, service=SERVICE, tests=TESTS, described=DOCUMENT):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "service.py").write_text(service)
        (folder / "tests.py").write_text(tests)
        if described:
            (folder / "openapi.yaml").write_text(described)
        env = f"env: {{SHARED: {tmp_path}/shared}}\n" if shared else ""
        (folder / "service.yaml").write_text(
            f'service: {name}\nlanguage: none\nrun: ["{sys.executable}", service.py]\nintegration: ["{sys.executable}", tests.py]\n{env}'
            f"health: {{ready: /ready}}\nroutes: [{{match: {{path: /{name}/**}}, request: {{stripPrefix: /{name}}}}}]\n"
        )
        return folder

    add.root = tmp_path
    yield add
    # A service that does not end when it is asked has ten seconds before it is killed.
    until(lambda: not of_this(tmp_path), "nothing to be left running")


def of_this(folder):
    """Processes that work in the folder."""
    out = []
    for each in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(each).startswith(str(folder)):
                out.append(int(each.parent.name))
        except OSError:
            pass
    return out


def test_services_that_keep_nothing_pass_side_by_side_and_alone(msctl_program, workspace):
    workspace("first")
    workspace("second")
    report = workspace.root / "report.xml"
    told = document(msctl_program, workspace.root, "test", "--stateless", "--contract", "--junit", str(report))
    assert [(each["service"], each["result"], each["parted"], each["contract"]["findings"]) for each in told["services"]] == [
        ("first", "passed", [], []),
        ("second", "passed", [], []),
    ]
    assert told["services"][0]["contract"]["unseen"] == ["GET /ready"]
    assert [suite.get("name") for suite in ElementTree.parse(report).getroot().findall("testsuite")] == ["first", "second"]


def test_successive_requests_never_meet_the_same_replica_and_all_are_replaced(msctl_program, workspace):
    workspace("items")
    msctl(msctl_program, workspace.root, "test", "--stateless")
    lines = (workspace.root / ".msctl/tests/items/several-replicas.recording.jsonl").read_text().splitlines()
    replicas = [json.loads(line)["replica"] for line in lines]
    assert len(replicas) == 6
    assert set(replicas) == {"items-1", "items-2", "items-3"}
    # POST | GET POST | GET POST GET: the first and the second change were followed by new processes.
    for first, second in ((1, 2), (3, 4), (4, 5)):
        assert replicas[first] != replicas[second], replicas
    said = (workspace.root / ".msctl/tests/items/several-replicas.log").read_text()
    # At the beginning, after the first change and after the second, of three.
    for replica in ("items-1", "items-2", "items-3"):
        assert said.count(f"{replica} is ready after") == 3, said


def test_a_service_with_state_in_its_process_is_named_with_the_request_where_answers_parted(msctl_program, workspace):
    workspace("forgetful", shared=False)
    msctl(msctl_program, workspace.root, "test", "--integration")
    told = document(msctl_program, workspace.root, "test", "--stateless", code=1)
    assert told["errors"][0]["code"] == "MSC2052"
    service = told["services"][0]
    parted = service["parted"][0]
    assert (parted["method"], parted["form"], parted["status"], parted["withOne"]) == ("GET", "/items/{}", 404, [200])
    assert parted["madeBy"] == "POST /items"
    assert "with one replica 200" in service["output"]
    assert (workspace.root / service["folder"] / "several-replicas.recording.jsonl").exists()


def test_a_field_that_the_document_does_not_name_fails_the_contract(msctl_program, workspace):
    workspace("items", described=DOCUMENT.replace(", name: {type: string}}}\n", "}}\n"))
    told = document(msctl_program, workspace.root, "test", "--contract", code=1)
    assert told["errors"][0]["code"] == "MSC2053"
    findings = told["services"][0]["contract"]["findings"]
    assert [(each["method"], each["path"], each["status"], each["part"], each["pointer"]) for each in findings] == [
        ("POST", "/items", 201, "response", "/name"),
        ("GET", "/items/{id}", 200, "response", "/name"),
    ]
    done = msctl(msctl_program, workspace.root, "test", "--contract", code=1)
    assert "GET /items/{id} 200 response /name: is not described (3 times)" in done.stderr


def test_without_a_document_there_is_no_contract(msctl_program, workspace):
    workspace("items", described=None)
    told = document(msctl_program, workspace.root, "test", "--contract", code=1)
    assert "services/items/openapi.json" in told["errors"][0]["message"]


def test_tests_that_fail_are_shown_and_kept(msctl_program, workspace):
    workspace("items", tests="import sys; sys.exit('the lamp is broken')")
    done = msctl(msctl_program, workspace.root, "test", "--integration", code=1)
    assert "the lamp is broken" in done.stderr
    assert "exit status 1" in done.stderr
    assert ".msctl/tests/items" in done.stderr
    assert "the lamp is broken" in (workspace.root / ".msctl/tests/items/one-replica.tests.log").read_text()


def test_a_service_that_does_not_run_is_told_with_its_last_words(msctl_program, workspace):
    workspace("items", service="import sys; sys.exit('no store')")
    told = document(msctl_program, workspace.root, "test", "--integration", code=1)
    assert told["errors"][0]["code"] == "MSC2051"
    assert "no store" in (workspace.root / ".msctl/tests/items/one-replica.log").read_text()


def test_services_without_integration_tests_are_told_apart(msctl_program, workspace):
    folder = workspace("items")
    text = (folder / "service.yaml").read_text()
    (folder / "service.yaml").write_text("".join(line for line in text.splitlines(True) if not line.startswith("integration:")))
    told = document(msctl_program, workspace.root, "test", "--integration")
    assert told["services"] == [{"service": "items", "result": "none", "seconds": 0}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(msctl_program, workspace, number):
    workspace("items", tests="import os, time; open('began', 'w').close(); time.sleep(600)")
    process = subprocess.Popen([msctl_program, "test", "--integration"], cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (workspace.root / "services/items/began").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=60) == (130 if number == signal.SIGINT else -signal.SIGKILL)
    if number == signal.SIGKILL:
        # The tests themselves are the service's: a killed msctl cannot end what it had begun.
        subprocess.run(["pkill", "-9", "-f", str(workspace.root)], check=False)
        for pid in of_this(workspace.root):
            if b"tests.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def test_a_run_that_is_recorded_shows_what_the_service_saw_without_secrets(msctl_program, workspace):
    workspace("items")
    process = subprocess.Popen(
        [msctl_program, "run", "--isolated", "--record", "traffic.jsonl", "-o", "json"], cwd=workspace.root, stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "settled":
            break
    import urllib.request

    asked = urllib.request.Request(event["gateway"]["url"] + "/items/items", data=b'{"name": "lamp"}', headers={"Authorization": "Bearer secret"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        made = json.load(answer)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    text = (workspace.root / "traffic.jsonl").read_text()
    assert "secret" not in text
    exchange = json.loads(text)
    assert (exchange["method"], exchange["target"], exchange["status"], exchange["replica"]) == ("POST", "/items", 201, "items-1")
    assert exchange["request"]["body"] == '{"name": "lamp"}'
    assert json.loads(exchange["response"]["body"]) == made


# --- the scaffolds -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=LANGUAGES)
def new_service(request, msctl_program, tmp_path_factory):
    """(language, workspace, folder) of a service that was just made. The tests of a language share it, so that its toolchain
    compiles the whole once."""
    folder = tmp_path_factory.mktemp(request.param)
    msctl(msctl_program, folder, "new", "workspace", "shop")
    shop = folder / "shop"
    msctl(msctl_program, shop, "new", "service", "price-list", "--language", request.param)
    return request.param, shop, shop / "services/price-list"


def test_a_new_service_keeps_no_state_and_its_document(msctl_program, new_service):
    _, shop, _ = new_service
    told = document(msctl_program, shop, "test", "price-list", "--integration", "--contract", "--stateless")
    assert [(each["service"], each["result"]) for each in told["services"]] == [("price-list", "passed")]
    asked = (shop / ".msctl/tests/price-list/several-replicas.recording.jsonl").read_text().splitlines()
    assert len(asked) > 10


def test_a_new_service_whose_document_forgets_a_field_fails_the_contract(msctl_program, new_service):
    _, shop, folder = new_service
    described = folder / "openapi.yaml"
    whole = described.read_text()
    lines = textwrap.dedent(whole).splitlines(True)
    kept = [line for line in lines if not line.strip().startswith("quantity:")]
    assert len(kept) < len(lines)
    described.write_text("".join(kept).replace("required: [id, name, quantity]", "required: [id, name]").replace("required: [name, quantity]", "required: [name]"))
    try:
        told = document(msctl_program, shop, "test", "price-list", "--contract", code=1)
    finally:
        described.write_text(whole)
    assert told["errors"][0]["code"] == "MSC2053"
    assert any(each["pointer"].endswith("/quantity") for each in told["services"][0]["contract"]["findings"])


# The last of them: the service stays as it is then.
def test_a_new_service_that_keeps_its_items_in_memory_fails_for_its_state_alone(msctl_program, new_service):
    language, shop, folder = new_service
    if language not in EDITS:
        pytest.skip(f"tests/e2e/helpers/items_in_memory.py does not say how {language} keeps its items in its process")
    keep_items_in_memory(folder, language)
    told = document(msctl_program, shop, "test", "price-list", "--integration", "--contract")
    assert [(each["service"], each["result"]) for each in told["services"]] == [("price-list", "passed")]
    told = document(msctl_program, shop, "test", "price-list", "--stateless", code=1)
    assert told["errors"][0]["code"] == "MSC2052"
    service = told["services"][0]
    assert service["parted"]
    for parted in service["parted"]:
        assert parted["form"].startswith("/items"), parted
        assert f"{parted['method']} {parted['target']} → " in service["output"]
    assert any(parted["madeBy"] == "POST /items" for parted in service["parted"])
