"""Upstreams that fail, lie, or are slow; and how requests are spread over their replicas."""

import collections
import email.utils
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gwkit.client import get
from gwkit.message import Ended
from gwkit.problem import assert_problem
from gwkit.upstream import refused_port, simple_answer
from gwkit.wait import PATIENCE, until


@pytest.fixture(scope="module")
def holes():
    """Addresses at which nothing can be reached: refused, and one that never answers a connect."""
    refused = [refused_port() for _ in range(3)]
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    stuffing = []
    for _ in range(4):  # fill its queue, so that further SYNs are dropped
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(full.getsockname())
        stuffing.append(each)
    yield {"refused": ["127.0.0.1:%d" % s.getsockname()[1] for s in refused], "silent": "127.0.0.1:%d" % full.getsockname()[1]}
    for each in [*refused, *stuffing, full]:
        each.close()


@pytest.fixture(scope="module")
def replicas(make_upstream):
    return [make_upstream(name) for name in "abc"]


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream, holes, replicas):
    route = lambda name, **more: {"name": name, "match": {"path": f"/{name}/**"}, "upstream": name, **more}
    return start_gateway({
        "defaults": {"connectTimeout": "400ms"},
        "upstreams": {
            "t": {"endpoints": [upstream.endpoint]},
            "slow": {"endpoints": [upstream.endpoint]},
            "half": {"endpoints": [upstream.endpoint, holes["refused"][0]]},
            "dead": {"endpoints": holes["refused"]},
            "silent": {"endpoints": [holes["silent"]]},
            "nobody": {"endpoints": []},
            "three": {"endpoints": [r.endpoint for r in replicas]},
            "uneven": {"endpoints": [r.endpoint for r in replicas]},
        },
        "routes": [
            route("t"),
            route("slow", timeout="400ms", idleTimeout="400ms"),
            route("half"), route("dead"), route("silent"), route("nobody"),
            route("three", response={"headers": {"set": {"X-Served-By": "{upstream.replica}"}}}),
            route("uneven"),
        ],
    }, threads=1)


# ----------------------------------------------------------------------------------------------------------------- garbage

OK = b"HTTP/1.1 200 OK\r\n"
GARBAGE = {
    "not-http": b"220 smtp.example ESMTP\r\n\r\n",
    "binary": b"\x16\x03\x01\x00\x05\xff\xff\xff\r\n\r\n",
    "empty-line": b"\r\n\r\n",
    "html": b"<html>hello</html>\r\n\r\n",
    "http09": b"hello\n",
    "version-2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "version-lower-case": b"http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "status-short": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
    "status-long": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    "status-letters": b"HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n",
    "status-zero": b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    "status-minus": b"HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n",
    "status-99": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "reason-nul": b"HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n",
    "reason-cr": b"HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n",
    "cl-te": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "cl-differing": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "cl-letters": OK + b"Content-Length: five\r\n\r\nhello",
    "cl-minus": OK + b"Content-Length: -5\r\n\r\nhello",
    "cl-plus": OK + b"Content-Length: +5\r\n\r\nhello",
    "cl-overflow": OK + b"Content-Length: 18446744073709551621\r\n\r\nhello",
    "te-unknown": OK + b"Transfer-Encoding: gzip\r\n\r\nhello",
    "te-not-final": OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "te-http10": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "field-lf": OK + b"X: a\nContent-Length: 0\r\n\r\n",
    "field-nul": OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "field-cr": OK + b"X: a\rb\r\nContent-Length: 0\r\n\r\n",
    "field-no-colon": OK + b"nonsense\r\nContent-Length: 0\r\n\r\n",
    "field-space-before-colon": OK + b"Content-Length : 5\r\n\r\nhello",
    "field-folded": OK + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "field-empty-name": OK + b": a\r\nContent-Length: 0\r\n\r\n",
    "header-1-MB": OK + b"X: " + b"a" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "fields-10000": OK + b"X: a\r\n" * 10_000 + b"Content-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE)
def test_garbage_from_the_upstream_is_502(gateway, upstream, path, raw):
    """Never passed on, and its connection is not used again. (A field that could be repaired may be: then the answer is clean, as
    the strict reader here sees.)"""
    def script(conn, request):
        conn.body(request)
        conn.send(raw)
        conn.wait_end()

    upstream.on(path, script)
    with gateway.connect() as client:
        assert_problem(client.ask(get(path)), 502, ("MSC3021", "MSC3022"))
        assert client.ask(get(path + "/after")).status == 200, "the client's connection need not suffer"
    conn = upstream.of(path)[0].connection
    assert conn.ended.wait(PATIENCE) and len(conn.requests) == 1 or conn.requests[-1].path == path


def test_own_answers_have_each_field_once(start_gateway, upstream, path):
    """Also when they take the place of an upstream's answer, with whose head the filters had dealt already."""
    gateway = start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"match": {"path": "/t/**"}, "upstream": "app", "response": {"headers": {"add": {"X-Once": "1"}, "set": {"Date": "then"}}}},
                   {"match": {"path": "/own"}, "respond": {"status": 200, "body": "{}", "headers": {"Content-Type": "application/json", "Date": "then"}}}]})
    upstream.respond(path, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n", keep=False)
    for answer, status in ((gateway.ask(get(path)), 502), (gateway.ask(get("/own")), 200)):
        assert answer.status == status
        for name in {name.lower() for name, _ in answer.fields}:
            assert len(answer.fields.all(name)) == 1, (name, answer.fields)
    assert gateway.ask(get("/own")).fields.one("Content-Type") == "application/json"


def test_interim_answers_lose_what_concerns_the_connection(client, upstream, path):
    upstream.respond(path, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Hop: 1\r\nConnection: X-Hop\r\nX-Request-Id: theirs\r\n\r\n" + simple_answer())
    client.send(get(path))
    hints = client.head()
    assert hints.status == 103 and hints.fields.one("Link") == "</a>"
    assert "X-Hop" not in hints.fields and "Connection" not in hints.fields and "X-Request-Id" not in hints.fields
    assert client.response().status == 200


def test_an_answer_without_a_date_gets_one(gateway, upstream, path):
    """RFC 9110 section 6.6.1."""
    upstream.respond(path, simple_answer())
    assert email.utils.parsedate_to_datetime(gateway.ask(get(path)).fields.one("Date"))
    upstream.respond(path, simple_answer(fields=["Date: Tue, 15 Nov 1994 08:12:31 GMT"]))
    assert gateway.ask(get(path)).fields.one("Date") == "Tue, 15 Nov 1994 08:12:31 GMT"


def test_two_gateways_draw_differently(start_gateway, make_upstream):
    """Replicas are drawn from a generator that each start seeds anew: all gateways of a fleet must not choose alike."""
    servers = [make_upstream(str(number)) for number in range(4)]
    for server in servers:
        server.respond("/t/who", simple_answer(server.name.encode()))
    config = {"upstreams": {"app": {"endpoints": [server.endpoint for server in servers]}}, "routes": [{"match": {"path": "/t/**"}, "upstream": "app"}]}
    drawn = set()
    for _ in range(3):
        gateway = start_gateway(config)
        drawn.add("".join(gateway.ask(get("/t/who")).body.decode() for _ in range(32)))
    assert len(drawn) > 1


def test_endless_1xx_end_somewhere(gateway, upstream, path):
    """The route's timeout runs to the final head; 1xx do not prolong it for ever."""
    path = "/slow" + path

    def script(conn, request):
        conn.body(request)
        while True:  # until the gateway breaks it off
            conn.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")

    upstream.on(path, script)
    with gateway.connect() as client:
        client.send(get(path))
        try:
            assert client.response().status in (502, 504)
        except Ended:
            pass
    assert upstream.of(path)[0].connection.ended.wait(PATIENCE)


@pytest.mark.parametrize("extra", [simple_answer(b"POISON"), b"garbage", b"HTTP/1.1 200 OK\r\n"])
def test_more_than_was_asked_for_never_reaches_the_next_client(gateway, upstream, path, extra):
    """Response queue poisoning: bytes behind an answer must not become the answer to another request."""
    upstream.respond(path, simple_answer(b"fair") + extra)
    for _ in range(10):
        assert gateway.ask(get(path)).body == b"fair"
    for number in range(10):
        assert gateway.ask(get(f"{path}/{number}")).json()["target"] == f"{path}/{number}"


def test_bytes_on_an_idle_connection_spoil_it(gateway, upstream, path):
    late = threading.Event()

    def script(conn, request):
        conn.body(request)
        conn.send(simple_answer(b"fair"))
        late.wait(PATIENCE)
        try:
            conn.send(simple_answer(b"POISON"))
        except OSError:
            pass
        conn.wait_end()

    upstream.on(path, script)
    assert gateway.ask(get(path)).body == b"fair"
    late.set()
    assert upstream.of(path)[0].connection.ended.wait(PATIENCE), "the spoilt connection is not closed"
    assert gateway.ask(get(path + "/after")).json()["target"] == path + "/after"


@pytest.mark.parametrize("raw", [OK + b"Content-Length: 5\r\n\r\n", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
                                 b"HTTP/1.1 304 Not Modified\r\n\r\nhello"])
def test_a_body_where_none_may_be(gateway, upstream, path, raw):
    """An answer to HEAD, 204 or 304 with a body: the body is never taken for the next answer."""
    def script(conn, request):
        conn.body(request)
        conn.send(raw + (b"hello" if request.method == "HEAD" else b""))
        return True

    upstream.on(path, script)
    for _ in range(5):
        with gateway.connect() as client:
            client.ask(get(path, method="HEAD" if b"200" in raw else "GET"))
            assert client.ask(get(path + "/after")).json()["target"] == path + "/after"


def test_upstream_that_closes_without_an_answer(gateway, upstream, path):
    def script(conn, request):
        conn.body(request)

    upstream.on(path, script)
    assert_problem(gateway.ask(get(path, method="POST", body=b"x")), 502, "MSC3021")
    assert len(upstream.of(path)) == 1, "a request that is not idempotent was repeated"


def test_upstream_that_resets(gateway, upstream, path):
    def script(conn, request):
        conn.body(request)
        conn.reset()

    upstream.on(path, script)
    assert_problem(gateway.ask(get(path, method="POST", body=b"x")), 502, "MSC3021")


@pytest.mark.parametrize("beginning", [b"H", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_upstream_that_breaks_off_in_its_head(gateway, upstream, path, beginning):
    def script(conn, request):
        conn.body(request)
        conn.send(beginning)

    upstream.on(path, script)
    assert_problem(gateway.ask(get(path, method="POST", body=b"x")), 502, ("MSC3021", "MSC3022"))


# ---------------------------------------------------------------------------------------------------------------- slowness

@pytest.fixture
def forever():
    """An event that is never set while the test runs."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_an_answer_that_does_not_come_is_504(gateway, upstream, forever, path, beginning):
    path = "/slow" + path

    def script(conn, request):
        conn.body(request)
        if beginning:
            conn.send(beginning)
        conn.wait_end()

    upstream.on(path, script)
    begun = time.monotonic()
    with gateway.connect() as client:
        assert_problem(client.ask(get(path)), 504, "MSC3024")
        assert time.monotonic() - begun >= 0.36
        assert client.ask(get(path + "/after")).status == 200
    assert upstream.of(path)[0].connection.ended.wait(PATIENCE), "the upstream's connection is given up"


def test_a_late_answer_goes_to_nobody(gateway, upstream, path):
    path = "/slow" + path
    answered = threading.Event()

    def script(conn, request):
        conn.body(request)
        answered.wait(PATIENCE)
        try:
            conn.send(simple_answer(b"LATE"))
        except OSError:
            pass

    upstream.on(path, script)
    with gateway.connect() as client:
        assert_problem(client.ask(get(path)), 504, "MSC3024")
        answered.set()
        for _ in range(5):
            assert client.ask(get(path + "/after")).json()["target"] == path + "/after"


def test_a_body_that_stops_is_broken_off(gateway, upstream, forever, path):
    """idleTimeout: the head has gone, so no 504 is possible; the client must see that the body is not whole."""
    path = "/slow" + path

    def script(conn, request):
        conn.body(request)
        conn.send(OK + b"Content-Length: 100\r\n\r\nhalf")
        conn.wait_end()

    upstream.on(path, script)
    with gateway.connect() as client:
        with pytest.raises(Ended):
            client.ask(get(path))


def test_a_body_that_drips_goes_on(gateway, upstream, path):
    """idleTimeout is between bytes, timeout only until the head."""
    path = "/slow" + path

    def script(conn, request):
        conn.body(request)
        conn.send(OK + b"Content-Length: 10\r\n\r\n")
        for _ in range(10):
            conn.send(b"x")
            threading.Event().wait(0.1)  # the pace itself
        return True

    upstream.on(path, script)
    assert gateway.ask(get(path)).body == b"x" * 10


def test_a_connect_that_does_not_come_is_answered(gateway):
    answer = gateway.ask(get("/silent/x"))
    assert_problem(answer, (502, 503, 504), ("MSC3020", "MSC3024"))


# ---------------------------------------------------------------------------------------------------------------- replicas

def test_a_refused_connect_is_tried_on_the_other_replica(gateway, upstream):
    for number in range(40):
        assert gateway.ask(get(f"/half/{number}")).status == 200
    answer = gateway.ask(get("/half/post", method="POST", body=b"hello"))  # nothing was sent: safe for any method
    assert answer.json()["body"] == "hello"


def test_a_refused_connect_with_a_streamed_body(gateway):
    for _ in range(10):
        with gateway.connect() as client:
            client.send(get("/half/chunks", "Transfer-Encoding: chunked", method="POST"))
            client.send(b"5\r\nhello\r\n")
            client.send(b"0\r\n\r\n")
            assert client.response().json()["body"] == "hello"


def test_all_replicas_refuse(gateway):
    with gateway.connect() as client:
        assert_problem(client.ask(get("/dead/x")), (502, 503), ("MSC3020", "MSC3023"))
        answer = client.ask(get("/dead/x", method="POST", body=b"hello"))
        assert_problem(answer, (502, 503), ("MSC3020", "MSC3023"))


def test_no_replica_at_all(gateway):
    answer = gateway.ask(get("/nobody/x"))
    assert_problem(answer, 503, "MSC3023")
    assert int(answer.fields.one("Retry-After")) >= 1


def test_all_replicas_get_requests(gateway):
    served, names = collections.Counter(), {}
    for number in range(150):
        answer = gateway.ask(get(f"/three/{number}"))
        served[answer.json()["replica"]] += 1
        names.setdefault(answer.json()["replica"], set()).add(answer.fields.one("X-Served-By"))
    assert set(served) == {"a", "b", "c"} and min(served.values()) >= 15, served
    assert len(set().union(*names.values())) == 3 and all(len(n) == 1 for n in names.values()), names


def test_a_slow_replica_gets_fewer(gateway, replicas):
    """Least request: the others get what it cannot take."""
    served = collections.Counter()
    lock = threading.Lock()

    def slow(conn, request):
        conn.body(request)
        threading.Event().wait(0.1)  # the slowness itself
        conn.send(simple_answer(conn.upstream.name.encode()))
        return True

    def quick(conn, request):
        conn.body(request)
        conn.send(simple_answer(conn.upstream.name.encode()))
        return True

    for replica, script in zip(replicas, (slow, quick, quick)):
        replica.on("/uneven/x", script)

    def work():
        with gateway.connect() as client:
            for _ in range(40):
                body = client.ask(get("/uneven/x")).body.decode()
                with lock:
                    served[body] += 1

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(served.values()) == 320
    assert 1 <= served["a"] < min(served["b"], served["c"]) / 2, served


def test_a_killed_replica_costs_only_what_it_held(start_gateway):
    """Two replicas under load, one gets SIGKILL: at most one failure for each client, told as 502 where nothing had been sent yet."""
    script = Path(__file__).parent / "gwkit" / "replica.py"
    processes = [subprocess.Popen([sys.executable, str(script), name], stdout=subprocess.PIPE, text=True) for name in "ab"]
    try:
        ports = [int(p.stdout.readline()) for p in processes]
        gateway = start_gateway({
            "upstreams": {"app": {"endpoints": [f"127.0.0.1:{p}" for p in ports]}},
            "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app"}],
        }, threads=2)
        clients, counts, failures, stop = 8, collections.Counter(), [], threading.Event()

        def work():
            client = gateway.connect()
            while not stop.is_set():
                try:
                    answer = client.ask(get("/"))
                except Ended as ended:  # its answer had begun
                    failures.append(ended)
                    client.close()
                    client = gateway.connect()
                    continue
                if answer.status == 200:
                    counts[answer.body.decode()] += 1
                else:
                    failures.append(answer)
            client.close()

        workers = [threading.Thread(target=work) for _ in range(clients)]
        for worker in workers:
            worker.start()
        until(lambda: counts["a"] > 50 and counts["b"] > 50, "both replicas serve")
        processes[0].kill()
        processes[0].wait()
        after = counts["b"]
        until(lambda: counts["b"] > after + 400, "the other replica serves on")
        stop.set()
        for worker in workers:
            worker.join()
        assert len(failures) <= clients, failures
        for failure in failures:
            if not isinstance(failure, Ended):
                assert_problem(failure, 502, ("MSC3020", "MSC3021"))
        before = counts["a"]
        for _ in range(20):
            assert gateway.ask(get("/")).body == b"b"
        assert counts["a"] == before
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()
