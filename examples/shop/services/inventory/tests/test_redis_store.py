"""The store, without Redis, and on a real server where TEST_REDIS_URL names one."""

import os
import socket
import time

import pytest

from app.items import Item, NotFoundError, UnavailableError, new_id
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
