"""Bodies, framed in every way, up and down; and their breaking off."""

import threading

import pytest

from gwkit.client import get
from gwkit.message import Ended
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE

# -------------------------------------------------------------------------------------------------------- request bodies

def test_content_length_up(client, upstream, path):
    body = bytes(range(256)) * 1000
    assert client.ask(get(path, method="PUT", body=body)).json()["length"] == len(body)
    assert upstream.wait_request(path).body == body


@pytest.mark.parametrize("sizes", [[1] * 50, [65536, 1, 100_000], [5], []], ids=["ones", "large", "one", "empty"])
def test_chunks_up(client, upstream, path, sizes):
    pieces = [bytes([65 + n % 26]) * size for n, size in enumerate(sizes)]
    raw = b"".join(b"%X;ext=1\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
    assert client.ask(get(path, "Transfer-Encoding: chunked", method="POST") + raw).status == 200
    assert upstream.wait_request(path, complete=True).body == b"".join(pieces)


def test_chunks_up_arrive_as_they_are_sent(client, upstream, path):
    """Nothing is held back until the body is whole."""
    lines = []
    got = threading.Semaphore(0)

    def script(conn, _):
        for _ in range(3):
            size = int(conn.source.line().split(b";")[0], 16)
            lines.append(conn.source.exactly(size))
            conn.source.exactly(2)
            got.release()
        assert conn.source.line() == b"0" and conn.source.line() == b""
        conn.send(simple_answer())
        return True

    upstream.on(path, script)
    client.send(get(path, "Transfer-Encoding: chunked", method="POST"))
    for number in range(3):
        client.send(b"3\r\nab%d\r\n" % number)
        assert got.acquire(timeout=PATIENCE)
        assert lines[-1] == b"ab%d" % number
    client.send(b"0\r\n\r\n")
    assert client.response().status == 200


def test_trailers_up_do_not_become_fields(client, upstream, path):
    """They may be forwarded as trailers, or dropped (RFC 9110 §6.5.1)."""
    raw = b"5\r\nhello\r\n0\r\nX-Sum: abc\r\nX-Consumer-Name: root\r\nContent-Length: 3\r\nHost: evil\r\n\r\n"
    assert client.ask(get(path, "Transfer-Encoding: chunked", "Trailer: X-Sum", method="POST") + raw).status == 200
    seen = upstream.wait_request(path, complete=True)
    assert seen.body == b"hello" and "X-Sum" not in seen.fields and seen.fields.one("Host") == "gw.test"
    assert not [n for n, _ in seen.trailers if n.lower() in ("x-consumer-name", "content-length", "host")]


def test_client_that_aborts_its_body(gateway, upstream, path):
    """The upstream's connection is not used again, and its request does not end well."""
    for how in ("close", "reset"):
        client = gateway.connect()
        client.send(get(path, "Content-Length: 1000", method="POST") + b"half")
        broken = upstream.wait_request(path, 1 if how == "close" else 2)
        client.close() if how == "close" else client.reset()
        assert broken.connection.ended.wait(PATIENCE)
        assert broken.truncated and not broken.complete
        assert broken.connection.requests[-1] is broken


def test_client_that_goes_while_the_upstream_works(gateway, upstream, path):
    """The upstream learns of it by the end of its connection; nobody else gets that answer."""
    gone = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.wait_end()
        gone.set()

    upstream.on(path, script)
    client = gateway.connect()
    client.send(get(path))
    upstream.wait_request(path)
    client.reset()
    assert gone.wait(PATIENCE)
    assert gateway.ask(get(path + "/next")).json()["target"] == path + "/next"


# ------------------------------------------------------------------------------------------------------------ response bodies

def test_chunks_down_with_trailers(client, upstream, path):
    upstream.respond(path, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")
    for _ in range(3):
        answer = client.ask(get(path))
        assert answer.body == b"hello world" and answer.framing == "chunked" and "X-Sum" not in answer.fields


def test_until_close_down(client, upstream, path):
    """HTTP/1.1 clients keep their connection all the same."""
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 100_000)

    upstream.on(path, script)
    answer = client.ask(get(path))
    assert answer.body == b"x" * 100_000
    if answer.framing == "close":
        client.assert_closed()
    else:
        assert answer.framing == "chunked" and client.ask(get(path)).body == b"x" * 100_000


def test_http10_upstream(client, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.0 200 OK\r\n\r\nold")

    upstream.on(path, script)
    answer = client.ask(get(path))
    assert (answer.status, answer.body) == (200, b"old")  # and the status line says HTTP/1.1: the reader insists


def test_head(client, upstream, path):
    upstream.respond(path, b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nX-A: b\r\n\r\n")
    for _ in range(3):
        answer = client.ask(get(path, method="HEAD"))
        assert answer.fields.get("Content-Length") == "12345" and answer.body == b"" and answer.fields.one("X-A") == "b"
    upstream.respond(path, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert client.ask(get(path, method="HEAD")).status == 200
    upstream.respond(path, b"HTTP/1.1 200 OK\r\n\r\n")
    assert client.ask(get(path, method="HEAD")).status == 200
    assert client.ask(get(path + "/after")).json()["method"] == "GET"


@pytest.mark.parametrize("raw, status", [
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
    (b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", 204),
    (b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", 304),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304),
    (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200),
])
def test_answers_without_a_body(client, upstream, path, raw, status):
    upstream.respond(path, raw)
    for _ in range(3):
        answer = client.ask(get(path))
        assert answer.status == status and answer.body == b""
    assert client.ask(get(path + "/after")).status == 200
    assert len({id(r.connection) for r in upstream.of(path)}) == 1, "the upstream's connection was not used again"


@pytest.mark.parametrize("status, reason", [(200, "OK"), (201, "Created"), (299, "Odd One"), (301, "Moved"), (404, "Not Found"), (418, "I'm a teapot"),
                                            (500, "Oops"), (503, "Later"), (599, "Strange"), (200, "")])
def test_statuses_pass(client, upstream, path, status, reason):
    upstream.respond(path, simple_answer(b"body", f"{status} {reason}", ["Content-Type: text/x"]))
    answer = client.ask(get(path))
    assert (answer.status, answer.body, answer.fields.one("Content-Type")) == (status, b"body", "text/x")


def test_response_fields_pass(client, upstream, path):
    upstream.respond(path, simple_answer(fields=["Set-Cookie: a=1; Path=/", "Set-Cookie: b=2", "Server: inner", "Date: Tue, 15 Nov 1994 08:12:31 GMT",
                                                 "ETag: \"x\"", "Vary: Accept", "X-Latin: caf\xe9", "X-Empty:"]))
    answer = client.ask(get(path))
    assert answer.fields.all("Set-Cookie") == ["a=1; Path=/", "b=2"]
    assert answer.fields.one("Date") == "Tue, 15 Nov 1994 08:12:31 GMT"
    assert answer.fields.one("X-Latin") == "caf\xe9"


def test_head_of_the_answer_in_single_bytes(client, upstream, path):
    def script(conn, request):
        conn.body(request)
        for byte in simple_answer(b"piecewise", fields=["X-A: b"]):
            conn.send(bytes([byte]))
        return True

    upstream.on(path, script)
    assert client.ask(get(path)).body == b"piecewise"


def test_upstream_that_breaks_off_a_length(gateway, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    upstream.on(path, script)
    assert_truncated(gateway, path, b"half")


@pytest.mark.parametrize("tail", [b"", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r\n", b"5\r\nhello\r\n0", b"5\r\nhello\r\n0\r\n", b"zz\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
                                  b"ffffffffffffffffff\r\n", b"5\r\nhelloX", b"5\nhello\r\n0\r\n\r\n", b"0\r\nbad trailer\r\n\r\n"])
def test_upstream_that_breaks_off_its_chunks(gateway, upstream, path, tail):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n" + tail)

    upstream.on(path, script)
    assert_truncated(gateway, path, b"half")


def assert_truncated(gateway, path, begins):
    """The client can tell that the body is not whole; or it got a 502, where nothing had been sent yet."""
    with gateway.connect() as client:
        try:
            answer = client.ask(get(path))
        except Ended as ended:
            if ended.partial is not None and not isinstance(ended.partial, bytes):
                assert ended.partial.framing in ("length", "chunked")
                assert begins.startswith(ended.partial.body) or ended.partial.body.startswith(begins)
        else:
            assert answer.status == 502, f"a broken answer looks whole: {answer}"


def test_upstream_reset_in_the_middle(gateway, upstream, path):
    sent = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        sent.wait(PATIENCE)
        conn.reset()

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path))
        assert client.head().status == 200
        sent.set()
        with pytest.raises(Ended):
            client.source.exactly(100)
