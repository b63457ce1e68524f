"""Calls the service sample-need."""

from collections.abc import Mapping
from urllib.parse import quote

from pydantic import BaseModel

from app.clients.base import Client

NEED = "sample-need"
VARIABLE = "SAMPLE_NEED_URL"


class Item(BaseModel):
    """An item of the need, as far as this service looks at it."""

    id: str
    name: str
    quantity: int


class SampleNeed:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def item(self, item_id: str) -> Item:
        """Returns one item; raises StatusError with status 404 if there is none with this id."""
        body = await self._client.request("GET", f"/items/{quote(item_id, safe='')}")
        return Item.model_validate_json(body)

    async def close(self) -> None:
        await self._client.close()


def connect(environ: Mapping[str, str]) -> SampleNeed:
    """Takes the need's address from its variable; a ValueError names it if it is missing or wrong."""
    client = Client.from_environment(NEED, VARIABLE, environ)
    return SampleNeed(client)
