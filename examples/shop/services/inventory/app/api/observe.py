"""What is around every request: the trace, the log line, the metrics, an answer where a route raises."""

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import trace
from app.lifecycle import Lifecycle
from app.metrics import Metrics

log = logging.getLogger(__name__)

# Probes ask every few seconds: only their failures are worth a line.
PROBES = ("/health/live", "/health/ready")


class Observe:
    def __init__(self, app: ASGIApp, metrics: Metrics, lifecycle: Lifecycle) -> None:
        self._app = app
        self._metrics = metrics
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        trace.current.set(trace.from_headers(scope["headers"]))
        # FastAPI does not answer HEAD where it answers GET; the server leaves the body out.
        inner = dict(scope, method="GET") if scope["method"] == "HEAD" else dict(scope)
        status = 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._lifecycle.draining:
                    MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        try:
            await self._app(inner, receive, send_observed)
        except Exception:
            if status != 500:
                raise  # half an answer is out: the server cuts it, so that nobody takes it for a whole one
            log.exception("request failed")
        finally:
            self._record(scope, inner, status or 500, time.perf_counter() - start)

    def _record(self, scope: Scope, inner: Scope, status: int, seconds: float) -> None:
        route = getattr(inner.get("route"), "path", "unmatched")
        self._metrics.observe(scope["method"], route, status, seconds)
        if route in PROBES and status < 500:
            return
        fields = {
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
        }
        level = logging.ERROR if status >= 500 else logging.INFO
        log.log(level, "request", extra={"fields": fields})
