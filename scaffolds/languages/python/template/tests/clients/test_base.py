import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from app import trace
from app.clients.base import CallError, Client, Limits, StatusError, retry_after

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client_of(url: str, **limits: Any) -> AsyncIterator[tuple[Client, list[float]]]:
    """A client whose waits are recorded, not waited."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    client = Client("lamps", url, Limits(**limits), sleep=sleep, dice=lambda: 0.5)
    try:
        yield client, waits
    finally:
        await client.close()


@pytest.mark.parametrize("url", ["", "localhost:80", "redis://x", "http://", "://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="LAMPS_URL"):
        Client.from_environment("lamps", "LAMPS_URL", {"LAMPS_URL": url})


async def test_request_sends_json_and_returns_the_body(need: Any) -> None:
    need.answer(201, body=b'{"a":1}')
    async with client_of(need.url) as (client, _):
        assert await client.request("POST", "/a?b=c", json={"n": 1}) == b'{"a":1}'
    method, path, headers, body = need.requests[0]
    assert (method, path, body.replace(b" ", b"")) == ("POST", "/a?b=c", b'{"n":1}')
    assert headers["content-type"] == "application/json"


async def test_other_statuses_are_errors(need: Any) -> None:
    need.answer(404, body=b"no")
    async with client_of(need.url) as (client, _):
        with pytest.raises(StatusError) as error:
            await client.request("GET", "/")
    assert (error.value.status, error.value.body, len(need.requests)) == (404, b"no", 1)


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_passing_failures_are_tried_again(need: Any, status: int) -> None:
    need.answer(status, status, 200)
    async with client_of(need.url) as (client, waits):
        await client.request("GET", "/")
    assert len(need.requests) == 3
    assert waits == [0.025, 0.05]


async def test_the_last_retry_is_the_last(need: Any) -> None:
    need.answer(503)
    async with client_of(need.url) as (client, _):
        with pytest.raises(StatusError):
            await client.request("PUT", "/", json={})
    assert len(need.requests) == 3


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 503), ("PATCH", 502), ("GET", 500), ("GET", 429), ("PUT", 409)]
)
async def test_other_failures_and_methods_are_not_tried_again(need: Any, method: str, status: int) -> None:
    need.answer(status)
    async with client_of(need.url) as (client, _):
        with pytest.raises(StatusError):
            await client.request(method, "/")
    assert len(need.requests) == 1


@pytest.mark.parametrize(("method", "attempts"), [("GET", 3), ("POST", 1)])
async def test_nobody_listens(method: str, attempts: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with client_of(url) as (client, waits):
        with pytest.raises(CallError, match="lamps: "):
            await client.request(method, "/")
    assert len(waits) == attempts - 1


@pytest.mark.parametrize(
    ("header", "attempts", "waits"), [("1", 2, [1.0]), ("3600", 1, []), ("soon", 2, [0.025])]
)
async def test_retry_after_is_honoured_within_bounds(
    need: Any, header: str, attempts: int, waits: list[float]
) -> None:
    need.answers = [(503, {"Retry-After": header}, b""), (200, {}, b"")]
    async with client_of(need.url) as (client, waited):
        if attempts == 1:
            with pytest.raises(StatusError):
                await client.request("GET", "/")
        else:
            await client.request("GET", "/")
    assert (len(need.requests), waited) == (attempts, waits)


def test_retry_after_reads_dates() -> None:
    now = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert retry_after("Thu, 02 Jan 2025 03:04:15 GMT", now) == 10
    assert retry_after("Thu, 02 Jan 2025 03:04:00 GMT", now) == 0


@pytest.mark.parametrize("limit", ["try_timeout", "total_timeout"])
async def test_timeouts_end_the_call(need: Any, limit: str) -> None:
    need.hold.clear()
    async with client_of(need.url, **{limit: 0.05}) as (client, _):
        with pytest.raises(CallError, match="in time"):
            await client.request("GET", "/")
    assert len(need.requests) == 1


async def test_no_wait_goes_beyond_the_total_timeout(need: Any) -> None:
    need.answer(503)
    async with client_of(need.url, backoff_base=3600, backoff_max=3600) as (client, waits):
        with pytest.raises(StatusError):
            await client.request("GET", "/")
    assert waits == []


async def test_the_trace_is_forwarded_with_a_span_of_each_attempt(need: Any) -> None:
    need.answer(503, 200)
    caller = trace.new(request_id="r1")
    trace.current.set(caller)
    async with client_of(need.url) as (client, _):
        await client.request("GET", "/")
    spans = {caller.span_id}
    for _, _, headers, _ in need.requests:
        seen = trace.from_headers([(name.encode(), value.encode()) for name, value in headers.items()])
        assert (seen.trace_id, seen.request_id) == (caller.trace_id, "r1")
        spans.add(seen.span_id)
    assert len(spans) == 3


async def test_answers_that_are_too_large_are_refused(need: Any) -> None:
    need.answer(200, body=b"x" * 2000)
    async with client_of(need.url, max_body_bytes=1000) as (client, _):
        with pytest.raises(CallError, match="larger than 1000"):
            await client.request("GET", "/")


async def test_a_call_can_be_cancelled(need: Any) -> None:
    need.hold.clear()
    async with client_of(need.url) as (client, _):
        call = asyncio.create_task(client.request("GET", "/"))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
