"""The store of these tests. A service keeps nothing in memory: its replicas share a store."""

from app.items import Item, NotFoundError, Page


class MemoryStore:
    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
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

    async def ping(self) -> None:
        self._check()
