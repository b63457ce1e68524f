"""Big bodies and slow ends: memory stays bounded, and nobody else waits."""

import hashlib
import threading

import pytest

from gwkit.client import get
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until

MiB = 1024 * 1024
BIG = 50 * MiB
BLOCK = bytes(range(256)) * 4096  # 1 MiB


def test_a_big_body_up(gateway, upstream, path):
    result = {}

    def script(conn, _):
        digest, size = hashlib.sha256(), 0
        while size < BIG:
            part = bytes(conn.source.buffer) or conn.sock.recv(1 << 20)
            conn.source.buffer.clear()
            assert part
            digest.update(part)
            size += len(part)
        result["sum"] = digest.hexdigest()
        conn.send(simple_answer())
        return True

    upstream.keep_bytes = False
    upstream.on(path, script)
    before = gateway.memory()
    expected = hashlib.sha256(BLOCK * 50).hexdigest()
    with gateway.connect() as client:
        client.send(get(path, f"Content-Length: {BIG}", method="PUT"))
        for _ in range(50):
            client.sock.sendall(BLOCK)
        assert client.response().status == 200
    assert result["sum"] == expected
    assert gateway.memory("VmHWM") - before < BIG / 3
    upstream.keep_bytes = True


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_big_body_down(gateway, upstream, path, framing):
    def script(conn, request):
        conn.body(request)
        if framing == "chunked":
            conn.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(50):
                conn.send(b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n")
            conn.send(b"0\r\n\r\n")
        else:
            conn.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n" % BIG if framing == "length" else b"") + b"\r\n")
            for _ in range(50):
                conn.send(BLOCK)

    upstream.on(path, script)
    before = gateway.memory()
    with gateway.connect() as client:
        answer = client.ask(get(path))
    assert len(answer.body) == BIG and hashlib.sha256(answer.body).digest() == hashlib.sha256(BLOCK * 50).digest()
    assert gateway.memory("VmHWM") - before < BIG / 3


def test_a_slow_reader_holds_the_upstream_back(gateway, upstream, path):
    """Back-pressure: what the client does not read is not read from the upstream either."""
    sent = {"bytes": 0}
    blocked = threading.Event()
    go_on = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BIG)
        conn.sock.setblocking(False)
        try:
            idle = 0
            while sent["bytes"] < BIG and idle < 40:  # blocked: nothing goes for 40 looks in a row
                try:
                    sent["bytes"] += conn.sock.send(BLOCK[sent["bytes"] % len(BLOCK):])
                    idle = 0
                except BlockingIOError:
                    idle += 1
                    threading.Event().wait(0.01)
            blocked.set()
        finally:
            conn.sock.setblocking(True)
        go_on.wait(PATIENCE)
        while sent["bytes"] < BIG:
            sent["bytes"] += conn.sock.send(BLOCK[sent["bytes"] % len(BLOCK):])

    upstream.on(path, script)
    before = gateway.memory()
    with gateway.connect(receive_buffer=65536) as client:
        client.send(get(path))
        assert client.head().status == 200
        assert blocked.wait(PATIENCE)
        assert sent["bytes"] < BIG / 2, "the gateway takes everything though nobody reads"
        assert gateway.memory() - before < 16 * MiB
        go_on.set()
        body = bytearray()
        client.source.exactly(BIG, body)
    assert hashlib.sha256(body).digest() == hashlib.sha256(BLOCK * 50).digest()


def test_a_slow_upstream_holds_the_client_back(gateway, upstream, path):
    go_on = threading.Event()

    def script(conn, request):
        go_on.wait(PATIENCE)
        size = 0
        while size < BIG:
            part = bytes(conn.source.buffer) or conn.sock.recv(1 << 20)
            conn.source.buffer.clear()
            assert part
            size += len(part)
        conn.send(simple_answer())
        return True

    upstream.on(path, script)
    before = gateway.memory()
    with gateway.connect() as client:
        client.send(get(path, f"Content-Length: {BIG}", method="PUT"))
        upstream.wait_request(path)
        client.sock.setblocking(False)
        sent = idle = 0
        while sent < BIG and idle < 40:
            try:
                sent += client.sock.send(BLOCK[sent % len(BLOCK):])
                idle = 0
            except BlockingIOError:
                idle += 1
                threading.Event().wait(0.01)
        assert sent < BIG / 2, "the gateway takes everything though the upstream does not read"
        assert gateway.memory() - before < 16 * MiB
        client.sock.settimeout(PATIENCE)
        go_on.set()
        while sent < BIG:
            sent += client.sock.send(BLOCK[sent % len(BLOCK):])
        assert client.response().status == 200


def test_one_stalled_client_does_not_stop_others(gateway, upstream, path):
    """On either thread."""
    upstream.respond(path, simple_answer(b"a" * 5_000_000))
    stalled = [gateway.connect(receive_buffer=4096) for _ in range(10)]
    for each in stalled:
        each.send(get(path))
    for number in range(20):
        assert gateway.ask(get(f"{path}/{number}")).status == 200
    for each in stalled:
        each.close()


def test_nothing_is_left_open(gateway, upstream):
    """After all this the gateway holds no client connection; only its pool to the upstream."""
    until(lambda: gateway.client_connections() == 0, "all connections are closed")
    assert gateway.open_files() < 200
