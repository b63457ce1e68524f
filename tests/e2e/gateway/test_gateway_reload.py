"""Configuration taken in while requests run: none is lost, a broken one is refused."""

import json
import os
import signal
import socket
import threading

import pytest

from gwkit.client import get
from gwkit.load import Load, config_for, version, wait_version
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until


@pytest.fixture
def gateway(start_gateway, upstream, tmp_path):
    return start_gateway(config_for(upstream, listeners=[{"address": "127.0.0.1:0"}]), folder=tmp_path, threads=2)


@pytest.mark.parametrize("how", ["SIGHUP", "file"])
def test_reload_under_load_loses_no_request(gateway, upstream, path, how):
    with Load(gateway, path) as load:
        for number in range(2, 8):
            config = config_for(upstream, number)
            config["listeners"] = gateway.config["listeners"]
            gateway.write(config)
            if how == "SIGHUP":
                gateway.signal(signal.SIGHUP)
            wait_version(gateway, number)
            load.wait_more(50)
    assert not load.failures, load.failures


def test_sighup_without_a_change(gateway, path):
    with Load(gateway, path) as load:
        for number in range(5):
            gateway.signal(signal.SIGHUP)
            gateway.wait_said("took in", number + 1)
        load.wait_more(50)
    assert not load.failures


def test_a_file_written_in_place_is_taken_in(gateway, upstream):
    """Not by renaming: as some editors do."""
    config = config_for(upstream, 5, listeners=gateway.config["listeners"])
    gateway.file.write_text(json.dumps(config))
    wait_version(gateway, 5)


def test_a_file_behind_a_changed_link_is_taken_in(start_gateway, upstream, tmp_path):
    """As Kubernetes replaces the files of a ConfigMap: ..data is a link to a folder, and is replaced by renaming."""
    def put(number):
        folder = tmp_path / f"..{number}"
        folder.mkdir()
        (folder / "gateway.yaml").write_text(json.dumps(config_for(upstream, number, listeners=[{"address": "127.0.0.1:0"}])))
        os.symlink(folder.name, tmp_path / "..new")
        os.replace(tmp_path / "..new", tmp_path / "..data")

    put(1)
    os.symlink("..data/gateway.yaml", tmp_path / "gateway.yaml")
    gateway = start_gateway(config_for(upstream), folder=tmp_path, written=True)
    assert gateway.ask(get("/version")).body == b"1"
    put(2)
    wait_version(gateway, 2)


@pytest.mark.parametrize("broken, code", [
    ("routes: [", "MSC1"),
    ("listeners: [{address: nonsense}]\n", "MSC1"),
    ("routs: []\n", "MSC1"),
    ("routes: [{name: a, match: {path: /a}, upstream: nobody}]\n", "MSC1"),
    ("routes: [{name: a, match: {path: /a}, respond: {status: 200}, timeout: 5}]\n", "MSC1"),
    ("", ""),
])
def test_a_broken_configuration_is_refused_and_the_old_one_serves(gateway, upstream, path, broken, code):
    with Load(gateway, path) as load:
        gateway.write_text(broken)
        if broken:
            gateway.wait_said("MSC3031")
            gateway.wait_said(f"error[{code}")
            assert "gateway.yaml" in gateway.said()
        gateway.signal(signal.SIGHUP)
        load.wait_more(50)
    assert not load.failures
    gateway.write(config_for(upstream, 9, listeners=[{"address": "127.0.0.1:0"}]))
    gateway.signal(signal.SIGHUP)
    wait_version(gateway, 9)


def test_a_request_ends_with_the_configuration_it_began_with(gateway, upstream, path):
    release = threading.Event()

    def script(conn, request):
        conn.body(request)
        release.wait(PATIENCE)
        conn.send(simple_answer(b"begun before"))
        return True

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path))
        upstream.wait_request(path)
        gateway.write({"listeners": gateway.config["listeners"], "routes": [version(2)]})  # neither the route nor the upstream is left
        wait_version(gateway, 2)
        release.set()
        assert client.response().body == b"begun before"
        assert_problem(client.ask(get(path)), 404)


def test_a_request_keeps_the_upstream_that_a_reload_renames(start_gateway, make_upstream, tmp_path):
    """It waits to connect to a replica that is silent; the other one takes it, although its upstream has another name by now."""
    healthy = make_upstream("healthy")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        fillers = [socket.socket() for _ in range(4)]  # the queue is full: nobody else is let in
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())
        endpoints = [f"127.0.0.1:{silent.getsockname()[1]}", healthy.endpoint]

        def config(name):
            return {"listeners": [{"address": "127.0.0.1:0"}], "defaults": {"connectTimeout": "700ms"}, "upstreams": {name: {"endpoints": endpoints}},
                    "routes": [version(name), {"match": {"path": "/t/**"}, "upstream": name}]}

        gateway = start_gateway(config("a"), folder=tmp_path)
        clients = [gateway.connect() for _ in range(8)]
        for number, client in enumerate(clients):
            client.send(get(f"/t/renamed/{number}"))
        gateway.write(config("b"))
        until(lambda: gateway.ask(get("/version")).body == b"b", "the new configuration is in force")
        assert [client.response().status for client in clients] == [200] * len(clients)
        for each in clients + fillers:
            each.close()


def test_a_busy_folder_does_not_hold_up_a_reload(gateway, upstream):
    stop = threading.Event()

    def write_all_the_time():
        while not stop.wait(0.01):
            (gateway.folder / "other").write_text("x")

    writer = threading.Thread(target=write_all_the_time)
    writer.start()
    try:
        gateway.write(config_for(upstream, 4711, listeners=gateway.config["listeners"]))
        wait_version(gateway, 4711)
    finally:
        stop.set()
        writer.join()


def test_a_tunnel_outlives_a_reload(gateway, upstream, path):
    def script(conn, _):
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        while data := conn.sock.recv(1000):
            conn.send(data)

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path, "Connection: Upgrade", "Upgrade: echo"))
        assert client.response().status == 101
        for number in range(2, 5):
            gateway.write(config_for(upstream, number, listeners=gateway.config["listeners"]))
            wait_version(gateway, number)
            client.send(b"still there")
            assert client.source.exactly(11) == b"still there"


def test_quota_is_kept_over_a_reload(start_gateway, upstream, tmp_path):
    def config(number):
        made = config_for(upstream, number, listeners=[{"address": "127.0.0.1:0"}])
        made["routes"].append({"name": "limited", "match": {"path": "/limited"}, "respond": {"status": 200},
                               "rateLimit": {"quota": 2, "window": "1h", "by": "route"}})
        return made

    gateway = start_gateway(config(1), folder=tmp_path)
    assert [gateway.ask(get("/limited")).status for _ in range(3)] == [200, 200, 429]
    gateway.write(config(2))
    wait_version(gateway, 2)
    assert gateway.ask(get("/limited")).status == 429


def test_keys_are_taken_in_again(start_gateway, upstream, tmp_path, write_keys):
    write_keys(tmp_path / "keys.yaml", alice=("old", []))
    config = config_for(upstream, listeners=[{"address": "127.0.0.1:0"}])
    config["authentication"] = {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}}
    config["routes"].append({"name": "known", "match": {"path": "/known"}, "respond": {"status": 200}, "authentication": ["partners"]})
    gateway = start_gateway(config, folder=tmp_path)
    assert gateway.ask(get("/known", "X-API-Key: old")).status == 200
    write_keys(tmp_path / "keys.yaml", alice=("new", []))
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.ask(get("/known", "X-API-Key: new")).status == 200, "the new key is known")
    assert gateway.ask(get("/known", "X-API-Key: old")).status == 401


def test_an_upstream_moved_by_a_reload(gateway, upstream, make_upstream, path):
    """New requests go to the new replica, none is lost."""
    other = make_upstream("other")
    with Load(gateway, path) as load:
        config = config_for(upstream, 2, listeners=gateway.config["listeners"])
        config["upstreams"]["app"]["endpoints"] = [other.endpoint]
        gateway.write(config)
        wait_version(gateway, 2)
        load.wait_more(50)
    assert not load.failures, load.failures
    before = len(upstream.requests)
    for _ in range(10):
        assert gateway.ask(get(path)).json()["replica"] == "other"
    assert len(upstream.requests) == before
