"""The gateway of a run, beside its routes: the administrative interface with the services' metrics, and the access log."""
import json
import os
import signal
import socket
from pathlib import Path

from helpers.waiting import until


def ask(path, target):
    """(status, body) of a GET over the socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(path)
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while data := sock.recv(65536):
            answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def metric(admin, series):
    lines = ask(admin, "/metrics")[1].splitlines()
    return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(series + " "))


def test_metrics_of_services(workspace):
    workspace.service("a", replicas=2)
    workspace.detach()
    admin = workspace.status()["gateway"]["adminSocket"]
    until(lambda: metric(admin, 'msctl_service_replicas{service="a",state="ready"}') == 2, "both are counted as ready")
    assert metric(admin, 'msctl_service_restarts_total{service="a"}') == 0
    os.kill(workspace.replicas("a")[0]["pid"], signal.SIGKILL)
    until(lambda: metric(admin, 'msctl_service_restarts_total{service="a"}') == 1, "the restart is counted")
    until(lambda: metric(admin, 'msctl_service_replicas{service="a",state="ready"}') == 2, "it is ready again")
    assert workspace.get("/a/id").status == 200
    assert metric(admin, 'msctl_gateway_requests_total{route="a",upstream="a",method="GET",status="200"}') == 1
    assert ask(admin, "/health/ready") == (200, "ready\n")
    assert "listeners:" in ask(admin, "/config")[1]
    assert json.loads(ask(admin, "/routes")[1])["routes"][0]["route"] == "a"
    assert ask(admin, "/nothing")[0] == 404
    workspace.stop()
    assert not Path(admin).exists()


def test_the_access_log(workspace):
    workspace.service("a")
    workspace.detach()
    assert workspace.get("/a/id").status == 200
    assert workspace.get("/nowhere").status == 404

    def entries():
        lines = workspace.msctl("logs", "gateway", "-o", "json", code=0).stdout.splitlines()
        return [json.loads(json.loads(line)["text"]) for line in lines]

    until(lambda: [entry["status"] for entry in entries()] == [200, 404], "both requests are in the log")
    assert entries()[0]["replica"] == "a-1"
    everything = workspace.msctl("logs", code=0).stdout
    assert '"status":404' not in everything, "the services' logs are the services'"
    workspace.stop()
    assert len(entries()) == 2, "also after the end"
