"""What can go wrong with a request to the API server; proxy.py lets it.

A fault has two moments: before() the request is sent on, and after() it took effect and before the client hears of it. In either
it may raise Lost, and the client loses its connection; before() may return an answer, and the request is never sent.
"""
import json
import os
import signal
import time
from dataclasses import dataclass, field

from .processes import is_alive
from .waiting import until

REASONS = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid", 429: "TooManyRequests",
           500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}


class Lost(Exception):
    """The client's connection is to be reset."""


@dataclass
class Answer:
    """As the API server answers in this case: a Status. `retry_after`: seconds, for 429 and 503."""
    status: int
    message: str = "made by a test"
    retry_after: int | None = None
    headers: dict = field(default_factory=dict)

    def before(self, _):
        return self

    def after(self, _):
        pass

    def body(self):
        told = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message,
                "reason": REASONS.get(self.status, "Unknown"), "code": self.status}
        if self.retry_after is not None:
            told["details"] = {"retryAfterSeconds": self.retry_after}
        return json.dumps(told).encode()


class _Moment:
    """Something that happens, by happen(), at one of the two moments."""

    def __init__(self, after=False):
        self.is_after = after

    def before(self, call):
        if not self.is_after:
            self.happen(call)

    def after(self, call):
        if self.is_after:
            self.happen(call)


class Cut(_Moment):
    """The connection is lost, and whether the request took effect the client does not know."""

    def happen(self, call):
        raise Lost


class Delay(_Moment):
    def __init__(self, seconds, after=False):
        super().__init__(after)
        self.seconds = seconds

    def happen(self, call):
        time.sleep(self.seconds)


class Kill(_Moment):
    """kill -9 of a process, dead before anything else happens. `target`: a PID, or what is called to kill."""

    def __init__(self, target, after=False):
        super().__init__(after)
        self.target = target

    def happen(self, call):
        if callable(self.target):
            self.target()
        else:
            os.kill(self.target, signal.SIGKILL)
            until(lambda: not is_alive(self.target), f"the end of process {self.target}")
        raise Lost


class Do(_Moment):
    """Anything else, such as killing the API server itself; the request goes on after it."""

    def __init__(self, action, after=False):
        super().__init__(after)
        self.action = action

    def happen(self, call):
        self.action()
