"""The service's resources: what an item and a reservation are, and what keeps them."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _whole_number(value: object) -> object:
    """JSON has one kind of number: 3.0 is an integer too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# The limits are stated in openapi.yaml too.
Name = Annotated[str, Field(min_length=1, max_length=100)]
Quantity = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=1_000_000)]


class Draft(BaseModel):
    """What a client says about an item."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name
    quantity: Quantity


class Item(BaseModel):
    """One item as clients see it and as it is stored."""

    id: str
    name: Name
    quantity: Quantity


class Reservation(BaseModel):
    """What was taken from stock for an order: what clients ask for, see, and what is stored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    order: Annotated[str, Field(min_length=1, max_length=64)]
    name: Name
    quantity: Annotated[Quantity, Field(ge=1)]


@dataclass(frozen=True)
class Page:
    """A part of the list of items, oldest first."""

    items: list[Item]
    next_cursor: str | None  # cursor of the page after this one; None on the last


class NotFoundError(Exception):
    """There is no item with this id."""


class TooLittleError(Exception):
    """There is less in stock than a reservation asks for."""


class UnavailableError(Exception):
    """The store cannot be reached now; the same call may work later."""


class Store(Protocol):
    """Keeps items and reservations. Every replica of the service works on the same store.

    Each call raises UnavailableError if the store does not answer; those that take an id or an item that
    is to be there raise NotFoundError.
    """

    async def create(self, item: Item) -> None: ...

    async def get(self, item_id: str) -> Item: ...

    async def list(self, cursor: str | None, limit: int) -> Page:
        """Returns at most limit items that follow the cursor, which is an item's id."""
        ...

    async def replace(self, item: Item) -> None: ...

    async def delete(self, item_id: str) -> None: ...

    async def reserve(self, reservation: Reservation) -> tuple[Reservation, bool]:
        """Takes the quantity from the items of that name, oldest first, in one step, once an order.

        Returns the order's reservation, and whether it is new. Raises TooLittleError, and takes nothing, if
        there is too little.
        """
        ...

    async def ping(self) -> None: ...


def new_id(now_ms: int | None = None) -> str:
    """Makes a UUID of version 7 (RFC 9562, section 5.7): milliseconds, then 74 random bits.

    It cannot be guessed, and ids sort by age, which is the order of lists.
    """
    milliseconds = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    value = milliseconds << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Says whether the text has the form of an id; what has not needs no look into the store."""
    return _ID.fullmatch(text) is not None
