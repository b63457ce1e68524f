"""The whole interface on a store in memory. A service keeps nothing in memory: its replicas share a store."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.api import create_app
from app.items import Item, NotFoundError, Page, Reservation, TooLittleError
from app.lifecycle import Lifecycle
from app.metrics import Metrics


class MemoryStore:
    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.reservations: dict[str, Reservation] = {}
        self.error: Exception | None = None  # raised by every call, if set

    def _check(self, item_id: str | None = None) -> None:
        if self.error is not None:
            raise self.error
        if item_id is not None and item_id not in self.items:
            raise NotFoundError

    async def create(self, item: Item) -> None:
        self._check()
        self.items[item.id] = item

    async def get(self, item_id: str) -> Item:
        self._check(item_id)
        return self.items[item_id]

    async def list(self, cursor: str | None, limit: int) -> Page:
        self._check()
        found = [self.items[item_id] for item_id in sorted(self.items) if item_id > (cursor or "")]
        page = found[:limit]
        return Page(page, page[-1].id if len(found) > limit else None)

    async def replace(self, item: Item) -> None:
        self._check(item.id)
        self.items[item.id] = item

    async def delete(self, item_id: str) -> None:
        self._check(item_id)
        del self.items[item_id]

    async def reserve(self, reservation: Reservation) -> tuple[Reservation, bool]:
        self._check()
        if first := self.reservations.get(reservation.order):
            return first, False
        stock = [self.items[item_id] for item_id in sorted(self.items)]
        stock = [item for item in stock if item.name == reservation.name]
        left = reservation.quantity
        if sum(item.quantity for item in stock) < left:
            raise TooLittleError
        for item in stock:
            taken = min(left, item.quantity)
            self.items[item.id] = item.model_copy(update={"quantity": item.quantity - taken})
            left -= taken
        self.reservations[reservation.order] = reservation
        return reservation, True

    async def ping(self) -> None:
        self._check()


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
