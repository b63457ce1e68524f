"""Bodies of requests that the gateway answers itself, and bodies that are none: whatever comes before or behind them, the next
request is read where it begins."""

import pytest

from gwkit.client import SMUGGLED, get
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer
from gwkit.wait import until

CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "limits": {"bodyTimeout": "30s"},
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [
            {"name": "app", "match": {"path": "/t/**"}, "upstream": "app"},
            {"name": "get", "match": {"path": "/get", "methods": ["GET"]}, "upstream": "app"},
            {"name": "slow", "match": {"path": "/slow/**"}, "upstream": "app", "timeout": "500ms"},
        ],
    })


def chunks(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


REFUSED = {"no-route": ("/nowhere", 404), "method": ("/get", 405), "path": ("/a%2fb", 400), "asterisk": ("*", 204)}


@pytest.mark.parametrize("target, status", REFUSED.values(), ids=REFUSED)
def test_a_refused_chunked_body_behind_a_whole_one(client, path, target, status):
    assert client.ask(get(path, CHUNKED, method="POST") + chunks(b"hello")).status == 200
    method = "OPTIONS" if target == "*" else "POST"
    assert client.ask(get(target, CHUNKED, method=method) + chunks(b"hello", b"x" * 100)).status == status
    assert client.ask(get(path)).status == 200


@pytest.mark.parametrize("target, status", REFUSED.values(), ids=REFUSED)
def test_a_refused_chunked_body_behind_another_clients_broken_one(gateway, upstream, path, target, status):
    """What one client left unfinished says nothing of the next client's body."""
    with gateway.connect() as first:
        first.send(get(path, CHUNKED, method="POST") + b"40\r\nhalf of a chunk")
        upstream.wait_request(path)
        first.reset()
    until(lambda: gateway.client_connections() == 0, "the first client is gone")
    hidden = b"x" * 49 + b"\r\n0\r\n\r\n" + SMUGGLED
    method = "OPTIONS" if target == "*" else "POST"
    with gateway.connect() as second:
        assert second.ask(get(target, CHUNKED, method=method) + chunks(hidden)).status == status
        assert second.ask(get(path)).status == 200
        assert second.silent()
    assert not upstream.of("/SMUGGLED")


def test_a_body_of_no_bytes_is_none(gateway, upstream, path):
    """`fetch` and curl send Content-Length: 0 with a POST: the connections stay, on both sides."""
    upstream.respond(path, simple_answer())
    with gateway.connect() as client:
        for _ in range(20):
            answer = client.ask(get(path, "Content-Length: 0", method="POST"))
            assert answer.status == 200 and not answer.closes
    assert len({id(request.connection) for request in upstream.of(path)}) == 1
    with gateway.connect() as client:
        for _ in range(3):
            answer = client.ask(get("/nowhere", "Content-Length: 0", method="POST"))
            assert answer.status == 404 and not answer.closes


def test_the_replica_is_to_blame_for_its_silence_after_a_body_of_no_bytes(gateway, upstream):
    upstream.on("/slow/1", lambda conn, request: conn.wait_end())
    answer = gateway.ask(get("/slow/1", "Content-Length: 0", method="POST"))
    assert_problem(answer, 504)


def test_line_breaks_behind_a_body_are_no_request(gateway, path):
    """RFC 9112 section 2.2: some clients send them; they start no deadline for a head."""
    with gateway.connect() as client:
        assert client.ask(get(path, method="POST", body=b"x") + b"\r\n").status == 200
        assert client.ask(get(path)).status == 200
