"""An order takes from stock once, whichever replicas its requests meet."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

ITEMS = "/inventory/items"
RESERVATIONS = "/inventory/reservations"


@pytest.fixture
def stocked(gateway: httpx.Client) -> Iterator[dict[str, Any]]:
    """An item with a name of its own, since reservations go by name."""
    answer = gateway.post(ITEMS, json={"name": f"lamp {uuid.uuid4()}", "quantity": 5})
    assert answer.status_code == 201, answer.text
    yield answer.json()
    assert gateway.delete(answer.headers["location"]).status_code == 204


def reserve(gateway: httpx.Client, order: str, name: str, quantity: int) -> httpx.Response:
    return gateway.post(RESERVATIONS, json={"order": order, "name": name, "quantity": quantity})


def left(gateway: httpx.Client, item: dict[str, Any]) -> int:
    quantity: int = gateway.get(f"{ITEMS}/{item['id']}").json()["quantity"]
    return quantity


def test_an_order_takes_once(gateway: httpx.Client, stocked: dict[str, Any]) -> None:
    order = str(uuid.uuid4())
    first = reserve(gateway, order, stocked["name"], 2)
    again = reserve(gateway, order, stocked["name"], 2)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert left(gateway, stocked) == 3


def test_too_little_takes_nothing(gateway: httpx.Client, stocked: dict[str, Any]) -> None:
    assert reserve(gateway, str(uuid.uuid4()), stocked["name"], 6).status_code == 409
    assert left(gateway, stocked) == 5


def test_orders_at_the_same_time_take_no_more_than_there_is(
    gateway: httpx.Client, stocked: dict[str, Any]
) -> None:
    orders = [str(uuid.uuid4()) for _ in range(12)]
    with ThreadPoolExecutor(max_workers=12) as pool:
        answers = list(pool.map(lambda order: reserve(gateway, order, stocked["name"], 1), orders))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] * 5 + [409] * 7
    assert left(gateway, stocked) == 0
