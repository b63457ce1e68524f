import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from fastapi.routing import APIRoute

from app.api import ROUTERS
from app.items import UnavailableError
from app.lifecycle import Lifecycle
from app.telemetry import JsonFormatter

pytestmark = pytest.mark.anyio

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
UNKNOWN_ID = "0190163d-8694-739b-aea5-966c26f8ad91"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What is logged, as the formatter writes it at that moment."""
    logged: list[dict[str, Any]] = []
    formatter = JsonFormatter("test")

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.startswith("app"):
                logged.append(json.loads(formatter.format(record)))

    caplog.set_level(logging.INFO)
    handler = Collect()
    logging.getLogger().addHandler(handler)
    yield logged
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("path", ["/", "/nothing", "/items/", "//items", "/items/1/2", "/ITEMS", "/docs"])
async def test_unknown_paths(service: httpx.AsyncClient, path: str) -> None:
    answer = await service.get("http://service" + path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/items", "GET, HEAD, POST"),
        ("/items/1", "DELETE, GET, HEAD, PUT"),
        ("/reservations", "POST"),
        ("/health/live", "GET, HEAD"),
    ],
)
async def test_other_methods(service: httpx.AsyncClient, path: str, allow: str) -> None:
    answer = await service.patch(path, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.json()["title"] == "Method Not Allowed"


async def test_head_is_answered_where_get_is(service: httpx.AsyncClient) -> None:
    assert (await service.head("/items")).status_code == 200


async def test_readiness_follows_the_store_and_the_shutdown(
    service: httpx.AsyncClient, store: Any, lifecycle: Lifecycle
) -> None:
    async def ready() -> tuple[int, str | None]:
        answer = await service.get("/health/ready")
        return answer.status_code, answer.json().get("failed")

    assert await ready() == (200, None)
    store.error = UnavailableError()
    assert await ready() == (503, "redis")
    assert (await service.get("/health/live")).status_code == 200
    store.error = None
    lifecycle.begin_drain()
    assert await ready() == (503, "shutdown")
    assert (await service.get("/health/live")).status_code == 200


@pytest.mark.parametrize("path", ["/items", "/nothing", "/health/live"])
async def test_answers_close_the_connection_while_draining(
    service: httpx.AsyncClient, lifecycle: Lifecycle, path: str
) -> None:
    assert "connection" not in (await service.get(path)).headers
    lifecycle.begin_drain()
    assert (await service.get(path)).headers["connection"] == "close"


async def test_requests_are_logged_with_their_trace(
    service: httpx.AsyncClient, lines: list[dict[str, Any]]
) -> None:
    await service.get("/items/nothing?q=secret", headers={"traceparent": TRACEPARENT})
    (line,) = lines
    assert line.pop("duration_ms") >= 0
    del line["time"]
    assert line == {
        "level": "info",
        "message": "request",
        "service": "test",
        "method": "GET",
        "path": "/items/nothing",
        "status": 404,
        "trace_id": TRACE_ID,
        "span_id": "b7ad6b7169203331",
    }


async def test_probes_are_logged_only_when_they_fail(
    service: httpx.AsyncClient, lifecycle: Lifecycle, lines: list[dict[str, Any]]
) -> None:
    await service.get("/health/live")
    await service.get("/health/ready")
    assert lines == []
    lifecycle.begin_drain()
    await service.get("/health/ready")
    assert [line["path"] for line in lines] == ["/health/ready"]


async def test_an_error_in_a_route_is_logged(
    service: httpx.AsyncClient, store: Any, lines: list[dict[str, Any]]
) -> None:
    store.error = ValueError("broken")
    await service.get("/items")
    assert "ValueError: broken" in lines[0]["stack"]
    assert (lines[1]["message"], lines[1]["status"], lines[1]["level"]) == ("request", 500, "error")


async def test_metrics_count_by_pattern(service: httpx.AsyncClient) -> None:
    for path in (f"/items/{UNKNOWN_ID}", "/items/other", "/nothing/at/all"):
        await service.get(path)
    await service.request("BREW", "/items")
    answer = await service.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    for line in (
        'http_requests_total{method="GET",route="/items/{id}",status="404"} 2.0',
        'http_requests_total{method="GET",route="unmatched",status="404"} 1.0',
        'http_requests_total{method="other",route="/items",status="405"} 1.0',
        'http_request_duration_seconds_count{method="GET",route="/items/{id}"} 2.0',
        "process_cpu_seconds_total",
    ):
        assert line in answer.text


async def test_the_document_describes_every_route(service: httpx.AsyncClient) -> None:
    answer = await service.get("/openapi.yaml")
    document = yaml.safe_load(answer.text)
    assert document["openapi"].startswith("3.1")
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert {(method, route.path) for route in routes for method in route.methods or ()} == described
