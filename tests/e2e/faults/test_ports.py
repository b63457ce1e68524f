"""Ports that others hold, and runs side by side."""
import os
import socket

from helpers import machine
from helpers.documents import check_errors
from helpers.http import request


def listening_elsewhere():
    other = socket.socket()
    other.bind(("127.0.0.1", 0))
    other.listen()
    return other, other.getsockname()[1]


def test_the_gateways_port_is_taken_by_another_program(workspace):
    workspace.service("a")
    other, port = listening_elsewhere()
    with other:
        errors = check_errors(workspace.document("run", "--detach", "--gateway-port", port, code=69))
        assert errors[0]["code"] == "MSC2020"
        assert str(port) in errors[0]["message"] and str(os.getpid()) in errors[0]["message"], "the owner is named"
        done = workspace.msctl("run", "--gateway-port", port, code=69)
        assert "--gateway-port 0" in done.stderr, "the cure"
    assert not workspace.record(), "nothing has been started"
    assert workspace.document("run", "--detach", "--gateway-port", port)["gateway"]["url"].rstrip("/").endswith(f":{port}")


def test_a_port_shared_by_so_reuseport_counts_as_taken(workspace):
    workspace.service("a")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        errors = check_errors(workspace.document("run", "--detach", "--gateway-port", other.getsockname()[1], code=69))
        assert errors[0]["code"] == "MSC2020"


def test_the_gateways_port_is_taken_by_another_run(make_workspace):
    first, second = make_workspace(name="first"), make_workspace(name="second")
    first.service("a")
    second.service("b")
    document = first.detach()
    port = int(document["gateway"]["url"].rstrip("/").rsplit(":", 1)[1])
    errors = check_errors(second.document("run", "--detach", "--gateway-port", port, code=69))
    assert errors[0]["code"] == "MSC2020" and str(document["gateway"]["pid"]) in errors[0]["message"]
    assert first.get("/a/id").status == 200
    second.detach()
    assert second.get("/b/id").status == 200 and first.get("/b/id").status == 404
    first.stop()
    assert second.get("/b/id").status == 200


def test_two_workspaces_of_one_name_do_not_meet(make_workspace):
    both = [make_workspace(name="twin"), make_workspace(name="twin")]
    both[1].environment["XDG_RUNTIME_DIR"] = both[0].environment["XDG_RUNTIME_DIR"]
    for each in both:
        each.service("a")
        each.detach()
    assert both[0].get("/a/id").json()["pid"] != both[1].get("/a/id").json()["pid"]
    both[0].stop()
    assert both[1].get("/a/id").status == 200
    both[1].stop()


def test_isolated_runs_side_by_side(workspace):
    workspace.service("store", route=False)
    workspace.service("a", needs=["store"])
    first = workspace.detach()
    second = workspace.document("run", "--detach", "--isolated")
    third = workspace.document("run", "--detach", "--isolated")
    urls = [each["gateway"]["url"].rstrip("/") for each in (first, second, third)]
    assert len(set(urls)) == 3
    answers = [request(url + "/a/id").json() for url in urls]
    assert len({each["pid"] for each in answers}) == 3 and len({each["port"] for each in answers}) == 3
    stores = [request(url + "/a/call/store").json()["pid"] for url in urls]
    assert len(set(stores)) == 3, "each run has its own store"
    # Verbs without a name act on the workspace's own run.
    assert workspace.status()["gateway"]["url"].rstrip("/") == urls[0]
    workspace.stop()
    assert request(urls[1] + "/a/id").status == 200
    for each in (second, third):
        os.kill(each["gateway"]["pid"], 15)
    workspace.until_gone()


def test_nothing_listens_after_stop(workspace):
    workspace.service("store", route=False)
    workspace.service("a", needs=["store"], replicas=2)
    workspace.detach()
    workspace.stop()
    assert len(workspace.ports) == 5
    assert not [port for port in workspace.ports if machine.listening_inodes(port)]


def test_services_and_needs_listen_on_loopback_only(workspace):
    workspace.service("store", route=False)
    workspace.service("a", needs=["store"])
    workspace.detach()
    for line in open("/proc/net/tcp").readlines()[1:]:
        address, state = line.split()[1], line.split()[3]
        host, port = address.split(":")
        if state == "0A" and int(port, 16) in workspace.ports:
            assert host == "0100007F", f"port {int(port, 16)} is open to the network"
