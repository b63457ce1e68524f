import json
import logging
import re
from typing import Any

from app import trace
from app.telemetry import JsonFormatter


def line(level: int, message: str, **attributes: Any) -> dict[str, Any]:
    record = logging.LogRecord("app", level, __file__, 1, message, None, None)
    record.__dict__.update(attributes)
    text = JsonFormatter("lamps").format(record)
    assert "\n" not in text
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_lines_are_json_with_the_trace() -> None:
    token = trace.current.set(trace.Trace("t1", "s1", request_id="r1"))
    got = line(logging.WARNING, "two\nlines", fields={"n": 3})
    trace.current.reset(token)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", got.pop("time"))
    assert got == {
        "level": "warn",
        "message": "two\nlines",
        "service": "lamps",
        "trace_id": "t1",
        "span_id": "s1",
        "request_id": "r1",
        "n": 3,
    }


def test_lines_outside_a_request_have_no_trace() -> None:
    assert "trace_id" not in line(logging.INFO, "listening")
