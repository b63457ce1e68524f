"""Routes of the resource."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.body import JsonRoute
from app.items import Draft, Item, NotFoundError, Store, is_id, new_id

router = APIRouter(prefix="/items", route_class=JsonRoute)

ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class ItemList(BaseModel):
    items: list[Item]
    next_cursor: str | None = Field(default=None, serialization_alias="nextCursor")


async def get_store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def known_form(item_id: Annotated[str, Path(alias="id")]) -> str:
    """An id from the path; what cannot be one is not looked for."""
    if not is_id(item_id):
        raise NotFoundError
    return item_id


Items = Annotated[Store, Depends(get_store)]
ItemId = Annotated[str, Depends(known_form)]


@router.post("", status_code=201)
async def create_item(draft: Draft, store: Items, request: Request, response: Response) -> Item:
    item = Item(id=new_id(), name=draft.name, quantity=draft.quantity)
    await store.create(item)
    response.headers["Location"] = f"{public_prefix(request)}/items/{item.id}"
    return item


@router.get("", response_model_exclude_none=True)
async def list_items(
    store: Items,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> ItemList:
    page = await store.list(cursor, limit)
    return ItemList(items=page.items, next_cursor=page.next_cursor)


@router.get("/{id}")
async def get_item(item_id: ItemId, store: Items) -> Item:
    return await store.get(item_id)


@router.put("/{id}")
async def replace_item(item_id: ItemId, draft: Draft, store: Items) -> Item:
    item = Item(id=item_id, name=draft.name, quantity=draft.quantity)
    await store.replace(item)
    return item


@router.delete("/{id}", status_code=204)
async def delete_item(item_id: ItemId, store: Items) -> None:
    await store.delete(item_id)


def public_prefix(request: Request) -> str:
    """The part of the public path that a gateway took off.

    What is not a plain path is ignored: it would let a caller send others to an address of its choice.
    """
    prefix = request.headers.get("x-forwarded-prefix", "").removesuffix("/")
    return prefix if PLAIN_PATH.fullmatch(prefix) and "/../" not in prefix + "/" else ""
