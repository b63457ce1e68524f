"""What a client may send, and how slowly: 431, 413, 408 and the end of idle connections (row 5)."""

import threading
import time

import pytest

from gwkit.client import get
from gwkit.message import Ended
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import until

HEADER_TIMEOUT = 0.4
BODY_TIMEOUT = 0.4
KEEP_ALIVE = 0.5


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "limits": {"headerTimeout": "400ms", "bodyTimeout": "400ms", "keepAliveTimeout": "500ms", "headerBytes": "8KiB", "bodyBytes": "64KiB"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app", "timeout": "20s"}],
    })


@pytest.fixture
def client(gateway):
    with gateway.connect() as client:
        yield client


# ------------------------------------------------------------------------------------------------------------------------ sizes

@pytest.mark.parametrize("request_of", [
    lambda p: get(p, "X-Big: " + "a" * 8192),
    lambda p: get(p, *[f"X-{n}: {'a' * 100}" for n in range(100)]),
    lambda p: get(p, "X-Endless: " + "a" * 100_000),
    lambda p: get(p, "Cookie: " + "a=b; " * 2000),
    lambda p: get(p, "X" * 9000 + ": a"),
], ids=["one-field", "many-fields", "endless-field", "cookie", "name"])
def test_too_large_a_header_is_431(gateway, upstream, path, client, request_of):
    client.try_send(request_of(path))
    assert_problem(client.response(), 431, "MSC3008")
    client.assert_closed()
    assert not upstream.of(path)


def test_header_without_end_is_431_before_it_is_whole(client):
    """Found by size, not by waiting for the end."""
    client.send(get("/x")[:-2] + b"X-Endless: ")
    for _ in range(12):
        client.try_send(b"a" * 1000)
        client.wait_read()
    assert_problem(client.response(), 431, "MSC3008")
    client.assert_closed()


def test_thousands_of_small_fields_are_431(gateway, upstream, path, client):
    client.try_send(get(path, *["a: b"] * 1200))
    assert_problem(client.response(), 431, "MSC3008")
    assert not upstream.of(path)


def test_too_long_a_target_is_414_or_431(gateway, upstream, client):
    client.try_send(get("/long?" + "a" * 20_000))
    assert_problem(client.response(), (414, 431))
    client.assert_closed()
    assert not upstream.of("/long")


def test_a_header_below_the_limit_passes(gateway, upstream, path):
    assert gateway.ask(get(path, "X-Big: " + "a" * 7000)).status == 200
    assert len(upstream.wait_request(path).fields.one("X-Big")) == 7000


def test_too_large_a_content_length_is_413_before_the_body(gateway, upstream, path, client):
    client.send(get(path, "Content-Length: 65537", method="POST"))
    assert_problem(client.response(), 413, "MSC3007")
    client.assert_closed()
    assert not upstream.of(path)


def test_too_large_a_content_length_is_413_instead_of_100(gateway, upstream, path, client):
    client.send(get(path, "Content-Length: 65537", "Expect: 100-continue", method="PUT"))
    answer = client.response()
    assert_problem(answer, 413, "MSC3007")
    assert not answer.interim
    assert not upstream.of(path)


def test_a_body_of_just_the_limit_passes(gateway, upstream, path):
    assert gateway.ask(get(path, method="POST", body=b"a" * 65536)).json()["length"] == 65536
    chunked = b"8000\r\n" + b"a" * 32768 + b"\r\n8000\r\n" + b"b" * 32768 + b"\r\n0\r\n\r\n"
    assert gateway.ask(get(path, "Transfer-Encoding: chunked", method="POST") + chunked).json()["length"] == 65536


@pytest.mark.parametrize("chunk", [1000, 65537, 0xFFFFFFF])
def test_too_large_a_chunked_body_is_413(gateway, upstream, path, client, chunk):
    client.send(get(path, "Transfer-Encoding: chunked", method="POST"))
    piece = b"%x\r\n" % chunk + b"a" * min(chunk, 70_000) + b"\r\n"
    for _ in range(70 if chunk == 1000 else 1):
        if not client.try_send(piece):
            break
    assert_problem(client.response(), 413, "MSC3007")
    client.assert_closed()
    until(lambda: all(r.truncated for r in upstream.of(path)), "the upstream's request is broken off")
    assert not any(r.complete for r in upstream.of(path))


def test_the_answer_of_413_arrives_though_the_client_goes_on_sending(gateway, path, client):
    """Closing at once would reset the connection, and the client would lose the answer (RFC 9112 §9.6)."""
    client.send(get(path, "Content-Length: 400000", method="POST"))
    client.try_send(b"a" * 400_000)
    assert_problem(client.response(), 413, "MSC3007")


# ---------------------------------------------------------------------------------------------------------------------- slowness

@pytest.mark.parametrize("beginning", [b"G", b"GET /x HTTP/1.1\r\n", b"GET /x HTTP/1.1\r\nHost: gw.test\r\n", b"GET /x HTTP/1.1\r\nHost: gw.test\r\nX: a",
                                       b"GET /x HTTP/1.1\r\nHost: gw.test\r\n\r"])
def test_a_header_that_does_not_end_is_408(client, beginning):
    begun = time.monotonic()
    client.send(beginning)
    assert_problem(client.response(), 408, "MSC3009")
    client.assert_closed()
    assert time.monotonic() - begun >= HEADER_TIMEOUT * 0.9


def test_dripping_does_not_prolong_the_header(client):
    begun = time.monotonic()
    client.send(b"GET /x HTTP/1.1\r\nHost: gw.test\r\nX: ")
    drips = 0
    while client.silent():
        client.try_send(b"a")
        drips += 1
        time.sleep(0.05)  # the dripping itself
        assert time.monotonic() - begun < HEADER_TIMEOUT * 20
    assert_problem(client.response(), 408, "MSC3009")
    assert drips >= 3


def test_a_second_slow_request_on_a_connection_is_408(gateway, path, client):
    assert client.ask(get(path)).status == 200
    client.send(b"GET /x HTT")
    assert_problem(client.response(), 408, "MSC3009")
    client.assert_closed()


def test_a_connection_on_which_nothing_comes_is_closed(client):
    """Without a request there is nothing to answer; a 408 is allowed (RFC 9110 §15.5.9)."""
    try:
        answer = client.response()
        assert answer.status == 408
    except Ended as ended:
        assert not ended.partial


def test_an_idle_connection_is_closed_without_a_word(path, client):
    assert client.ask(get(path)).status == 200
    begun = time.monotonic()
    client.assert_closed()
    assert time.monotonic() - begun >= KEEP_ALIVE * 0.8


def test_a_body_that_stops_is_408(gateway, upstream, path, client):
    client.send(get(path, "Content-Length: 100", method="POST") + b"half")
    assert_problem(client.response(), 408, "MSC3009")
    client.assert_closed()
    until(lambda: all(r.truncated for r in upstream.of(path)), "the upstream's request is broken off")


def test_a_chunked_body_that_stops_is_408(gateway, upstream, path, client):
    client.send(get(path, "Transfer-Encoding: chunked", method="POST") + b"64\r\nhalf")
    assert_problem(client.response(), 408, "MSC3009")
    client.assert_closed()
    until(lambda: all(r.truncated for r in upstream.of(path)), "the upstream's request is broken off")
    assert not any(r.complete for r in upstream.of(path))


def test_a_dripping_body_is_408(gateway, upstream, path, client):
    begun = time.monotonic()
    client.send(get(path, "Content-Length: 10000", method="POST"))
    while client.silent():
        client.try_send(b"a")
        time.sleep(0.05)  # the dripping itself: 20 bytes a second
        assert time.monotonic() - begun < BODY_TIMEOUT * 20
    assert_problem(client.response(), 408, "MSC3009")


def test_a_body_that_comes_steadily_may_take_longer(gateway, upstream, path, client):
    """Longer than bodyTimeout, but more than 1 KiB a second."""
    begun = time.monotonic()
    client.send(get(path, "Content-Length: 20000", method="POST"))
    for _ in range(20):
        client.send(b"a" * 1000)
        time.sleep(0.06)  # the pace itself: some 16 KB a second
    assert time.monotonic() - begun > BODY_TIMEOUT * 2
    assert client.response().json()["length"] == 20_000


def test_a_slow_upstream_is_not_the_clients_fault(gateway, upstream, path, client):
    """Neither limit runs while the upstream works."""
    release = threading.Event()

    def script(conn, request):
        conn.body(request)
        release.wait(20)
        conn.send(simple_answer())
        return True

    upstream.on(path, script)
    client.send(get(path, method="POST", body=b"hello"))
    upstream.wait_request(path, complete=True)
    time.sleep(max(HEADER_TIMEOUT, BODY_TIMEOUT, KEEP_ALIVE) * 2)  # the time that must not matter
    assert client.silent()
    release.set()
    assert client.response().status == 200


def test_many_slow_clients_do_not_stop_a_fair_one(gateway, path):
    slow = [gateway.connect() for _ in range(200)]
    for each in slow:
        each.send(b"GET / HTTP/1.1\r\nX: ")
    assert gateway.ask(get(path)).status == 200
    for each in slow:
        assert_problem(each.response(), 408, "MSC3009")
        each.close()
