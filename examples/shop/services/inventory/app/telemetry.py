"""The service's log: one JSON object a line on stdout."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from app import trace

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_NAMES = {logging.WARNING: "warn", logging.CRITICAL: "error"}


class JsonFormatter(logging.Formatter):
    """time, level, message, service, the trace of the request, and what was given as extra fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": _NAMES.get(record.levelno, record.levelname.lower()),
            "message": record.getMessage(),
            "service": self._service,
        }
        line.update(getattr(record, "fields", {}))
        current = trace.current.get()
        if current is not None:
            line["trace_id"] = current.trace_id
            line["span_id"] = current.span_id
            if current.request_id:
                line["request_id"] = current.request_id
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(service: str, level: str) -> None:
    """Sends everything that is logged, by libraries too, to stdout as JSON."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(handlers=[handler], level=_LEVELS[level], force=True)
    for library in ("uvicorn", "httpx", "httpcore", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
