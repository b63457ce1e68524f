"""What is unusual, but right, is accepted in any pieces and forwarded in one plain form; and what a refusal does to its
connection."""

import random

import pytest

from gwkit.client import Client, SMUGGLED, get, post
from gwkit.problem import assert_problem


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app"}],
    })


ACCEPTED = {
    "te-upper-case": (post("Transfer-Encoding: CHUNKED", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "te-tabs": (post("Transfer-Encoding:\t chunked \t", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "te-no-space": (post("Transfer-Encoding:chunked", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "name-upper-case": (post("TRANSFER-ENCODING: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "chunk-extension": (post("Transfer-Encoding: chunked", body=b'5;a=b;c="d;\\"e"\r\nhello\r\n0;x\r\n\r\n'), b"hello"),
    "chunk-hex-case": (post("Transfer-Encoding: chunked", body=b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), b"0123456789" * 2),
    "chunk-leading-zeros": (post("Transfer-Encoding: chunked", body=b"0005\r\nhello\r\n000\r\n\r\n"), b"hello"),
    "chunk-empty": (post("Transfer-Encoding: chunked", body=b"0\r\n\r\n"), b""),
    "cl-tab": (post("Content-Length:\t5\t", body=b"hello"), b"hello"),
    "cl-leading-zeros": (post("Content-Length: 005", body=b"hello"), b"hello"),
    "cl-zero": (post("Content-Length: 0"), b""),
    "get-with-body": (get("/x", "Content-Length: 5") + b"hello", b"hello"),
    "delete-with-chunks": (get("/x", "Transfer-Encoding: chunked", method="DELETE") + b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
    "post-without-body": (get("/x", method="POST"), b""),
    "empty-line-before": (b"\r\n" + get("/x"), b""),
    "empty-value": (get("/x", "X:"), b""),
    "odd-name": (get("/x", "!#$%&'*+-.^_`|~9: a"), b""),
    "value-with-tab": (get("/x", "X: a\tb"), b""),
    "host-with-port": (get("/x", host="gw.test:8080"), b""),
    "host-v4": (get("/x", host="127.0.0.1:8080"), b""),
    "host-v6": (get("/x", host="[::1]:8080"), b""),
    "host-trailing-dot": (get("/x", host="gw.test."), b""),
    "host-upper-case": (get("/x", host="GW.TEST"), b""),
    "http10-without-host": (b"GET /x HTTP/1.0\r\n\r\n", b""),
    "unknown-method": (get("/x", method="PROPFIND"), b""),
}


@pytest.mark.parametrize("raw, body", ACCEPTED.values(), ids=ACCEPTED)
@pytest.mark.parametrize("pieces", ["whole", "pieces"])
def test_unusual_but_right(gateway, upstream, path, raw, body, pieces):
    """Accepted, whatever pieces it comes in, and forwarded in one plain form."""
    raw = raw.replace(b"/x", path.encode(), 1)
    with gateway.connect() as client:
        if pieces == "whole":
            client.send(raw)
        else:
            chance = random.Random(str(raw))
            cuts = sorted({0, len(raw), *(chance.randrange(len(raw)) for _ in range(8)), raw.index(b"\r\n\r\n") + 2})
            client.send(*[raw[a:b] for a, b in zip(cuts, cuts[1:])])
        answer = client.response()
    assert answer.status == 200, answer
    seen = upstream.wait_request(path)
    assert seen.complete and seen.body == body
    for name, value in seen.fields:
        assert value == value.strip() and name
    if "Transfer-Encoding" in seen.fields:
        assert seen.fields.one("Transfer-Encoding") == "chunked"
    elif body:
        assert int(seen.fields.one("Content-Length")) == len(body)


def test_byte_by_byte(gateway, upstream, path):
    raw = post("Transfer-Encoding: chunked", body=b'5;a=b;c="d;\\"e"\r\nhello\r\n0;x\r\nX: y\r\n\r\n').replace(b"/x", path.encode())
    with gateway.connect() as client:
        client.send(*[raw[i:i + 1] for i in range(len(raw))])
        assert client.response().status == 200
    assert upstream.wait_request(path).body == b"hello"


def test_content_length_twice_the_same(gateway, upstream, path):
    """RFC 9110 §8.6: refused, or forwarded as one."""
    for fields in (["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5, 5"]):
        answer = gateway.ask(get(path, *fields, method="POST") + b"hello")
        assert answer.status in (200, 400)
    for seen in upstream.of(path):
        assert seen.fields.all("Content-Length") == ["5"]


def test_minor_version_above_one(gateway, path):
    """RFC 9112 §2.3: a higher minor version is read as 1.1; 505 is allowed too (RFC 9110 §15.6.6)."""
    answer = gateway.ask(get(path, version="HTTP/1.2"))
    assert answer.status in (200, 505)


def test_value_beyond_ascii_passes_as_it_is(gateway, upstream, path):
    """obs-text (RFC 9110 §5.5) is opaque data."""
    assert gateway.ask(get(path, "X-Name: caf\xc3\xa9")).status == 200
    assert upstream.wait_request(path).fields.one("X-Name") == "caf\xc3\xa9"


def test_absolute_form_decides_over_host(gateway, upstream, path):
    """RFC 9112 §3.2.2: Host is replaced by the target's."""
    answer = gateway.ask(get(f"http://real.test:81{path}?a=b", host="other.test"))
    assert answer.status == 200
    seen = upstream.wait_request(path)
    assert seen.target == f"{path}?a=b"
    assert seen.fields.one("Host") == "real.test:81"


def test_absolute_form_without_path(gateway, upstream):
    before = len(upstream.of("/"))
    assert gateway.ask(get("http://real.test", host="real.test")).status == 200
    assert upstream.wait_request("/", before + 1).target == "/"


def test_absolute_form_with_query_and_no_path(gateway, upstream):
    before = len(upstream.of("/"))
    assert gateway.ask(get("http://real.test?a=b", host="real.test")).status == 200
    assert upstream.wait_request("/", before + 1).target == "/?a=b"


def test_options_asterisk_is_not_a_path(gateway, upstream):
    """It asks the server itself (RFC 9110 §9.3.7)."""
    before = len(upstream.requests)
    answer = gateway.ask(get("*", method="OPTIONS"))
    assert answer.status < 500, answer
    assert [r for r in upstream.requests[before:] if r.target != "*"] == []


def test_two_faults_one_answer(gateway, upstream):
    """Behind a refused request nothing of the connection is read."""
    with gateway.connect() as client:
        client.try_send(b"GET /x HTTP/1.1\r\nHost: a b\r\n\r\n" + SMUGGLED * 3)
        assert_problem(client.response(), 400, "MSC3001")
        client.assert_closed()
    assert not upstream.of("/SMUGGLED")


def test_fair_requests_before_a_bad_one_are_answered(gateway, upstream, path):
    """Pipelined: two fair requests, then a bad one; answers come in order, then the connection closes."""
    with gateway.connect() as client:
        client.send(get(path + "/1") + get(path + "/2") + b"GET /x HTTP/1.1\r\nX : y\r\n\r\n" + SMUGGLED)
        assert client.response().json()["target"] == path + "/1"
        assert client.response().json()["target"] == path + "/2"
        assert_problem(client.response(), 400, "MSC3001")
        client.assert_closed()
    assert not upstream.of("/SMUGGLED")


def test_refusal_of_a_head_request_has_no_body(gateway):
    with Client(gateway.address) as client:
        client.send(b"HEAD /x HTTP/1.1\r\nHost: gw.test\r\nX : y\r\n\r\n")
        head = client.head()
        assert head.status == 400
        # The method of a broken head need not be known: a body is not wrong, but what is sent must be framed.
        if head.fields.get("Content-Length", "0") != "0" and client.source.buffer:
            client.source.exactly(int(head.fields.one("Content-Length")))
        client.assert_closed()
