"""Items and reservations in Redis.

Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so that it
is ordered by id, which is the order of creation; a page of the list is a range of it. Each
reservation is a JSON string under a key of its order, which stays when the items go.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.items import Item, NotFoundError, Page, Reservation, TooLittleError, UnavailableError

PREFIX = "inventory:"
INDEX = PREFIX + "items"

# A script, so that what is in stock is not taken twice by requests that come at the same time. It looks at
# every item: with tens of thousands of them, an index by name would be worth its upkeep.
RESERVE = """
local first = redis.call('GET', KEYS[1])
if first then return {first, 0} end
local left = tonumber(ARGV[3])
local changed = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local key = ARGV[4] .. id
    local value = redis.call('GET', key)
    local item = value and cjson.decode(value)
    if item and item.name == ARGV[2] and item.quantity > 0 then
        local taken = math.min(left, item.quantity)
        item.quantity = item.quantity - taken
        left = left - taken
        changed[key] = cjson.encode(item)
        if left == 0 then break end
    end
end
if left > 0 then return {} end
for key, value in pairs(changed) do redis.call('SET', key, value) end
redis.call('SET', KEYS[1], ARGV[1])
return {ARGV[1], 1}
"""


def _key(item_id: str) -> str:
    return f"{PREFIX}item:{item_id}"


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (exceptions.RedisError, OSError) as error:
        raise UnavailableError(str(error)) from error


class RedisStore:
    """Implements items.Store. It connects with the first call, not before."""

    def __init__(self, url: str) -> None:
        # A request should learn within about a second that Redis is away, rather than wait for it.
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            protocol=2,
            socket_connect_timeout=1,
            socket_timeout=1,
            # A connection that Redis closed while it was idle is made anew; a time-out is told at once.
            retry=Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
        )
        self._reserve = self._redis.register_script(RESERVE)

    async def close(self) -> None:
        await self._redis.aclose()

    async def ping(self) -> None:
        with _unavailable():
            await self._redis.ping()

    async def create(self, item: Item) -> None:
        with _unavailable():
            async with self._redis.pipeline(transaction=True) as transaction:
                transaction.set(_key(item.id), item.model_dump_json())
                transaction.zadd(INDEX, {item.id: 0})
                await transaction.execute()

    async def get(self, item_id: str) -> Item:
        with _unavailable():
            value = await self._redis.get(_key(item_id))
        if value is None:
            raise NotFoundError
        return Item.model_validate_json(value)

    async def list(self, cursor: str | None, limit: int) -> Page:
        after = f"({cursor}" if cursor else "-"
        with _unavailable():
            # One more than asked for tells whether there is a next page.
            found = await self._redis.zrangebylex(INDEX, after, "+", start=0, num=limit + 1)
            page, more = [str(item_id) for item_id in found[:limit]], len(found) > limit
            values = await self._redis.mget([_key(item_id) for item_id in page]) if page else []
        # An item that was deleted since its id was read has no value.
        items = [Item.model_validate_json(value) for value in values if value is not None]
        return Page(items, page[-1] if more else None)

    async def replace(self, item: Item) -> None:
        # XX: only if it is there, in one step. An item that is deleted meanwhile does not come back.
        with _unavailable():
            replaced = await self._redis.set(_key(item.id), item.model_dump_json(), xx=True)
        if not replaced:
            raise NotFoundError

    async def delete(self, item_id: str) -> None:
        with _unavailable():
            async with self._redis.pipeline(transaction=True) as transaction:
                transaction.delete(_key(item_id))
                transaction.zrem(INDEX, item_id)
                removed, _ = await transaction.execute()
        if not removed:
            raise NotFoundError

    async def reserve(self, reservation: Reservation) -> tuple[Reservation, bool]:
        with _unavailable():
            result = await self._reserve(
                keys=[f"{PREFIX}reservation:{reservation.order}", INDEX],
                args=[
                    reservation.model_dump_json(),
                    reservation.name,
                    reservation.quantity,
                    _key(""),
                ],
            )
        if not result:
            raise TooLittleError
        kept, is_new = result
        return Reservation.model_validate_json(kept), bool(is_new)
