"""Connections of clients and to the upstream: keep-alive, pipelining, half-closed ones."""

import threading

from gwkit.client import get
from gwkit.upstream import simple_answer
from gwkit.wait import PATIENCE


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
    assert gateway.memory() - before < 40 * 1024 * 1024


def test_answers_after_the_client_has_finished_sending(client, upstream, path):
    """Half-closed (RFC 9112 §9.6 leaves it to the server; HTTP/1 clients such as nc do it): what was asked is answered."""
    client.send(get(f"{path}/1") + get(f"{path}/2"))
    client.finish_sending()
    assert client.response().json()["target"] == f"{path}/1"
    assert client.response().json()["target"] == f"{path}/2"
    client.assert_closed()
