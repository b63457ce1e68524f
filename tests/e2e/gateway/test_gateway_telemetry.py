"""Metrics and the access log."""

import json
import re
import socket

import pytest

from gwkit.client import get
from gwkit.load import config_for
from gwkit.message import Source, read_response
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until

ADMIN = re.compile(r"administrative interface on (?:http://)?(\S+)")


def ask_admin(gateway, page):
    address = until(lambda: ADMIN.search(gateway.said()), "the administrative interface is told").group(1)
    if address.startswith("/") or address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE)
        sock.connect(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        sock = socket.create_connection((host, int(port.rstrip("/"))), timeout=PATIENCE)
    with sock:
        sock.sendall(f"GET {page} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
        answer = read_response(Source(sock))
    assert answer.status == 200
    return answer


def scrape(gateway):
    answer = ask_admin(gateway, "/metrics")
    assert answer.fields.one("Content-Type").startswith("text/plain")
    samples = {}
    for line in answer.body.decode().splitlines():
        if line and not line.startswith("#"):
            found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)', line)
            assert found, f"not the text format: {line!r}"
            labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found.group(2) or "")))
            samples[(found.group(1), labels)] = float(found.group(3))
    return samples


def value(samples, name, **labels):
    return sum(v for (n, have), v in samples.items() if n == name and set(labels.items()) <= set(have))


def test_traffic(start_gateway, upstream, tmp_path, path):
    """What went to each upstream lately, in numbers that can be added up over gateways."""
    config = config_for(upstream, admin={"address": "127.0.0.1:0"})
    config["routes"][1]["timeout"] = "2s"
    gateway = start_gateway(config, folder=tmp_path, threads=2)

    def told():
        return json.loads(ask_admin(gateway, "/traffic").body)

    upstream.respond(path + "/503", simple_answer(b"", "503 Later"))
    for _ in range(5):
        gateway.ask(get(path))
    gateway.ask(get(path + "/503"))
    gateway.ask(get("/nothing"))
    document = until(lambda: (found := told())["upstreams"]["app"]["requests"] >= 6 and found, "all are counted")
    app = document["upstreams"].pop("app")
    assert document["schema"] == 1 and document["seconds"] > 0 and not document["upstreams"]
    assert app["requests"] == sum(app["buckets"]) == 6 and len(app["buckets"]) == len(document["bounds"]) + 1
    assert app["errors"] == 1 and app["inFlight"] == 0 and app["requestsPerSecond"] > 0

    # One that is not answered yet is in flight, and no request yet; its upstream never answers.
    upstream.on(path + "/slow", lambda conn, request: conn.wait_end())
    with gateway.connect() as client:
        client.send(get(path + "/slow"))
        app = until(lambda: (found := told()["upstreams"]["app"])["inFlight"] == 1 and found, "it is in flight")
        assert app["requests"] == 6
    app = until(lambda: (found := told()["upstreams"]["app"])["inFlight"] == 0 and found, "it has ended")
    assert app["requests"] == 7


@pytest.mark.parametrize("where", ["address", "socket"])
def test_metrics(start_gateway, upstream, tmp_path, path, where):
    admin = {"address": "127.0.0.1:0"} if where == "address" else {"socket": str(tmp_path / "admin.sock")}
    config = config_for(upstream, admin=admin)
    config["routes"].append({"name": "limited", "match": {"path": "/limited"}, "respond": {"status": 200},
                             "rateLimit": {"quota": 1, "window": "1h", "by": "route"}})
    gateway = start_gateway(config, folder=tmp_path, threads=2)
    for _ in range(7):
        gateway.ask(get(path))
    gateway.ask(get(path, method="POST", body=b"x"))
    gateway.ask(get(path, method="WEIRD"))
    for _ in range(3):
        gateway.ask(get("/limited"))
    for _ in range(2):
        gateway.ask(get("/nothing"))
    gateway.ask(b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n")
    upstream.respond(path + "/503", simple_answer(b"", "503 Later"))
    gateway.ask(get(path + "/503"))
    total = "msctl_gateway_requests_total"
    samples = until(lambda: value(found := scrape(gateway), total, route="app") >= 10 and found, "all are counted")
    assert value(samples, total, route="app", upstream="app", method="GET", status="200") == 7
    assert value(samples, total, route="app", method="POST", status="200") == 1
    assert value(samples, total, route="app", method="GET", status="503") == 1
    assert not value(samples, total, method="WEIRD"), "clients can invent series"
    assert value(samples, total, route="limited", status="200") == 1
    assert value(samples, total, route="limited", status="429") == 2
    assert value(samples, total, status="404") == 2
    assert {k for k, _ in next(labels for (n, labels) in samples if n == total)} == {"route", "upstream", "method", "status"}
    assert value(samples, "msctl_gateway_rejected_total", route="limited") == 2
    assert {k for k, _ in next(labels for (n, labels) in samples if n == "msctl_gateway_rejected_total")} == {"route", "reason"}
    for name in ("msctl_gateway_request_duration_seconds", "msctl_gateway_upstream_duration_seconds"):
        assert value(samples, name + "_count") >= 10, name
        assert value(samples, name + "_bucket", le="+Inf") == value(samples, name + "_count")
        assert value(samples, name + "_sum") > 0
    with gateway.connect() as one, gateway.connect() as two:
        one.ask(get(path)), two.ask(get("/version"))
        connections = scrape(gateway)
        assert value(connections, "msctl_gateway_connections", side="client") >= 2
        assert value(connections, "msctl_gateway_connections", side="upstream") >= 1


def test_access_log(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    answer = gateway.ask(get(path + '?q="quoted"&caf%C3%A9', 'User-Agent: "odd" \\ agent caf\xc3\xa9', "Referer: http://a/\t"))
    assert answer.status == 200
    problem = assert_problem(gateway.ask(get("/nothing")), 404)
    gateway.ask(b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n")
    entries = until(lambda: len(found := gateway.access_log()) >= 3 and found, "three requests are logged")
    assert len(entries) == 3
    flat = [json.dumps(e) for e in sorted(entries, key=lambda e: e["status"])]
    flat = [flat[0], flat[2], flat[1]]  # 200, 404, 400: the threads' lines come in no order
    request_id = upstream.wait_request(path).fields.one("X-Request-Id")
    assert request_id in flat[0] and path in flat[0] and "200" in flat[0] and '"app"' in flat[0]
    assert problem["requestId"] in flat[1] and "404" in flat[1] and "MSC3004" in flat[1]
    assert "400" in flat[2] and "MSC3001" in flat[2]


def test_access_log_can_be_off(start_gateway, upstream, tmp_path, path):
    gateway = start_gateway(config_for(upstream, accessLog=False), folder=tmp_path)
    for _ in range(3):
        assert gateway.ask(get(path)).status == 200
    gateway.stop()
    assert not gateway.output["stdout"]


def test_every_request_is_logged(start_gateway, upstream, tmp_path):
    gateway = start_gateway(config_for(upstream), folder=tmp_path, threads=2)
    with gateway.connect() as client:
        client.send(get("/version") * 500)
        for _ in range(500):
            client.response()
    gateway.stop()
    assert len(gateway.access_log()) == 500
