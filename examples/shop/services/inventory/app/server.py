"""uvicorn, with a shutdown that cuts no request.

From the signal on:

1. Draining is true at once: readiness fails, and every answer carries "Connection: close".
2. For the drain delay new connections are still taken, so that a balancer can notice.
3. The listener closes. Without a drain delay that comes first.
4. Open connections get a moment to send what is on its way. uvicorn alone would close a connection
   that looks idle although a request is already in the socket's buffer.
5. uvicorn closes idle connections and waits for the requests in flight.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from app.lifecycle import Lifecycle

LINGER_SECONDS = 0.15

log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Opens the listening socket; an OSError says why it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


class Server(uvicorn.Server):
    """Serves an application until SIGTERM or SIGINT; a second signal ends it without waiting."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                # Longer than gateways keep idle connections (mostly 60 to 75 s): the side that sends
                # should close, or a request may meet a connection that is just being closed.
                timeout_keep_alive=90,
            )
        )
        self._lifecycle = lifecycle
        self._drain: asyncio.Task[None] | None = None
        self._exit = asyncio.Event()
        self.requests_were_cut = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own would send the signal to the process again afterwards: not an exit code of 0.
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, self.on_signal)
        yield

    def on_signal(self) -> None:
        if self._drain is None:
            if not self._lifecycle.drain_delay:
                # Before clients are told to leave: one that comes back at once is refused, not cut.
                self._close_listeners()
            self._lifecycle.begin_drain()
            self._drain = asyncio.get_running_loop().create_task(self._stop_accepting())
        else:
            self.should_exit = self.force_exit = True
            self._exit.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            log.info("listening", extra={"fields": {"address": f"{host}:{port}"}})

    async def _stop_accepting(self) -> None:
        log.info("shutting down", extra={"fields": {"grace_period_s": self._lifecycle.grace_period}})
        await asyncio.sleep(self._lifecycle.drain_delay)
        self._close_listeners()
        linger_until = time.monotonic() + LINGER_SECONDS
        # uvicorn tells nobody when a connection closes.
        while self.server_state.connections and time.monotonic() < linger_until:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        self.should_exit = True
        self._exit.set()

    def _close_listeners(self) -> None:
        for server in self.servers:
            server.close()

    async def main_loop(self) -> None:
        # uvicorn's own wakes ten times a second, only to see whether it should end. The tick, once a
        # second, renews the Date header; it counts tenths.
        tenths = 0
        while not await self.on_tick(tenths):
            tenths += 10
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exit.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.timeout_graceful_shutdown = self._lifecycle.remaining()  # type: ignore[assignment]
        await super().shutdown(sockets)
        self.requests_were_cut = bool(self.server_state.tasks)
