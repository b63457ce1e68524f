"""The identity of a request, as told by its headers: from the server to the log and to further calls.

Implements W3C Trace Context for a service that continues traces and records no spans of its own.
"""

import re
import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True)
class Trace:
    trace_id: str  # 32 hex digits
    span_id: str  # 16 hex digits: the span of who called
    flags: str = "01"
    state: str = ""  # tracestate, passed on as it came
    request_id: str = ""  # X-Request-Id, if the caller sent one

    def headers(self) -> dict[str, str]:
        """Headers of a call that belongs to this trace. Each call gets a span id of its own."""
        span_id = secrets.token_hex(8)
        headers = {"traceparent": f"00-{self.trace_id}-{span_id}-{self.flags}"}
        if self.state:
            headers["tracestate"] = self.state
        if self.request_id:
            headers["x-request-id"] = self.request_id
        return headers


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def new(request_id: str = "") -> Trace:
    """Begins a trace, marked as sampled."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8), request_id=request_id)


def from_headers(headers: Sequence[tuple[bytes, bytes]]) -> Trace:
    """Continues the caller's trace, or begins a new one if traceparent is absent or invalid."""

    def values(wanted: bytes) -> list[str]:
        return [value.decode("latin-1").strip() for name, value in headers if name == wanted]

    request_id = "".join(values(b"x-request-id")[:1])
    parents = values(b"traceparent")
    match = _TRACEPARENT.fullmatch(parents[0]) if len(parents) == 1 else None
    if match is None:
        return new(request_id)
    version, trace_id, span_id, flags, rest = match.groups()
    # A version that is not known yet may have more fields, as the specification says.
    if version == "ff" or (version == "00" and rest) or not trace_id.strip("0") or not span_id.strip("0"):
        return new(request_id)
    return Trace(trace_id, span_id, flags, ",".join(values(b"tracestate")), request_id)
