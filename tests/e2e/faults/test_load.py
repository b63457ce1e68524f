"""Many clients, many followers, and deaths under load."""
import os
import resource
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers import machine
from helpers.http import Load, request
from helpers.waiting import until


@pytest.fixture
def many_descriptors():
    """This process may open many, once the run has been started with the limit that was there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 5000:
        pytest.skip(f"this machine allows {hard} open files a process")
    yield lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 5000), hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_two_thousand_open_connections(workspace, many_descriptors):
    workspace.service("a", replicas=2)
    few = ["bash", "-c", 'ulimit -Sn 1024; exec "$0" "$@"', workspace.program]
    subprocess.run([*few, "run", "--detach", "--gateway-port", "0"], cwd=workspace.root, env=workspace.environment, check=True,
                   timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = workspace.run_pid()
    before = machine.descriptors(pid)
    port = int(workspace.url().rsplit(":", 1)[1])
    many_descriptors()
    clients = []
    try:
        for _ in range(2000):
            clients.append(socket.create_connection(("127.0.0.1", port), timeout=60))
        for each in clients:
            each.sendall(b"GET /a/id HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for each in clients:
            head = each.recv(4096)
            assert head.startswith(b"HTTP/1.1 200"), head
        assert machine.descriptors(pid) > 2000
        # A thousand requests at once may keep a replica from its readiness checks for a while; the run must neither replace
        # it for that, nor leave it out afterwards.
        workspace.until_ready()
        for _ in range(5):
            assert all(replica["restarts"] == 0 for replica in workspace.service_status("a")["replicas"])
        assert workspace.get("/a/id").status == 200
        workspace.msctl("scale", "a=3", code=0)
        workspace.until_ready()
    finally:
        for each in clients:
            each.close()
    until(lambda: machine.descriptors(pid) < before + 200, "the end of the connections")


def test_stop_does_not_wait_for_idle_clients(workspace):
    workspace.service("a")
    workspace.detach()
    port = int(workspace.url().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as idle, socket.create_connection(("127.0.0.1", port)) as half:
        idle.sendall(b"GET /a/id HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        half.sendall(b"GET /a/id HTTP/1.1\r\nHo")
        workspace.stop()
        assert not workspace.processes()


def test_a_request_under_way_is_finished_when_the_run_stops(workspace):
    workspace.service("a")
    run = workspace.foreground()
    workspace.until_ready()
    url = workspace.url("/a/held?ms=1000")
    with ThreadPoolExecutor() as clients:
        answers = [clients.submit(request, url) for _ in range(3)]
        until(lambda: len([each for each in workspace.record() if each[0] == "held"]) == 3, "three requests under way")
        run.signal(signal.SIGINT)
        assert run.wait() == 130
        assert [each.result().status for each in answers] == [200] * 3


def test_fifty_followers(workspace):
    workspace.service("a", env={"FAULT_SAY": "the first line"})
    workspace.detach()
    followers = [workspace.start("logs", "-f", "a") for _ in range(50)]
    until(lambda: all("the first line" in each.out for each in followers), "50 followers that read")
    for _ in range(10):
        assert workspace.service_status("a")["ready"] == 1
    workspace.msctl("scale", "a=2", code=0)
    workspace.until_ready()
    workspace.get("/a/print?lines=3")
    until(lambda: all("printed line 2" in each.out for each in followers), "the line at every follower")
    # Those that stop reading, or die, hold up nobody.
    for each in followers[:10]:
        each.signal(signal.SIGSTOP)
    for each in followers[10:20]:
        each.signal(signal.SIGKILL)
    workspace.get("/a/print?lines=2000")
    until(lambda: all("printed line 1999" in each.out for each in followers[20:]), "the line at those who read")
    assert workspace.service_status("a")["ready"] == 2
    for each in followers[:10]:
        each.signal(signal.SIGCONT)
    workspace.stop()
    assert {each.wait() for each in followers[20:]} == {0}


def test_killing_a_replica_under_load_fails_only_what_it_was_answering(workspace):
    workspace.service("a", replicas=3)
    workspace.detach()
    url = workspace.url("/a/id")
    victim = workspace.replicas("a")[0]
    with Load(url, threads=4) as load:
        until(lambda: len(load.answers) > 100, "load")
        os.kill(victim["pid"], signal.SIGKILL)
        until(lambda: any(r["restarts"] == 1 and r["state"] == "ready" for r in workspace.replicas("a")), "its next life")
        after = len(load.answers)
        until(lambda: len(load.answers) > after + 100, "load afterwards")
    failures = load.failures()
    assert len(failures) <= load.threads, f"only requests under way may fail: {failures[:10]}"
    assert all(status in (502, 504) for _, status, _ in failures), failures
    assert not [each for each in load.answers[after:] if each[1] != 200], "nothing fails once it is replaced"


def test_a_rolling_restart_loses_nothing(workspace):
    workspace.service("a", replicas=3)
    workspace.detach()
    before = {replica["pid"] for replica in workspace.replicas("a")}

    def renewed():
        service = workspace.service_status("a")
        return service["ready"] == 3 and not before & {replica["pid"] for replica in service["replicas"]}

    with Load(workspace.url("/a/slow?ms=5"), threads=4) as load:
        until(lambda: len(load.answers) > 50, "load")
        workspace.msctl("restart", "a", code=0)
        until(renewed, "three new processes")
    assert not load.failures(), load.failures()[:10]


def test_scaling_down_loses_nothing(workspace):
    workspace.service("a", replicas=4)
    workspace.detach()
    with Load(workspace.url("/a/slow?ms=5"), threads=4) as load:
        until(lambda: len(load.answers) > 50, "load")
        workspace.msctl("scale", "a=1", code=0)
        until(lambda: len(workspace.replicas("a")) == 1, "one replica")
    assert not load.failures(), load.failures()[:10]


def test_many_replicas_and_services(workspace):
    for number in range(20):
        workspace.service(f"s{number:02}", needs=[f"s{number - 1:02}"] if number else [], env={"FAULT_RECORD": ""})
    workspace.detach()
    workspace.msctl("scale", "s19=10", code=0)
    workspace.until_ready()
    assert len({workspace.get("/s19/id").json()["pid"] for _ in range(200)}) == 10
    assert workspace.get("/s19/call/s18").json()["service"] == "s18"
