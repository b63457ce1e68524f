"""Peers that go, or stop reading, in the middle: nothing crashes, nothing is held for ever."""

import os
import signal
import socket
import subprocess
import time

import pytest

from gwkit.client import Client, get
from gwkit.gateway import MSCTL
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until

BIG = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "limits": {"bodyBytes": "100MiB", "bodyTimeout": "1s"},
        "defaults": {"idleTimeout": "30s"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/t/**"}, "upstream": "app", "idleTimeout": "1s"},
                   {"name": "long", "match": {"path": "/long/**"}, "upstream": "app", "idleTimeout": "30s"}],
    })


UPGRADE = ("Connection: Upgrade", "Upgrade: bytes")
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bytes\r\n\r\n"


def test_a_client_that_is_gone_when_the_replica_switches(gateway, upstream, path):
    """Both arrive while the gateway is stopped: it then writes 101 to a connection that was reset."""
    def script(conn, request):
        until(lambda: ready, "the gateway is stopped")
        conn.send(SWITCH)
        conn.wait_end()

    upstream.on(path, script)
    for _ in range(10):
        ready = []
        count = len(upstream.of(path))
        client = gateway.connect()
        client.send(get(path, *UPGRADE))
        upstream.wait_request(path, count + 1)
        gateway.signal(signal.SIGSTOP)
        ready.append(True)
        connection = upstream.of(path)[-1].connection
        until(lambda: connection.sock.fileno() < 0 or not connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), "101 is sent")
        client.reset()
        gateway.signal(signal.SIGCONT)
    assert gateway.ask(get("/t/after")).status == 200


def test_a_tunnel_that_nobody_reads_is_closed(gateway, upstream, path):
    ended = []

    def script(conn, request):
        conn.send(SWITCH)
        try:
            while True:
                conn.send(b"x" * 65536)
        except OSError:
            ended.append(True)

    upstream.on(path, script)
    with gateway.connect(receive_buffer=4096) as client:
        client.send(get(path, *UPGRADE))
        assert client.head().status == 101
        until(lambda: ended, "the tunnel is closed")


def test_an_answer_that_nobody_reads_while_its_request_goes_on_is_dropped(gateway, upstream, path):
    """The replica answers without having read the body."""
    ended = []

    def script(conn, request):
        try:
            conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BIG)
            for _ in range(BIG // 65536):
                conn.send(b"x" * 65536)
        except OSError:
            ended.append(True)

    upstream.on(path, script)
    with gateway.connect(receive_buffer=4096) as client:
        client.send(get(path, "Content-Length: 8000000", method="POST"))
        client.sock.setblocking(False)
        try:
            while True:
                client.sock.send(b"y" * 65536)
        except (BlockingIOError, ConnectionError):
            pass
        until(lambda: ended, "the connection to the replica is closed")


def test_a_slow_but_steady_reader_gets_everything(gateway, upstream, path):
    """Less in the idle time than the third of a socket's buffer after which the kernel says that there is room."""
    size = 6 * 1024 * 1024
    upstream.respond(path, simple_answer(b"x" * size))
    with gateway.connect(receive_buffer=65536) as client:
        client.send(get(path))
        assert client.head().status == 200
        read = len(client.source.buffer)
        client.source.buffer.clear()
        begin = time.monotonic()
        while read < size:
            # A steady pace is what is tested: 1.5 MB a second.
            due = begin + read / 1.5e6
            time.sleep(max(0.0, due - time.monotonic()))
            data = client.sock.recv(32768)
            assert data, f"cut after {read} of {size} bytes"
            read += len(data)


def test_the_routes_own_idle_time_is_the_one_for_its_readers(start_gateway, upstream, path):
    gateway = start_gateway({
        "defaults": {"idleTimeout": "500ms"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"match": {"path": "/t/**"}, "upstream": "app", "idleTimeout": "60s"}],
    })
    size = 16 * 1024 * 1024
    upstream.respond(path, simple_answer(b"x" * size))
    with gateway.connect(receive_buffer=65536) as client:
        client.send(get(path))
        assert client.head().status == 200
        time.sleep(3)  # six times the default
        client.source.exactly(size)


def test_connections_that_were_accepted_are_served_before_the_end(start_gateway, upstream):
    gateway = start_gateway({"routes": [{"match": {"path": "/**"}, "respond": {"status": 200, "body": "ok"}}]})
    gateway.signal(signal.SIGSTOP)
    clients = [gateway.connect() for _ in range(400)]
    for client in clients:
        client.send(get("/"))
    gateway.signal(signal.SIGTERM)
    gateway.signal(signal.SIGCONT)
    assert [client.response().status for client in clients] == [200] * len(clients)
    for client in clients:
        client.close()
    assert gateway.wait_exit() == 0


def test_idle_clients_give_way_to_new_ones(start_gateway, upstream, path):
    gateway = start_gateway({"upstreams": {"app": {"endpoints": [upstream.endpoint]}},
                             "routes": [{"match": {"path": "/**"}, "upstream": "app"}]}, file_limit=256)
    idle = []
    for _ in range(300):
        client = gateway.connect()
        idle.append(client)
        assert client.ask(get(path)).status == 200, f"client {len(idle)}"
    for client in idle:
        client.close()


def test_idle_connections_to_one_upstream_give_way_to_another(start_gateway, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    gateway = start_gateway({"upstreams": {"a": {"endpoints": [a.endpoint]}, "b": {"endpoints": [b.endpoint]}},
                             "routes": [{"match": {"path": "/a/**"}, "upstream": "a"}, {"match": {"path": "/b/**"}, "upstream": "b"}]},
                            file_limit=256)
    for server, path in ((a, "/a/1"), (b, "/b/1"), (a, "/a/2"), (b, "/b/2")):
        def all_at_once(conn, request, server=server, path=path):
            server.wait_request(path, 80)
            conn.send(simple_answer())
            return True

        server.on(path, all_at_once)
        clients = [gateway.connect() for _ in range(80)]
        for client in clients:
            client.send(get(path))
        answers = [client.response() for client in clients]
        assert all(answer.status == 200 for answer in answers), [answer.body for answer in answers if answer.status != 200][:3]
        for client in clients:
            client.close()


def test_a_log_that_nobody_reads_does_not_hold_up_the_end(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text('{"listeners": [{"address": "127.0.0.1:0"}], "routes": [{"match": {"path": "/**"}, "respond": {"status": 200}}]}')
    read, write = os.pipe()
    process = subprocess.Popen([MSCTL, "gateway", "run", "--config", str(file), "--grace", "1s"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    try:
        address = next(line for line in process.stderr if "listening on" in line).rsplit("/", 1)[1].strip()
        host, port = address.split(":")
        with Client((host, int(port))) as client:
            for _ in range(1000):  # 250 bytes a line, into a pipe of 64 KiB
                assert client.ask(get("/")).status == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(read)


def test_memory_does_not_grow_with_the_sizes_of_requests(start_gateway):
    """Each a little larger than any before: what one took serves the next."""
    gateway = start_gateway({"routes": []})
    with gateway.connect() as client:
        for _ in range(50):
            client.ask(get("/" + '"' * 16000))
        before = gateway.memory()
        for size in range(1400, 16200, 7):
            assert client.ask(get("/" + '"' * size)).status in (400, 404)
    assert gateway.memory() - before < 16 * 1024 * 1024
