"""Chunked bodies that break the grammar (RFC 9112 §7.1) are never whole, for nobody."""

import pytest

from gwkit.client import SMUGGLED, get
from gwkit.message import Ended
from gwkit.problem import assert_problem, refused
from gwkit.wait import until


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": [{"name": "app", "match": {"path": "/**"}, "upstream": "app"}],
    })


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
    raw = get(path, "Transfer-Encoding: chunked", method="POST") + b"5\r\nhello0\r\n\r\n" + SMUGGLED
    refused(gateway, raw, 400)
    assert gateway.ask(get(path + "/after")).status == 200
    assert not upstream.of("/SMUGGLED")
