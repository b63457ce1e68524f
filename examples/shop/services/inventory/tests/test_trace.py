from dataclasses import replace

import pytest

from app import trace

VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def read(*pairs: str) -> trace.Trace:
    encoded = [text.encode() for text in pairs]
    return trace.from_headers(list(zip(encoded[::2], encoded[1::2], strict=True)))


def test_a_trace_is_continued() -> None:
    got = read("traceparent", VALID, "tracestate", "a=1", "tracestate", "b=2", "x-request-id", "r1")
    assert got == trace.Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "01", "a=1,b=2", "r1")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "00",
        VALID + "-more",
        "ff" + VALID[2:],
        VALID.upper(),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "01" + VALID[2:] + "more",
    ],
)
def test_invalid_input_begins_a_new_trace(value: str) -> None:
    got = read("traceparent", value, "tracestate", "a=1")
    assert got.trace_id != "0af7651916cd43dd8448eb211c80319c"
    assert (len(got.trace_id), len(got.span_id), got.state) == (32, 16, "")


def test_later_versions_are_read() -> None:
    assert read("traceparent", "01" + VALID[2:] + "-more").span_id == "b7ad6b7169203331"


def test_one_of_two_is_not_taken() -> None:
    assert read("traceparent", VALID, "traceparent", VALID).span_id != "b7ad6b7169203331"


def test_calls_keep_the_trace_and_make_a_span() -> None:
    caller = read("traceparent", VALID, "tracestate", "a=1", "x-request-id", "r1")
    pairs = [text for pair in caller.headers().items() for text in pair]
    called = read(*pairs)
    assert called.span_id != caller.span_id
    assert replace(called, span_id=caller.span_id) == caller
