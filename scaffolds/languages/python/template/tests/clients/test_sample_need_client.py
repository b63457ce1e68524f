from typing import Any

import pytest

from app.clients import sample_need_client as client
from app.clients.base import StatusError


@pytest.mark.anyio
async def test_item(need: Any) -> None:
    need.answer(200, body=b'{"id":"a/b","name":"lamp","quantity":3,"more":true}')
    called = client.connect({client.VARIABLE: need.url})
    assert await called.item("a/b") == client.Item(id="a/b", name="lamp", quantity=3)
    assert need.requests[0][:2] == ("GET", "/items/a%2Fb")
    await called.close()


@pytest.mark.anyio
async def test_unknown_item(need: Any) -> None:
    need.answer(404)
    called = client.connect({client.VARIABLE: need.url})
    with pytest.raises(StatusError) as error:
        await called.item("unknown")
    assert error.value.status == 404
    await called.close()


def test_the_missing_variable_is_named() -> None:
    with pytest.raises(ValueError, match=client.VARIABLE):
        client.connect({})
