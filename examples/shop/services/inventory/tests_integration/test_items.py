"""Successive requests may go to different replicas, and the store may hold items of others."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

ITEMS = "/inventory/items"
UNKNOWN = f"{ITEMS}/0190163d-8694-739b-aea5-966c26f8ad91"
LAMP = {"name": "lamp", "quantity": 3}

Create = Callable[[str, int], dict[str, Any]]


@pytest.fixture
def create(gateway: httpx.Client) -> Iterator[Create]:
    """Creates items, and deletes them at the end of the test, however it ends."""
    paths = []

    def one(name: str, quantity: int) -> dict[str, Any]:
        answer = gateway.post(ITEMS, json={"name": name, "quantity": quantity})
        assert answer.status_code == 201, answer.text
        paths.append(answer.headers["location"])
        item: dict[str, Any] = answer.json()
        return item

    yield one
    for path in paths:
        assert gateway.delete(path).status_code == 204


def listed(gateway: httpx.Client, limit: int) -> Counter[str]:
    """Reads all pages, and says how often each id is in them."""
    ids: Counter[str] = Counter()
    query: dict[str, Any] | None = {"limit": limit}
    while query:
        answer = gateway.get(ITEMS, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        ids.update(item["id"] for item in page["items"])
        query = {"limit": limit, "cursor": page["nextCursor"]} if "nextCursor" in page else None
    return ids


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Checks that the answer is a problem of this status and returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    return body


def test_an_item_is_created_read_listed_replaced_and_deleted(gateway: httpx.Client) -> None:
    answer = gateway.post(ITEMS, json=LAMP)
    assert answer.status_code == 201
    item = answer.json()
    assert item == {"id": item["id"], **LAMP}
    path = answer.headers["location"]
    assert path == f"{ITEMS}/{item['id']}"
    read = gateway.get(path)
    assert (read.status_code, read.json()) == (200, item)
    assert listed(gateway, limit=100)[item["id"]] == 1

    light = {"name": "light", "quantity": 4}
    replaced = gateway.put(path, json=light)
    assert (replaced.status_code, replaced.json()) == (200, {"id": item["id"], **light})
    assert gateway.get(path).json() == replaced.json()

    deleted = gateway.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    problem(gateway.get(path), 404)
    problem(gateway.delete(path), 404)


@pytest.mark.parametrize("path", [UNKNOWN, f"{ITEMS}/1"], ids=["unknown", "no id"])
def test_unknown_items_are_not_found(gateway: httpx.Client, path: str) -> None:
    problem(gateway.get(path), 404)
    problem(gateway.put(path, json=LAMP), 404)
    problem(gateway.delete(path), 404)


def test_wrong_values_are_named_all_at_once(gateway: httpx.Client) -> None:
    errors = problem(gateway.post(ITEMS, json={"name": "", "quantity": -1, "x": 1}), 422)["errors"]
    assert [error["pointer"] for error in errors] == ["/name", "/quantity", "/x"]
    problem(gateway.get(ITEMS, params={"limit": 0}), 422)


def test_malformed_bodies_are_refused(gateway: httpx.Client) -> None:
    answer = gateway.post(ITEMS, content=b"{", headers={"content-type": "application/json"})
    problem(answer, 400)


def test_other_media_types_are_refused(gateway: httpx.Client) -> None:
    problem(gateway.post(ITEMS, json=LAMP, headers={"content-type": "text/plain"}), 415)


def test_other_methods_are_refused_with_allow(gateway: httpx.Client) -> None:
    answer = gateway.patch(ITEMS, json=LAMP)
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_pages_hold_each_item_exactly_once(gateway: httpx.Client, create: Create) -> None:
    made = [create("page", quantity) for quantity in range(7)]
    ids = listed(gateway, limit=3)
    assert [ids[item["id"]] for item in made] == [1] * len(made)


def test_what_is_created_at_the_same_time_can_all_be_read(gateway: httpx.Client, create: Create) -> None:
    with ThreadPoolExecutor(max_workers=20) as pool:
        made = list(pool.map(lambda quantity: create("many", quantity), range(20)))
    assert len({item["id"] for item in made}) == len(made)
    for quantity, item in enumerate(made):
        assert item == {"id": item["id"], "name": "many", "quantity": quantity}
        assert gateway.get(f"{ITEMS}/{item['id']}").json() == item


def test_head_is_answered_where_get_is(gateway: httpx.Client) -> None:
    answer = gateway.head(ITEMS)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "nonsense"]
)
def test_a_callers_trace_is_accepted_and_a_broken_one_ignored(
    gateway: httpx.Client, traceparent: str
) -> None:
    assert gateway.get(ITEMS, headers={"traceparent": traceparent}).status_code == 200
