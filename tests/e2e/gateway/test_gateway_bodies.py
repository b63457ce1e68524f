"""Connections and bodies: keep-alive, pipelining, framing both ways, 1xx, streaming, aborts, back-pressure."""

import hashlib
import socket
import threading

import pytest

from gwkit.client import get
from gwkit.message import Body, Ended, read_chunked
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE, until

MiB = 1024 * 1024


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "limits": {"bodyBytes": "100MiB"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app", "timeout": "20s"}],
    }, threads=2)


@pytest.fixture
def client(gateway):
    with gateway.connect() as client:
        yield client


# -------------------------------------------------------------------------------------------------------------- connections

def test_keep_alive(client, path):
    for number in range(20):
        answer = client.ask(get(f"{path}/{number}"))
        assert answer.json()["target"] == f"{path}/{number}" and not answer.closes


def test_connection_close_is_kept(client, path):
    answer = client.ask(get(path, "Connection: close"))
    assert answer.status == 200 and answer.closes
    client.assert_closed()


def test_connection_close_among_others(client, path):
    answer = client.ask(get(path, "Connection: x-foo, Close"))
    assert answer.status == 200 and answer.closes
    client.assert_closed()


def test_http10_closes(client, path):
    answer = client.ask(get(path, version="HTTP/1.0"))
    assert answer.status == 200
    client.assert_closed()


def test_http10_keep_alive(client, path):
    """When the gateway keeps it open, it says so."""
    answer = client.ask(get(path, "Connection: keep-alive", version="HTTP/1.0"))
    assert answer.status == 200
    if "keep-alive" in answer.fields.elements("Connection"):
        assert client.ask(get(path, version="HTTP/1.0")).status == 200
    client.assert_closed()


def test_http10_gets_no_chunks(client, upstream, path):
    upstream.respond(path, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    answer = client.ask(get(path, version="HTTP/1.0"))
    assert answer.framing in ("close", "length") and answer.body == b"hello world"
    client.assert_closed()


def test_upstream_connections_are_used_again(gateway, upstream, path):
    with gateway.connect() as client:
        for _ in range(30):
            client.ask(get(path))
    assert len({id(r.connection) for r in upstream.of(path)}) <= 2


def test_upstream_that_closes_after_each_answer(client, upstream, path):
    upstream.respond(path, simple_answer(fields=["Connection: close"]), keep=False)
    for _ in range(20):
        assert client.ask(get(path)).status == 200
    assert len({id(r.connection) for r in upstream.of(path)}) == 20


def test_upstream_that_closes_without_saying(client, upstream, path):
    """Its connection ends while it is idle: the next request goes over another one."""
    upstream.respond(path, simple_answer(), keep=False)
    for number in range(20):
        assert client.ask(get(path)).status == 200
        upstream.wait_request(path, number + 1).connection.ended.wait(PATIENCE)


def test_pipelined_answers_come_in_order(gateway, upstream, path):
    first_may_answer = threading.Event()

    def slow(conn, request):
        conn.body(request)
        first_may_answer.wait(PATIENCE)
        conn.send(simple_answer(b"slow"))
        return True

    upstream.on(f"{path}/slow", slow)
    with gateway.connect() as client:
        client.send(get(f"{path}/slow") + b"".join(get(f"{path}/{n}") for n in range(20)))
        upstream.wait_request(f"{path}/slow")
        assert client.silent()
        first_may_answer.set()
        assert client.response().body == b"slow"
        for number in range(20):
            assert client.response().json()["target"] == f"{path}/{number}"


def test_pipelined_posts_with_bodies(client, path):
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (b"one", b"two" * 50)) + b"0\r\n\r\n"
    client.send(get(path, method="POST", body=b"first") + get(path, "Transfer-Encoding: chunked", method="POST") + body
                + get(path, method="POST", body=b"third") + get(path, "Connection: close"))
    assert [client.response().json()["body"] for _ in range(4)] == ["first", "one" + "two" * 50, "third", ""]
    client.assert_closed()


def test_pipelined_in_odd_pieces(client, path):
    stream = b"".join(get(f"{path}/{n}", method="POST", body=b"x" * n) for n in range(12))
    client.send(*[stream[i:i + 37] for i in range(0, len(stream), 37)])
    for number in range(12):
        answer = client.response().json()
        assert (answer["target"], answer["length"]) == (f"{path}/{number}", number)


def test_pipelining_many_is_bounded(gateway, upstream, path):
    """A client that pipelines without reading is held, and served when it reads."""
    upstream.respond(path, simple_answer(b"a" * 20_000))
    before = gateway.memory()
    with gateway.connect(receive_buffer=4096) as client:
        done = threading.Event()

        def send():
            client.send(get(path) * 3000)
            done.set()

        threading.Thread(target=send, daemon=True).start()
        for _ in range(3000):
            assert len(client.response().body) == 20_000
        assert done.wait(PATIENCE)
    assert gateway.memory() - before < 40 * MiB


def test_answers_after_the_client_has_finished_sending(client, upstream, path):
    """Half-closed (RFC 9112 §9.6 leaves it to the server; HTTP/1 clients such as nc do it): what was asked is answered."""
    client.send(get(f"{path}/1") + get(f"{path}/2"))
    client.finish_sending()
    assert client.response().json()["target"] == f"{path}/1"
    assert client.response().json()["target"] == f"{path}/2"
    client.assert_closed()


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


# ------------------------------------------------------------------------------------------------------------- streaming

def test_server_sent_events_come_one_by_one(client, upstream, path):
    go = threading.Semaphore(0)

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(5):
            go.acquire(timeout=PATIENCE)
            event = b"data: %d\n\n" % number
            conn.send(b"%x\r\n%s\r\n" % (len(event), event))
        conn.send(b"0\r\n\r\n")
        return True

    upstream.on(path, script)
    client.send(get(path, "Accept: text/event-stream"))
    head = client.head()
    assert head.status == 200 and head.fields.one("Content-Type") == "text/event-stream"
    for number in range(5):
        assert client.silent()
        go.release()
        size = int(client.source.line().split(b";")[0], 16)
        assert client.source.exactly(size) == b"data: %d\n\n" % number
        client.source.exactly(2)
    body = Body()
    read_chunked(client.source, body)
    assert not body.content
    assert client.ask(get(path + "/after")).status == 200


def test_events_until_close_come_one_by_one(client, upstream, path):
    go = threading.Semaphore(0)

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(3):
            go.acquire(timeout=PATIENCE)
            conn.send(b"data: %d\n\n" % number)

    upstream.on(path, script)
    client.send(get(path))
    assert client.head().status == 200
    for number in range(3):
        go.release()
        client.source.until(b"data: %d\n\n" % number)


def test_events_end_when_the_client_goes(gateway, upstream, path):
    gone = threading.Event()

    def script(conn, request):
        conn.body(request)
        try:
            conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            while not gone.wait(0.01):  # an event now and then
                conn.send(b"data: 1\n\n")
        except OSError:
            gone.set()

    upstream.on(path, script)
    client = gateway.connect()
    client.send(get(path))
    assert client.head().status == 200
    client.close()
    ended = gone.wait(PATIENCE)
    gone.set()
    assert ended, "the upstream is not told that the client went"


def test_the_head_comes_before_the_body(client, upstream, path):
    go = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        go.wait(PATIENCE)
        conn.send(b"hello")
        return True

    upstream.on(path, script)
    client.send(get(path))
    assert client.head().status == 200
    go.set()
    assert client.source.exactly(5) == b"hello"


# -------------------------------------------------------------------------------------------------------- 1xx and Expect

def test_continue_from_the_upstream(client, upstream, path):
    """The client waits with its body until it may send it."""
    def script(conn, request):
        assert request.fields.elements("Expect") in (["100-continue"], [])
        conn.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        conn.send(simple_answer(conn.body(request)))
        return True

    upstream.on(path, script)
    for _ in range(3):
        client.send(get(path, "Expect: 100-continue", "Content-Length: 5", method="POST"))
        assert client.head().status == 100
        client.send(b"hello")
        answer = client.response()
        assert answer.body == b"hello" and len(answer.interim) == 0, "100 came twice"


def test_continue_when_the_upstream_says_nothing_of_it(client, upstream, path):
    """An upstream that just reads (HTTP/1.0 manner): the client must get its 100, or time out into sending. Here it insists."""
    upstream.respond(path, simple_answer())
    client.send(get(path, "Expect: 100-continue", "Content-Length: 5", method="POST"))
    client.sock.settimeout(PATIENCE)
    try:
        head = client.head()
        assert head.status == 100
    except socket.timeout:  # end-to-end: the gateway leaves it to the upstream; then the client goes on by itself
        client.sock.settimeout(PATIENCE)
    client.send(b"hello")
    assert client.response().status == 200


def test_final_answer_instead_of_continue(client, upstream, path):
    """The client has not sent its body: the connection can only go on if it does, or it is closed. Never is the body taken for a
    request."""
    def script(conn, _):
        conn.send(simple_answer(b"no", "403 Forbidden"))
        conn.wait_end()

    upstream.on(path, script)
    client.send(get(path, "Expect: 100-continue", "Content-Length: 44", method="POST"))
    answer = client.response()
    interim = [i.status for i in answer.interim]
    assert (answer.status, answer.body) == (403, b"no") and interim in ([], [100])
    client.try_send(b"GET /SMUGGLED HTTP/1.1\r\nHost: gw.test\r\n\r\n")
    if answer.closes:
        client.assert_closed()
    assert not upstream.of("/SMUGGLED")


def test_expectation_with_the_body_at_once(client, upstream, path):
    client.send(get(path, "Expect: 100-continue", method="POST", body=b"hello"))
    assert client.response().json()["body"] == "hello"
    assert client.ask(get(path)).status == 200


def test_unknown_expectation_is_417(client, upstream, path):
    client.send(get(path, "Expect: the-unexpected", method="POST", body=b"hello"))
    assert client.response().status in (200, 417)  # RFC 9110 §10.1.1: may


def test_expect_in_http10_is_ignored(client, path):
    answer = client.ask(get(path, "Expect: 100-continue", method="POST", body=b"hello", version="HTTP/1.0"))
    assert answer.status == 200 and not answer.interim


def test_early_hints_pass(client, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        conn.send(simple_answer(b"done"))
        return True

    upstream.on(path, script)
    for _ in range(2):
        answer = client.ask(get(path))
        assert answer.body == b"done"
        assert [i.status for i in answer.interim] == [103, 102]
        assert answer.interim[0].fields.one("Link") == "</a.css>; rel=preload"


def test_early_hints_come_early(client, upstream, path):
    go = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        go.wait(PATIENCE)
        conn.send(simple_answer())
        return True

    upstream.on(path, script)
    client.send(get(path))
    assert client.head().status == 103
    go.set()
    assert client.response().status == 200


def test_http10_clients_get_no_1xx(client, upstream, path):
    """RFC 9110 §15.2."""
    upstream.respond(path, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + simple_answer(b"done"))
    answer = client.ask(get(path, version="HTTP/1.0"))
    assert answer.body == b"done" and not answer.interim


def test_answer_while_the_body_is_still_coming(gateway, upstream, path):
    """An upstream that has seen enough: its answer arrives, and no connection with an unread body is used again."""
    def script(conn, _):
        conn.source.exactly(1000)
        conn.send(simple_answer(b"enough", "413 Content Too Large", ["Connection: close"]))
        conn.wait_end()

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path, "Content-Length: 1000000", method="POST") + b"a" * 2000)
        answer = client.response()
        assert (answer.status, answer.body) == (413, b"enough")
        client.try_send(b"a" * 1000)
    first = upstream.of(path)[0]
    assert first.connection.ended.wait(PATIENCE) and first.connection.requests[-1] is first


def test_answer_before_the_body_ends_and_the_body_goes_on(gateway, upstream, path):
    """Both directions at once, as with a client that uploads and reads progress."""
    def script(conn, _):
        conn.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(3):
            piece = conn.source.exactly(4)
            conn.send(b"4\r\n%s\r\n" % piece)
        conn.send(b"0\r\n\r\n")
        return True

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path, "Content-Length: 12", method="POST"))
        assert client.head().status == 200
        for number in range(3):
            client.send(b"abc%d" % number)
            size = int(client.source.line(), 16)
            assert client.source.exactly(size) == b"abc%d" % number
            client.source.exactly(2)
        assert client.source.line() == b"0" and client.source.line() == b""


# --------------------------------------------------------------------------------------------------------- big and slow

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
