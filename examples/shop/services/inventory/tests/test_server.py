"""The shutdown, on real connections."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from app.lifecycle import Lifecycle
from app.server import Server, listen

pytestmark = pytest.mark.anyio

REQUEST = b"GET / HTTP/1.1\r\nHost: service\r\n\r\n"
Step = Callable[[], Awaitable[None]]


class Running:
    """A server on a port of its own; step is awaited within each request."""

    def __init__(self, grace_period: float, drain_delay: float, step: Step) -> None:
        self.lifecycle = Lifecycle(grace_period, drain_delay)
        self.server = Server(self._answer, self.lifecycle)
        self.listener = listen("127.0.0.1", 0)
        self.port: int = self.listener.getsockname()[1]
        self.step = step

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.step()
        headers = [(b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"whole"})

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


async def at_once() -> None:
    """A request that takes no time."""


@asynccontextmanager
async def running(
    grace_period: float = 10, drain_delay: float = 0, step: Step = at_once
) -> AsyncIterator[tuple[Running, asyncio.Task[None]]]:
    run = Running(grace_period, drain_delay, step)
    task = asyncio.create_task(run.server.serve(sockets=[run.listener]))
    while not run.server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    try:
        yield run, task
    finally:
        if not run.lifecycle.draining:
            run.server.on_signal()
        await task


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(REQUEST)
    return await asyncio.wait_for(reader.readuntil(b"whole"), 10)


async def test_requests_in_flight_are_finished() -> None:
    began, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        await finish.wait()

    async with running(step=slow) as (run, _):
        reader, writer = await run.connect()
        request = asyncio.create_task(exchange(reader, writer))
        await began.wait()
        run.server.on_signal()
        assert run.lifecycle.draining
        await asyncio.sleep(0.3)  # longer than idle connections are given
        finish.set()
        assert (await request).endswith(b"whole")
        writer.close()
    assert not run.server.requests_were_cut


async def test_a_request_that_is_on_its_way_is_answered() -> None:
    async with running() as (run, _):
        reader, writer = await run.connect()
        await exchange(reader, writer)
        run.server.on_signal()
        assert (await exchange(reader, writer)).endswith(b"whole")
        writer.close()


async def test_connections_are_taken_during_the_drain_delay_and_not_after() -> None:
    async with running(drain_delay=0.2) as (run, task):
        run.server.on_signal()
        await asyncio.sleep(0.05)
        reader, writer = await run.connect()
        await exchange(reader, writer)
        writer.close()
        await task
        with pytest.raises(ConnectionError):
            await run.connect()


async def test_silent_connections_do_not_hold_the_shutdown() -> None:
    async with running() as (run, task):
        _, writer = await run.connect()
        run.server.on_signal()
        await asyncio.wait_for(task, 5)
        writer.close()
    assert not run.server.requests_were_cut


@pytest.mark.filterwarnings("ignore:.*was never awaited")
async def test_requests_longer_than_the_grace_period_are_told() -> None:
    began = asyncio.Event()

    async def endless() -> None:
        began.set()
        await asyncio.sleep(3600)

    async with running(grace_period=0.5, step=endless) as (run, task):
        _, writer = await run.connect()
        writer.write(REQUEST)
        await began.wait()
        run.server.on_signal()
        await asyncio.wait_for(task, 5)
        writer.close()
    assert run.server.requests_were_cut


async def test_a_second_signal_does_not_wait() -> None:
    began = asyncio.Event()

    async def endless() -> None:
        began.set()
        await asyncio.sleep(3600)

    async with running(grace_period=3600, step=endless) as (run, task):
        _, writer = await run.connect()
        writer.write(REQUEST)
        await began.wait()
        run.server.on_signal()
        run.server.on_signal()
        await asyncio.wait_for(task, 5)
        writer.close()


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", other.getsockname()[1])
