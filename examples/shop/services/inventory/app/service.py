"""Joins the parts of the service and runs them."""

import asyncio
import logging
import signal

import uvloop

from app.api import create_app
from app.config import Config
from app.lifecycle import Lifecycle
from app.metrics import Metrics
from app.redis_store import RedisStore
from app.server import Server, listen
from app.telemetry import configure_logging

log = logging.getLogger(__name__)


def run(config: Config) -> int:
    configure_logging(config.service_name, config.log_level)
    try:
        listener = listen(config.host, config.port)
    except OSError as error:
        log.error("cannot listen on %s port %d: %s", config.host, config.port, error)
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        lifecycle = Lifecycle(config.grace_period, config.drain_delay)
        store = RedisStore(config.redis_url)
        server = Server(create_app(store, Metrics(), lifecycle), lifecycle)
        runner.run(server.serve(sockets=[listener]))
        runner.run(store.close())
    # The loop's handlers are gone with it; a late signal must not change how this ends.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if server.requests_were_cut:
        log.error("requests were still running when the grace period ended")
        return 1
    log.info("stopped")
    return 0
