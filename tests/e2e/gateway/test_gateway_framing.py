"""Requests that could be read in two ways are refused and their connection closed, and the upstream sees nothing of them
(RFC 9112 §3, §5, §6; RFC 9110 §5.5, §7.2, §8.6)."""

import pytest

from gwkit.client import SMUGGLED, get, post
from gwkit.problem import refused


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


# ---------------------------------------------------------------------------------------------------------------- framing fields

SMUGGLED_BODY = b"0\r\n\r\n" + SMUGGLED

FRAMING = {
    # both fields (RFC 9112 §6.3 rule 3 lets a proxy repair that; here it is refused)
    "cl-te": (post("Content-Length: 6", "Transfer-Encoding: chunked", body=SMUGGLED_BODY), 400),
    "te-cl": (post("Transfer-Encoding: chunked", "Content-Length: 4", body=b"5c\r\n" + SMUGGLED), 400),
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
    "cl-differing": (post("Content-Length: 5", "Content-Length: 6", body=b"hello" + SMUGGLED), 400),
    "cl-differing-case": (post("Content-Length: 5", "content-length: 0", body=b"hello" + SMUGGLED), 400),
    "cl-list-differing": (post("Content-Length: 5, 6", body=b"hello" + SMUGGLED), 400),
    "cl-list-comma-only": (post("Content-Length: ,5", body=b"hello" + SMUGGLED), 400),
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
