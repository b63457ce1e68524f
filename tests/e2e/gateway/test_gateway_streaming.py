"""What must not be held back: events, heads before bodies, 1xx, 100-continue, answers before the request is whole."""

import socket
import threading

from gwkit.client import get
from gwkit.message import Body, read_chunked
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE

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
