"""The store, without Redis, and on a real server where TEST_REDIS_URL names one."""

import asyncio
import os
import socket
import time

import pytest

from app.items import Item, NotFoundError, Reservation, TooLittleError, UnavailableError, new_id
from app.redis_store import RedisStore

pytestmark = pytest.mark.anyio

TEST_REDIS_URL = os.environ.get("TEST_REDIS_URL", "")


async def test_every_call_says_unavailable_when_redis_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store = RedisStore(f"redis://127.0.0.1:{port}")
    item = Item(id=new_id(), name="lamp", quantity=1)
    for call in (
        store.ping(),
        store.create(item),
        store.get(item.id),
        store.list(None, 10),
        store.replace(item),
        store.delete(item.id),
        store.reserve(Reservation(order="o1", name="lamp", quantity=1)),
    ):
        with pytest.raises(UnavailableError):
            await call
    await store.close()


@pytest.mark.skipif(not TEST_REDIS_URL, reason="TEST_REDIS_URL is not set")
async def test_against_redis() -> None:
    store = RedisStore(TEST_REDIS_URL)
    now = time.time_ns() // 1_000_000
    first, second, third = (Item(id=new_id(now + n), name="lämp", quantity=n) for n in range(3))
    for item in (first, second, third):
        await store.create(item)

    assert await store.get(second.id) == second
    page = await store.list(first.id, 1)
    assert (page.items, page.next_cursor) == ([second], second.id)
    changed = second.model_copy(update={"quantity": 7})
    await store.replace(changed)
    assert await store.get(second.id) == changed
    for item in (first, second, third):
        await store.delete(item.id)
    for call in (store.get(first.id), store.delete(first.id), store.replace(first)):
        with pytest.raises(NotFoundError):
            await call
    await store.close()


@pytest.mark.skipif(not TEST_REDIS_URL, reason="TEST_REDIS_URL is not set")
async def test_reservations_against_redis() -> None:
    store = RedisStore(TEST_REDIS_URL)
    name = f"lämp/{new_id()}"
    first, second, other = (
        Item(id=new_id(), name=name, quantity=3),
        Item(id=new_id(), name=name, quantity=3),
        Item(id=new_id(), name=name + "!", quantity=9),
    )
    for item in (first, second, other):
        await store.create(item)
    wanted = [Reservation(order=new_id(), name=name, quantity=2) for _ in range(8)]
    results = await asyncio.gather(*map(store.reserve, wanted), return_exceptions=True)
    kept = [result for result in results if not isinstance(result, BaseException)]
    assert len(kept) == 3
    assert sum(isinstance(result, TooLittleError) for result in results) == 5
    for reservation, is_new in kept:
        assert is_new
        assert await store.reserve(reservation.model_copy(update={"quantity": 1})) == (reservation, False)
    assert [(await store.get(item.id)).quantity for item in (first, second, other)] == [0, 0, 9]
    for item in (first, second, other):
        await store.delete(item.id)
    await store.close()
