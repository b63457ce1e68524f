"""Requests that could be read in two ways are refused and their connection closed, and the upstream sees nothing of them
(RFC 9112 §3, §5, §6, §7; RFC 9110 §5.5, §7.2, §8.6)."""

import random

import pytest

from gwkit.client import Client, get
from gwkit.message import Ended
from gwkit.problem import assert_problem
from gwkit.wait import until


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app"}],
    })


@pytest.fixture
def nothing_passes(gateway, upstream, path):
    """After the test: the upstream got no byte beside those of a fair request that was sent afterwards. (One thread: what came
    before has been dealt with before.)"""
    for conn in list(upstream.connections):
        conn.received.clear()
    seen = len(upstream.requests)
    yield
    fair = f"{path}/fair"
    assert gateway.ask(get(fair)).status == 200
    upstream.wait_request(fair)
    assert [r.target for r in upstream.requests[seen:]] == [fair]
    received = upstream.bytes_received()
    assert b"SMUGGLED" not in received and received.count(b"HTTP/1.1\r\n") == 1, received


def refused(gateway, raw, status):
    with gateway.connect() as client:
        client.try_send(raw)
        answer = client.response(to_head=raw.startswith(b"HEAD "))
        assert_problem(answer, status)
        client.assert_closed()
    return answer


NEXT = b"GET /SMUGGLED HTTP/1.1\r\nHost: gw.test\r\n\r\n"


def post(*fields, body=b"", version="HTTP/1.1"):
    return get("/x", *fields, method="POST", version=version) + body


# ---------------------------------------------------------------------------------------------------------------- framing fields

SMUGGLED_BODY = b"0\r\n\r\n" + NEXT

FRAMING = {
    # both fields (RFC 9112 §6.3 rule 3 lets a proxy repair that; here it is refused)
    "cl-te": (post("Content-Length: 6", "Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-cl": (post("Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + NEXT), 400),
    "cl-te-zero": (post("Content-Length: 0", "Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "cl-te-identity": (post("Content-Length: 6", "Transfer-Encoding: identity", body=SMUGGLED_BODY), (400, 501)),
    "get-cl-te": (get("/x", "Content-Length: 6", "Transfer-Encoding: chunked") + SMUGGLED_BODY, 400),
    # codings
    "te-te-identity": (post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=SMUGGLED_BODY), (400, 501)),
    "te-identity-te": (post("Transfer-Encoding: identity", "Transfer-Encoding: chunked", body=SMUGGLED_BODY), (400, 501)),
    "te-twice-chunked": (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-chunked-chunked": (post("Transfer-Encoding: chunked, chunked", body=SMUGGLED_BODY), 400),
    "te-not-final": (post("Transfer-Encoding: chunked, gzip", body=SMUGGLED_BODY), (400, 501)),
    "te-unknown": (post("Transfer-Encoding: xchunked", body=SMUGGLED_BODY), (400, 501)),
    "te-gzip": (post("Transfer-Encoding: gzip", body=SMUGGLED_BODY), (400, 501)),
    "te-gzip-chunked": (post("Transfer-Encoding: gzip, chunked", body=SMUGGLED_BODY), 501),
    "te-identity": (post("Transfer-Encoding: identity", body=SMUGGLED_BODY), (400, 501)),
    "te-empty": (post("Transfer-Encoding:", body=SMUGGLED_BODY), 400),
    "te-trailing-comma": (post("Transfer-Encoding: chunked,", body=SMUGGLED_BODY), 400),
    "te-leading-comma": (post("Transfer-Encoding: ,chunked", body=SMUGGLED_BODY), 400),
    "te-quoted": (post('Transfer-Encoding: "chunked"', body=SMUGGLED_BODY), (400, 501)),
    "te-parameter": (post("Transfer-Encoding: chunked;q=1", body=SMUGGLED_BODY), (400, 501)),
    "te-vertical-tab": (post("Transfer-Encoding: \x0bchunked", body=SMUGGLED_BODY), 400),
    "te-form-feed": (post("Transfer-Encoding: chunked\x0c", body=SMUGGLED_BODY), 400),
    "te-nul": (post("Transfer-Encoding: chunked\0", body=SMUGGLED_BODY), 400),
    "te-bare-cr": (post("Transfer-Encoding: chunked\rX: y", body=SMUGGLED_BODY), 400),
    "te-space-name": (post("Transfer-Encoding : chunked", body=SMUGGLED_BODY), 400),
    "te-tab-name": (post("Transfer-Encoding\t: chunked", body=SMUGGLED_BODY), 400),
    "te-folded": (post("Transfer-Encoding:\r\n chunked", body=SMUGGLED_BODY), 400),
    "te-hidden-by-fold": (post("X: y\r\n Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-hidden-by-lf": (post("X: y\nTransfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-space-first": (post(" Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-nbsp": (post("Transfer-Encoding: \xa0chunked", body=SMUGGLED_BODY), (400, 501)),
    "te-http10": (post("Transfer-Encoding: chunked", version="HTTP/1.0", body=SMUGGLED_BODY), 400),
    "te-cl-http10": (post("Transfer-Encoding: chunked", "Content-Length: 5", version="HTTP/1.0", body=SMUGGLED_BODY), 400),
    # Content-Length
    "cl-differing": (post("Content-Length: 5", "Content-Length: 6", body=b"hello" + NEXT), 400),
    "cl-differing-case": (post("Content-Length: 5", "content-length: 0", body=b"hello" + NEXT), 400),
    "cl-list-differing": (post("Content-Length: 5, 6", body=b"hello" + NEXT), 400),
    "cl-list-comma-only": (post("Content-Length: ,5", body=b"hello" + NEXT), 400),
    "cl-plus": (post("Content-Length: +5", body=b"hello"), 400),
    "cl-minus": (post("Content-Length: -5", body=b"hello"), 400),
    "cl-minus-zero": (post("Content-Length: -0", body=b"hello"), 400),
    "cl-hex": (post("Content-Length: 0x5", body=b"hello"), 400),
    "cl-letters": (post("Content-Length: five", body=b"hello"), 400),
    "cl-decimal": (post("Content-Length: 5.0", body=b"hello"), 400),
    "cl-exponent": (post("Content-Length: 5e0", body=b"hello"), 400),
    "cl-space-inside": (post("Content-Length: 1 5", body=b"hello"), 400),
    "cl-underscore": (post("Content-Length: 1_0", body=b"hello"), 400),
    "cl-empty": (post("Content-Length:", body=b"hello"), 400),
    "cl-suffix": (post("Content-Length: 5;", body=b"hello"), 400),
    "cl-quoted": (post('Content-Length: "5"', body=b"hello"), 400),
    "cl-superscript": (post("Content-Length: \xb2", body=b"he"), 400),
    "cl-nul": (post("Content-Length: 5\0", body=b"hello"), 400),
    "cl-2^64": (post("Content-Length: 18446744073709551616", body=b"hello"), (400, 413)),
    "cl-2^64+5": (post("Content-Length: 18446744073709551621", body=b"hello"), (400, 413)),
    "cl-2^63": (post("Content-Length: 9223372036854775808", body=b"hello"), (400, 413)),
    "cl-100-digits": (post("Content-Length: " + "9" * 100, body=b"hello"), (400, 413)),
    "cl-space-name": (post("Content-Length : 5", body=b"hello"), 400),
    "cl-folded": (post("Content-Length:\r\n 5", body=b"hello"), 400),
    "cl-bad-on-get": (get("/x", "Content-Length: abc"), 400),
}


@pytest.mark.parametrize("raw, status", FRAMING.values(), ids=FRAMING)
def test_ambiguous_framing(gateway, nothing_passes, raw, status):
    refused(gateway, raw, status)


# ----------------------------------------------------------------------------------------------------------------------- lines

LINES = {
    "lf-only": (b"GET /x HTTP/1.1\nHost: gw.test\n\n", 400),
    "lf-request-line": (b"GET /x HTTP/1.1\nHost: gw.test\r\n\r\n", 400),
    "lf-field": (b"GET /x HTTP/1.1\r\nHost: gw.test\nX: y\r\n\r\n", 400),
    "lf-last": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\n\n", 400),
    "lf-cr-lf": (b"GET /x HTTP/1.1\r\nHost: gw.test\n\r\n", 400),
    "cr-in-value": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nX: a\rb\r\n\r\n", 400),
    "cr-cr-lf": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nX: a\r\r\n\r\n", 400),
    "cr-in-name": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nX\rY: a\r\n\r\n", 400),
    "cr-in-request-line": (b"GET /x\r HTTP/1.1\r\nHost: gw.test\r\n\r\n", 400),
    "cr-only": (b"GET /x HTTP/1.1\rHost: gw.test\r\r\n\r\n", 400),
    "nul-in-value": (get("/x", "X: a\0b"), 400),
    "nul-in-name": (get("/x", "X\0: a"), 400),
    "nul-in-target": (get("/x\0y"), 400),
    "nul-in-method": (get("/x", method="G\0T"), 400),
    "nul-only-field": (get("/x", "\0"), 400),
    "control-in-value": (get("/x", "X: a\x01b"), 400),
    "del-in-value": (get("/x", "X: a\x7fb"), 400),
    "escape-in-value": (get("/x", "X: \x1b[2J"), 400),
    "fold-space": (get("/x", "X: a\r\n b"), 400),
    "fold-tab": (get("/x", "X: a\r\n\tb"), 400),
    "fold-empty": (get("/x", "X: a\r\n "), 400),
    "fold-host": (b"GET /x HTTP/1.1\r\nHost:\r\n gw.test\r\n\r\n", 400),
    "fold-first": (b"GET /x HTTP/1.1\r\n Host: gw.test\r\nHost: gw.test\r\n\r\n", 400),
    "space-before-colon": (get("/x", "X : a"), 400),
    "tab-before-colon": (get("/x", "X\t: a"), 400),
    "space-in-name": (get("/x", "X Y: a"), 400),
    "empty-name": (get("/x", ": a"), 400),
    "no-colon": (get("/x", "nonsense"), 400),
    "name-with-slash": (get("/x", "X/Y: a"), 400),
    "name-with-parenthesis": (get("/x", "X(Y): a"), 400),
    "name-with-quote": (get("/x", 'X"Y: a'), 400),
    "name-with-at": (get("/x", "X@Y: a"), 400),
    "name-not-ascii": (get("/x", "X\xe9: a"), 400),
    "name-equals": (get("/x", "X=Y: a"), 400),
}


@pytest.mark.parametrize("raw, status", LINES.values(), ids=LINES)
def test_bad_lines(gateway, nothing_passes, raw, status):
    refused(gateway, raw, status)


# --------------------------------------------------------------------------------------------------------------- request line

HOST = b"Host: gw.test\r\n\r\n"
REQUEST_LINES = {
    "http09": (b"GET /x\r\n\r\n", 400),
    "http09-with-host": (b"GET /x\r\n" + HOST, 400),
    "no-target": (b"GET HTTP/1.1\r\n" + HOST, 400),
    "empty-target": (b"GET  HTTP/1.1\r\n" + HOST, 400),
    "only-method": (b"GET\r\n" + HOST, 400),
    "two-spaces": (b"GET  /x HTTP/1.1\r\n" + HOST, 400),
    "two-spaces-version": (b"GET /x  HTTP/1.1\r\n" + HOST, 400),
    "tabs": (b"GET\t/x\tHTTP/1.1\r\n" + HOST, 400),
    "leading-space": (b" GET /x HTTP/1.1\r\n" + HOST, 400),
    "trailing-space": (b"GET /x HTTP/1.1 \r\n" + HOST, 400),
    "space-in-target": (b"GET /x y HTTP/1.1\r\n" + HOST, 400),
    "four-parts": (b"GET /x HTTP/1.1 HTTP/1.1\r\n" + HOST, 400),
    "version-lower-case": (b"GET /x http/1.1\r\n" + HOST, (400, 505)),
    "version-no-minor": (b"GET /x HTTP/1\r\n" + HOST, (400, 505)),
    "version-two-digits": (b"GET /x HTTP/1.10\r\n" + HOST, (400, 505)),
    "version-leading-zero": (b"GET /x HTTP/01.1\r\n" + HOST, (400, 505)),
    "version-garbage": (b"GET /x HTTP/1.1x\r\n" + HOST, 400),
    "version-plus": (b"GET /x HTTP/+1.1\r\n" + HOST, (400, 505)),
    "version-comma": (b"GET /x HTTP/1,1\r\n" + HOST, (400, 505)),
    "protocol-other": (b"GET /x HTTQ/1.1\r\n" + HOST, (400, 505)),
    "protocol-sip": (b"GET /x SIP/2.0\r\n" + HOST, (400, 505)),
    "version-2": (b"GET /x HTTP/2.0\r\n" + HOST, 505),
    "version-3": (b"GET /x HTTP/3.0\r\n" + HOST, 505),
    "version-0.9": (b"GET /x HTTP/0.9\r\n" + HOST, (400, 505)),
    "h2-preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "method-parenthesis": (b"GE(T /x HTTP/1.1\r\n" + HOST, 400),
    "method-comma": (b"GET,POST /x HTTP/1.1\r\n" + HOST, 400),
    "method-colon": (b"GET: /x HTTP/1.1\r\n" + HOST, 400),
    "method-not-ascii": (b"G\xc9T /x HTTP/1.1\r\n" + HOST, 400),
    "method-endless": (b"G" * 9000 + b" /x HTTP/1.1\r\n" + HOST, (400, 414, 431, 501)),
    "connect-authority": (b"CONNECT app.test:443 HTTP/1.1\r\n" + HOST, (400, 405, 501)),
    "connect-path": (b"CONNECT /x HTTP/1.1\r\n" + HOST, (400, 405, 501)),
    "get-asterisk": (b"GET * HTTP/1.1\r\n" + HOST, 400),
    "get-authority": (b"GET gw.test:80 HTTP/1.1\r\n" + HOST, 400),
    "target-relative": (b"GET x HTTP/1.1\r\n" + HOST, 400),
    "target-fragment": (b"GET /x#y HTTP/1.1\r\n" + HOST, 400),
    "target-fragment-in-query": (b"GET /x?a=b#y HTTP/1.1\r\n" + HOST, 400),
    "target-not-ascii": (b"GET /caf\xc3\xa9 HTTP/1.1\r\n" + HOST, 400),
    "query-not-ascii": (b"GET /x?q=\xff HTTP/1.1\r\n" + HOST, 400),
    "target-control": (b"GET /x\x01 HTTP/1.1\r\n" + HOST, 400),
    "target-del": (b"GET /x\x7f HTTP/1.1\r\n" + HOST, 400),
    "absolute-other-scheme": (b"GET ftp://gw.test/x HTTP/1.1\r\n" + HOST, (400, 421)),
    "absolute-file": (b"GET file:///etc/passwd HTTP/1.1\r\n" + HOST, 400),
    "absolute-no-host": (b"GET http:///x HTTP/1.1\r\n" + HOST, 400),
    "absolute-userinfo": (b"GET http://admin@gw.test/x HTTP/1.1\r\n" + HOST, 400),
    "absolute-bad-port": (b"GET http://gw.test:x/ HTTP/1.1\r\n" + HOST, 400),
    "absolute-one-slash": (b"GET http:/gw.test/x HTTP/1.1\r\n" + HOST, 400),
    "absolute-fragment": (b"GET http://gw.test/x#y HTTP/1.1\r\n" + HOST, 400),
    "tls-hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "garbage": (b"\xff\xfe\xfd\r\n\r\n", 400),
}


@pytest.mark.parametrize("raw, status", REQUEST_LINES.values(), ids=REQUEST_LINES)
def test_bad_request_line(gateway, nothing_passes, raw, status):
    refused(gateway, raw, status)


# ------------------------------------------------------------------------------------------------------------------------ Host

BAD_HOSTS = ["", " ", "a b", "a/b", "/", "a@b", "user:pw@a", "a,b", "a:b", "a:99999", "a:65536", "a:-1", "a:80:80", "a:8 0", ":80",
             "[::1", "::1", "[::1]x", "[zz]", "[::1]:x", "a\tb", "a%00", "a%", "http://a", "a?b", "a#b", "a\\b", "<a>", "a\"b",
             "a{b}", "a|b", "a^b", "a`b", "caf\xe9", "a\x01b", "a\0b"]


@pytest.mark.parametrize("host", BAD_HOSTS, ids=[ascii(h) for h in BAD_HOSTS])
def test_invalid_host(gateway, nothing_passes, host):
    refused(gateway, get("/x", host=host), 400)


HOSTS = {
    "missing": (b"GET /x HTTP/1.1\r\n\r\n", 400),
    "missing-absolute-form": (b"GET http://gw.test/x HTTP/1.1\r\n\r\n", 400),
    "twice-same": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nHost: gw.test\r\n\r\n", 400),
    "twice-differing": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nHost: other.test\r\n\r\n", 400),
    "twice-other-case": (b"GET /x HTTP/1.1\r\nHost: gw.test\r\nhOST: other.test\r\n\r\n", 400),
    "twice-one-empty": (b"GET /x HTTP/1.1\r\nHost:\r\nHost: gw.test\r\n\r\n", 400),
    "twice-absolute-form": (b"GET http://gw.test/x HTTP/1.1\r\nHost: gw.test\r\nHost: gw.test\r\n\r\n", 400),
    "invalid-absolute-form": (b"GET http://gw.test/x HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "twice-http10": (b"GET /x HTTP/1.0\r\nHost: gw.test\r\nHost: other.test\r\n\r\n", 400),
    "space-before-colon": (b"GET /x HTTP/1.1\r\nHost : gw.test\r\n\r\n", 400),
}


@pytest.mark.parametrize("raw, status", HOSTS.values(), ids=HOSTS)
def test_host_confusion(gateway, nothing_passes, raw, status):
    refused(gateway, raw, status)


# ---------------------------------------------------------------------------------------------------------------- chunked bodies

CHUNKS = {
    "size-empty": b"\r\nhello\r\n0\r\n\r\n",
    "size-letters": b"xyz\r\nhello\r\n0\r\n\r\n",
    "size-minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "size-plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "size-0x": b"0x5\r\nhello\r\n0\r\n\r\n",
    "size-leading-space": b" 5\r\nhello\r\n0\r\n\r\n",
    "size-leading-tab": b"\t5\r\nhello\r\n0\r\n\r\n",
    "size-trailing-space": b"5 \r\nhello\r\n0\r\n\r\n",
    "size-space-inside": b"0 5\r\nhello\r\n0\r\n\r\n",
    "size-underscore": b"1_0\r\nhello\r\n0\r\n\r\n",
    "size-17-digits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "size-2^64-1": b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "size-2^63": b"8000000000000000\r\nhello\r\n0\r\n\r\n",
    "size-sum-overflows": b"5\r\nhello\r\nfffffffffffffffb\r\nhello\r\n0\r\n\r\n",
    "size-comma": b"5,5\r\nhello\r\n0\r\n\r\n",
    "size-nul": b"5\0\r\nhello\r\n0\r\n\r\n",
    "size-bare-lf": b"5\nhello\r\n0\r\n\r\n",
    "size-bare-cr": b"5\rhello\r\n0\r\n\r\n",
    "size-cr-cr-lf": b"5\r\r\nhello\r\n0\r\n\r\n",
    "size-lf-cr": b"5\n\rhello\r\n0\r\n\r\n",
    "data-too-long": b"5\r\nhelloX\r\n0\r\n\r\n",
    "data-no-crlf": b"5\r\nhello0\r\n\r\n",
    "data-bare-lf": b"5\r\nhello\n0\r\n\r\n",
    "data-cr-x": b"5\r\nhello\rX0\r\n\r\n",
    "data-cr-cr-lf": b"5\r\nhello\r\r\n0\r\n\r\n",
    "extension-bare-lf": b"5;a\nhello\r\n0\r\n\r\n",
    "extension-bare-cr": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "extension-nul": b"5;a=\0\r\nhello\r\n0\r\n\r\n",
    "extension-quoted-lf": b'5;a="\n"\r\nhello\r\n0\r\n\r\n',
    "extension-1-MB": b"5;" + b"a" * 1_000_000 + b"\r\nhello\r\n0\r\n\r\n",
    "extensions-many": (b"1;" + b"a" * 250 + b"\r\nx\r\n") * 4000 + b"0\r\n\r\n",
    "trailer-no-colon": b"0\r\nnonsense\r\n\r\n",
    "trailer-folded": b"0\r\nX: a\r\n b\r\n\r\n",
    "trailer-bare-lf": b"0\r\nX: a\n\r\n",
    "trailer-bare-cr": b"0\r\nX: a\rb\r\n\r\n",
    "trailer-nul": b"0\r\nX: \0\r\n\r\n",
    "trailer-space-before-colon": b"0\r\nX : a\r\n\r\n",
    "trailer-empty-name": b"0\r\n: a\r\n\r\n",
    "trailers-1-MB": b"0\r\n" + b"X: abcdefgh\r\n" * 80_000 + b"\r\n",
    "end-bare-lf": b"0\n\n",
    "end-lf-after-crlf": b"0\r\n\n",
    "end-garbage": b"0\r\n\rX",
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS)
def test_bad_chunks(gateway, upstream, path, body):
    """The head may have gone to the upstream by then: it must not take the body for whole, and its connection is not used again."""
    with gateway.connect() as client:
        client.send(get(path, "Transfer-Encoding: chunked", method="POST"))
        client.try_send(body)
        try:
            assert_problem(client.response(), (400, 413, 431))
            client.assert_closed()
        except Ended as ended:  # the answer may be lost when much is unread: RST
            assert ended.reset and len(body) > 100_000
    until(lambda: all(r.truncated for r in upstream.of(path)), "the upstream's request is broken off")
    assert not any(r.complete for r in upstream.of(path))


def test_bad_chunks_byte_by_byte(gateway, upstream, path):
    for body in (b"5 \r\n", b"5\r\nhelloX", b"+5", b"5\n", b"0\r\n\n"):
        with gateway.connect() as client:
            client.send(get(path, "Transfer-Encoding: chunked", method="POST"))
            for byte in body:
                if not client.try_send(bytes([byte])):
                    break
                client.wait_read()
            assert_problem(client.response(), 400)
            client.assert_closed()
    until(lambda: all(r.truncated for r in upstream.of(path)), "the upstream's requests are broken off")


def test_bad_chunk_does_not_answer_for_the_next_request(gateway, upstream, path):
    """What follows broken framing on the connection is never taken for a request."""
    raw = get(path, "Transfer-Encoding: chunked", method="POST") + b"5\r\nhello0\r\n\r\n" + NEXT
    refused(gateway, raw, 400)
    assert gateway.ask(get(path + "/after")).status == 200
    assert not upstream.of("/SMUGGLED")


# --------------------------------------------------------------------------------------------------- what is unusual, but right

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
        client.try_send(b"GET /x HTTP/1.1\r\nHost: a b\r\n\r\n" + NEXT * 3)
        assert_problem(client.response(), 400, "MSC3001")
        client.assert_closed()
    assert not upstream.of("/SMUGGLED")


def test_fair_requests_before_a_bad_one_are_answered(gateway, upstream, path):
    """Pipelined: two fair requests, then a bad one; answers come in order, then the connection closes."""
    with gateway.connect() as client:
        client.send(get(path + "/1") + get(path + "/2") + b"GET /x HTTP/1.1\r\nX : y\r\n\r\n" + NEXT)
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
