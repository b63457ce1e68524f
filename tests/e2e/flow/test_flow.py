"""From an empty folder to requests answered by several replicas, with the real toolchains: what a person does on the first day."""
import json
import os
import signal
import subprocess

import pytest

from helpers import machine
from helpers.documents import check_errors, check_status
from helpers.http import Load, request
from helpers.languages import LANGUAGES
from helpers.waiting import until
from helpers.workspace import Workspace

# Whose own tests are run here, too: the others' are run by the scaffold suite.
TESTED = ["hello-cpp", "hello-go", "hello-python"]
SERVICES = [f"hello-{language}" for language in LANGUAGES]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def flow(msctl_program, service_program, tmp_path_factory):
    """`msctl new workspace t --with` every language, and msctl inside of it."""
    parent = tmp_path_factory.mktemp("flow")
    workspace = Workspace(msctl_program, service_program, root=parent / "outside")
    (workspace.root / "msctl.yaml").unlink()
    # The toolchains' caches stay where they are: this is about msctl, not about the network.
    for name in ("HOME", "GOCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN", "GONOSUMDB", "GOSUMDB", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "CCACHE_DIR",
                 "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "MAVEN_OPTS", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if name in os.environ:
            workspace.environment[name] = os.environ[name]
    # The folder has another name each time; what the compiler makes of it is the same.
    workspace.environment |= {"CCACHE_BASEDIR": str(parent), "CCACHE_NOHASHDIR": "1"}
    workspace.msctl("new", "workspace", "t", "--with", ",".join(LANGUAGES), code=0, cwd=parent)
    workspace.root = parent / "t"
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def running(flow):
    """The run, three replicas of each service."""
    document = flow.document("run", "--detach", "--gateway-port", "0", patience=1500)
    check_status(document)
    flow.msctl("wait", "--timeout", "60s", code=0)
    flow.msctl("scale", *[f"{name}=3" for name in SERVICES], code=0)
    assert all(flow.service_status(name)["desired"] == 3 for name in SERVICES)
    flow.msctl("wait", "--timeout", "60s", code=0)
    return flow


def test_new_makes_what_it_says(flow):
    for name in [*SERVICES, "redis"]:
        assert (flow.root / "services" / name / "service.yaml").is_file()
    again = flow.msctl("new", "workspace", "t", cwd=flow.root.parent, code=1)
    assert "MSC1040" in again.stderr


def test_check_finds_no_error(flow):
    assert flow.document("check")["ok"]


def test_the_services_own_tests_pass(flow):
    report = flow.scratch / "junit.xml"
    document = flow.document("test", *TESTED, "--junit", report, patience=1500)
    assert {each["service"]: each["result"] for each in document["services"]} == {name: "passed" for name in TESTED}
    assert report.read_text().lstrip().startswith("<?xml")


def test_a_failing_test_is_named(flow):
    file = flow.root / "services/hello-go/internal/api/broken_test.go"
    file.write_text('package api\n\nimport "testing"\n\nfunc TestBroken(t *testing.T) { t.Fatal("on purpose") }\n')
    try:
        errors = check_errors(flow.document("test", "hello-go", code=1, patience=1500))
        assert errors[0]["code"] == "MSC2050" and "hello-go" in errors[0]["message"]
    finally:
        file.unlink()


def ask_all(workspace, name, path):
    """The answers to GETs until three different replicas have answered; told apart by their access logs, one line a request."""
    return [request(workspace.url(f"/{name}{path}")) for _ in range(30)]


def replicas_that_answered(workspace, name, path):
    """Replicas in whose log a request for `path` stands."""
    lines = [json.loads(line) for line in workspace.msctl("logs", name, "-o", "json", code=0).stdout.splitlines()]
    return {line["replica"] for line in lines if path in json.dumps(line)}


@pytest.mark.parametrize("name", SERVICES)
def test_what_one_replica_stores_every_replica_tells(running, name):
    made = request(running.url(f"/{name}/items"), "POST", json.dumps({"name": "teapot", "quantity": 3}), JSON)
    assert made.status == 201, made.body
    item = made.json()
    assert (item["name"], item["quantity"]) == ("teapot", 3)
    assert made.headers["location"] == f"/{name}/items/{item['id']}"
    path = f"/items/{item['id']}"
    answers = ask_all(running, name, path)
    assert {each.status for each in answers} == {200}
    assert all(each.json() == item for each in answers)
    until(lambda: len(replicas_that_answered(running, name, path)) >= 2, "the logs of at least two replicas")
    assert item["id"] in {each["id"] for each in request(running.url(f"/{name}/items")).json()["items"]}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "body, status, pointer",
    [
        ("{", 400, None),
        ('{"name": "teapot", "quantity": -1}', 422, "/quantity"),
        ('{"name": "", "quantity": 1}', 422, "/name"),
        ('{"quantity": 1}', 422, "/name"),
        ('{"name": "teapot", "quantity": 1, "colour": "red"}', 422, "/colour"),
    ],
)
def test_bad_input_gets_a_problem(running, name, body, status, pointer):
    answer = request(running.url(f"/{name}/items"), "POST", body, JSON)
    assert answer.status == status, answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status and problem["title"] and problem["type"]
    if pointer:
        assert pointer in [each["pointer"] for each in problem["errors"]]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_not_there(running, name):
    assert request(running.url(f"/{name}/items/no-such-item")).status == 404
    assert request(running.url("/nowhere")).status == 404
    assert request(running.url(f"/{name}/items"), "PATCH", "{}", JSON).status == 405


@pytest.mark.parametrize("name", SERVICES)
def test_a_replica_killed_under_load(running, name):
    made = request(running.url(f"/{name}/items"), "POST", json.dumps({"name": "kettle", "quantity": 1}), JSON).json()
    victim = running.replicas(name)[0]
    with Load(running.url(f"/{name}/items/{made['id']}"), threads=4) as load:
        until(lambda: len(load.answers) > 50, "load")
        os.kill(victim["pid"], signal.SIGKILL)
        until(lambda: any(r["restarts"] and r["state"] == "ready" for r in running.replicas(name)), "its next life")
        after = len(load.answers)
        until(lambda: len(load.answers) > after + 50, "load afterwards")
    assert len(load.failures()) <= load.threads, load.failures()[:10]
    assert not [each for each in load.answers[after:] if each[1] != 200]
    running.msctl("wait", name, "--timeout", "60s", code=0)


@pytest.mark.parametrize("name", SERVICES)
def test_a_rolling_restart_loses_nothing(running, name):
    before = {replica["pid"] for replica in running.replicas(name)}

    def renewed():
        service = running.service_status(name)
        return service["ready"] == 3 and not before & {replica["pid"] for replica in service["replicas"]}

    with Load(running.url(f"/{name}/items"), threads=3) as load:
        until(lambda: len(load.answers) > 20, "load")
        running.msctl("restart", name, code=0)
        until(renewed, "new processes")
    assert not load.failures(), load.failures()[:10]


def test_the_services_logs_are_json_with_a_trace(running):
    trace = "0af7651916cd43dd8448eb211c80319c"
    for name in SERVICES:
        request(running.url(f"/{name}/items"), headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        until(lambda: trace in running.msctl("logs", name, code=0).stdout, f"the trace in the log of {name}")


def test_curl_as_a_person_would(running):
    """The status and the body, by another client than Python's."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "-d", '{"name": "cup", "quantity": 6}', "-H", "Content-Type: application/json", running.url("/hello-go/items")],
        capture_output=True, text=True, timeout=60, check=True,
    )
    assert done.stdout.startswith("HTTP/1.1 201 ")


def test_stop_leaves_nothing(running):
    """Last in this file: it ends the run."""
    running.status()
    running.stop()
    assert not running.processes()
    assert not [port for port in running.ports if machine.listening_inodes(port)]
    assert running.status()["running"] is False
