"""The whole interface on a store in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.api import create_app
from app.lifecycle import Lifecycle
from app.metrics import Metrics
from tests.memory_store import MemoryStore


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def lifecycle() -> Lifecycle:
    return Lifecycle(grace_period=10, drain_delay=0)


@pytest.fixture
async def service(store: MemoryStore, lifecycle: Lifecycle) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(store, Metrics(), lifecycle))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
