"""Upgraded connections (101) are passed through, byte for byte, both ways."""

import base64
import hashlib
import os
import threading

import pytest

from gwkit.client import get
from gwkit.message import Ended
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream, tmp_path_factory, write_keys):
    folder = tmp_path_factory.mktemp("upgrade")
    write_keys(folder / "keys.yaml", alice=("secret", []))
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "authentication": {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}},
        "routes": [
            {"name": "app", "match": {"path": "/t/**"}, "upstream": "app", "timeout": "2s"},
            {"name": "known", "match": {"path": "/known/**"}, "upstream": "app", "authentication": ["partners"]},
            {"name": "idle", "match": {"path": "/idle/**"}, "upstream": "app", "idleTimeout": "400ms"},
        ],
    }, folder=folder, threads=2)


def websocket(path, key, *fields):
    return get(path, "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *fields)


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def echo(first=b""):
    def script(conn, request):
        assert "upgrade" in request.fields.elements("Connection") and request.fields.one("Upgrade").lower() == "websocket"
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                  + accept_of(request.fields.one("Sec-WebSocket-Key")).encode() + b"\r\n\r\n" + first)
        conn.send(bytes(conn.source.buffer))
        while data := conn.sock.recv(65536):
            conn.send(data)

    return script


KEY = base64.b64encode(b"0123456789abcdef").decode()


def test_a_websocket_handshake_and_echo(gateway, upstream, path):
    upstream.on(path, echo())
    with gateway.connect() as client:
        client.send(websocket(path, KEY))
        answer = client.response()
        assert answer.status == 101
        assert "upgrade" in answer.fields.elements("Connection")
        assert answer.fields.one("Upgrade") == "websocket"
        assert answer.fields.one("Sec-WebSocket-Accept") == accept_of(KEY)
        for size in (1, 125, 70_000, 1_000_000):
            data = os.urandom(size)
            sender = threading.Thread(target=client.sock.sendall, args=(data,), daemon=True)
            sender.start()
            assert client.source.exactly(size) == data
            sender.join()


def test_bytes_that_come_with_the_handshake(gateway, upstream, path):
    """Behind the request's head and behind the answer's."""
    upstream.on(path, echo(first=b"hello from upstream"))
    with gateway.connect() as client:
        client.send(websocket(path, KEY) + b"early bytes")
        assert client.response().status == 101
        assert client.source.exactly(19) == b"hello from upstream"
        assert client.source.exactly(11) == b"early bytes"


def test_what_looks_like_requests_in_a_tunnel_is_data(gateway, upstream, path):
    upstream.on(path, echo())
    raw = get(path + "/inner") + b"\0\r\n\xff" + b"GET / HTTP/9.9\n\n"
    with gateway.connect() as client:
        client.send(websocket(path, KEY))
        assert client.response().status == 101
        client.send(raw)
        assert client.source.exactly(len(raw)) == raw
    assert not upstream.of(path + "/inner")


def test_half_close_from_the_client_reaches_the_upstream(gateway, upstream, path):
    def script(conn, _):
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        data = bytearray()
        conn.source.rest(data)
        conn.send(b"got %d" % len(data))

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(websocket(path, KEY))
        assert client.response().status == 101
        client.send(b"x" * 1000)
        client.finish_sending()
        body = bytearray()
        client.source.rest(body)
        assert body in (b"got 1000", b"")  # a gateway may end both ways at once, but never lose what it said it took


def test_the_end_of_either_side_ends_both(gateway, upstream, path):
    ended = threading.Event()

    def script(conn, _):
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbye")
        if conn.current.path.endswith("/client"):
            conn.wait_end()
            ended.set()

    upstream.on(f"{path}/upstream", script)
    upstream.on(f"{path}/client", script)
    with gateway.connect() as client:
        client.send(websocket(f"{path}/upstream", KEY))
        assert client.response().status == 101
        assert client.source.exactly(3) == b"bye"
        client.assert_closed()
    with gateway.connect() as client:
        client.send(websocket(f"{path}/client", KEY))
        assert client.response().status == 101
        assert client.source.exactly(3) == b"bye"
        client.reset()
    assert ended.wait(PATIENCE)


def test_an_upstream_that_declines(gateway, upstream, path):
    """Then it is an answer like any other, and the connection goes on."""
    upstream.respond(path, simple_answer(b"no", "426 Upgrade Required", ["Upgrade: websocket", "Connection: Upgrade"]))
    with gateway.connect() as client:
        client.send(websocket(path, KEY))
        assert client.response().status == 426
        assert client.ask(get(path + "/after")).status == 200


def test_a_refused_upgrade_never_reaches_the_upstream(gateway, upstream):
    with gateway.connect() as client:
        client.send(websocket("/known/ws", KEY))
        assert_problem(client.response(), 401, "MSC3002")
    assert not upstream.of("/known/ws")
    upstream.on("/known/ws", echo())
    with gateway.connect() as client:
        client.send(websocket("/known/ws", KEY, "X-API-Key: secret"))
        assert client.response().status == 101
    assert upstream.of("/known/ws")[0].fields.one("X-Consumer-Name") == "alice"


def test_an_unasked_101_is_a_fault(gateway, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        conn.wait_end()

    upstream.on(path, script)
    assert_problem(gateway.ask(get(path)), 502, "MSC3022")


def test_upgrade_without_connection_is_no_upgrade(gateway, upstream, path):
    answer = gateway.ask(get(path, "Upgrade: websocket"))
    assert answer.status == 200
    assert "Upgrade" not in upstream.wait_request(path).fields


def test_a_tunnel_outlives_the_routes_timeout_while_bytes_come(gateway, upstream, path):
    """`timeout` ends with the answer's head; idleTimeout is between bytes."""
    upstream.on("/idle/ws", echo())
    with gateway.connect() as client:
        client.send(websocket("/idle/ws", KEY))
        assert client.response().status == 101
        for _ in range(8):
            client.send(b"x")
            assert client.source.exactly(1) == b"x"
            threading.Event().wait(0.1)  # the pace itself: together twice the idle time
        try:
            assert client.source.fill() is False  # now nothing comes: it is ended
        except Ended:
            pass
