"""The example workspace, on its real toolchains: each service's own tests, and an order walked through all of them."""
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from http.client import HTTPResponse
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename
from prometheus_client.parser import text_string_to_metric_families

from helpers.http import request
from helpers.languages import ROOT
from helpers.waiting import until
from test_scaffold import msctl

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


@pytest.fixture(scope="module")
def running(msctl_program, example):
    msctl(msctl_program, example, "run", "--detach", "--gateway-port", "0")
    yield example
    msctl(msctl_program, example, "stop")


def status(program, example):
    return json.loads(msctl(program, example, "status", "-o", "json").stdout)


def walk(program, example):
    url = status(program, example)["gateway"]["url"]
    done = subprocess.run([sys.executable, "walk", url], cwd=example, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "is on its way" in done.stdout, f"{done.stdout}\n{done.stderr}"


def test_the_walk_repeated_and_with_replicas(msctl_program, running):
    walk(msctl_program, running)
    walk(msctl_program, running)
    msctl(msctl_program, running, "scale", "orders=2", "shipping=2", "payments=2")
    msctl(msctl_program, running, "wait", "--timeout", "60s")
    walk(msctl_program, running)


def service_lines(program, example, name):
    """A service's log, each line the JSON that the service itself wrote."""
    lines = [json.loads(line) for line in msctl(program, example, "logs", name, "-o", "json").stdout.splitlines()]
    return [json.loads(line["text"]) for line in lines if line["stream"] == "stdout"]


def test_one_trace_joins_the_logs_of_all_six(msctl_program, running):
    url = status(msctl_program, running)["gateway"]["url"]
    trace = secrets.token_hex(16)
    headers = {"Content-Type": "application/json", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}

    def post(path, body=None):
        answer = request(url + path, "POST", json.dumps(body) if body else None, headers)
        assert answer.status in (200, 201), answer.body
        return answer.json()

    name = f"cup {trace}"
    post("/catalogue/items", {"name": name, "quantity": 1, "price": 100})
    post("/inventory/items", {"name": name, "quantity": 1})
    order = post("/orders/items", {"name": name, "quantity": 1})["id"]
    bill = post(f"/orders/items/{order}/checkout", {"address": "Harbour Street 1", "recipient": "ann@example.com"})
    post(f"/shipping/items/{bill['shipment']}/dispatch")

    asked = {"inventory": "/reservations", "catalogue": "/items", "orders": "/checkout", "payments": "/items", "shipping": "/items", "notifications": "/items"}
    for service, path in asked.items():
        def joined(service=service, path=path):
            return [line for line in service_lines(msctl_program, running, service) if line.get("trace_id") == trace and path in line.get("path", "")]
        until(joined, f"the trace in the log of {service}")
        assert all(line["service"] == service and line["level"] == "info" and "time" in line for line in joined())


def test_the_metrics_of_all_six_are_prometheus_own(msctl_program, running):
    walk(msctl_program, running)
    for service in status(msctl_program, running)["services"]:
        if service["name"] not in SERVICES:
            continue
        answer = request(f"http://127.0.0.1:{service['replicas'][0]['port']}/metrics")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
        families = {family.name: family for family in text_string_to_metric_families(answer.body.decode())}
        histograms = [family for family in families.values() if family.type == "histogram" and "request" in family.name]
        assert histograms and all(sample.value >= 0 for sample in histograms[0].samples), (service["name"], sorted(families))


@pytest.mark.skipif("PROMTOOL" not in os.environ, reason="./dev test installs promtool and sets PROMTOOL")
def test_promtool_finds_nothing_in_the_metrics_of_all_six_and_of_the_gateway(msctl_program, running):
    walk(msctl_program, running)
    now = status(msctl_program, running)
    texts = {"gateway": over_unix(now["gateway"]["adminSocket"], "/metrics")}
    for service in now["services"]:
        if service["name"] in SERVICES:
            texts[service["name"]] = request(f"http://127.0.0.1:{service['replicas'][0]['port']}/metrics").body
    assert set(texts) == {"gateway", *SERVICES} and b"msctl_gateway_requests_total{" in texts["gateway"]
    found = {}
    for name, text in texts.items():
        done = subprocess.run([os.environ["PROMTOOL"], "check", "metrics"], input=text, capture_output=True, check=False)
        if done.returncode != 0 or done.stdout or done.stderr:
            found[name] = (done.stdout + done.stderr).decode()
    assert found == {}


def over_unix(path, target):
    """The body of a GET on a socket in the file system."""
    with socket.socket(socket.AF_UNIX) as each:
        each.connect(path)
        each.sendall(f"GET {target} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
        answer = HTTPResponse(each)
        answer.begin()
        assert answer.status == 200
        return answer.read()


@pytest.mark.parametrize("name", SERVICES)
def test_schemathesis_finds_no_answer_that_the_document_does_not_allow(msctl_program, running, tmp_path, name):
    port = next(each for each in status(msctl_program, running)["services"] if each["name"] == name)["replicas"][0]["port"]
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", running / "services" / name / "openapi.yaml", "--url", f"http://127.0.0.1:{port}",
         "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )
    assert done.returncode == 0 and "passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("document", [*sorted((ROOT / "scaffolds/languages").glob("*/template/openapi.yaml")), *sorted((ROOT / "examples").glob("*/services/*/openapi.yaml"))],
                         ids=lambda path: path.parent.name if path.parent.name != "template" else path.parent.parent.name)
def test_the_documents_are_valid_openapi(document):
    content, _ = read_from_filename(str(document))
    assert content["openapi"].startswith("3.1.")
    validate(content)
