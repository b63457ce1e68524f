from typing import Any

import httpx
import pytest

from app.items import UnavailableError
from tests.api.test_items import JSON, create, problem

pytestmark = pytest.mark.anyio

WANTED = {"order": "o1", "name": "lämp", "quantity": 4}


async def stock(service: httpx.AsyncClient) -> list[int]:
    return [item["quantity"] for item in (await service.get("/items")).json()["items"]]


async def test_a_reservation_takes_from_stock_once(service: httpx.AsyncClient) -> None:
    await create(service, quantity=3)
    await create(service, name="teapot", quantity=9)
    await create(service, quantity=3)
    answer = await service.post("/reservations", json=WANTED)
    assert (answer.status_code, answer.json()) == (201, WANTED)
    again = await service.post("/reservations", json=WANTED | {"name": "teapot", "quantity": 1})
    assert (again.status_code, again.json()) == (200, WANTED)
    assert await stock(service) == [0, 9, 2]


async def test_too_little_is_a_conflict_and_takes_nothing(service: httpx.AsyncClient) -> None:
    await create(service, quantity=3)
    problem(await service.post("/reservations", json=WANTED), 409)
    problem(await service.post("/reservations", json=WANTED | {"name": "chair"}), 409)
    assert await stock(service) == [3]
    await create(service, quantity=1)
    assert (await service.post("/reservations", json=WANTED)).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ("{}", ["/order", "/name", "/quantity"]),
        ('{"order":"","name":"","quantity":0}', ["/order", "/name", "/quantity"]),
        ('{"order":1,"name":null,"quantity":1.5}', ["/order", "/name", "/quantity"]),
        ('{"order":"' + "é" * 65 + '","name":"lamp","quantity":1000001}', ["/order", "/quantity"]),
        ('{"order":"o1","name":"lamp","quantity":1,"id":2}', ["/id"]),
    ],
)
async def test_wrong_reservations_are_unprocessable(
    service: httpx.AsyncClient, body: str, pointers: list[str]
) -> None:
    answer = await service.post("/reservations", content=body.encode(), headers=JSON)
    assert [error["pointer"] for error in problem(answer, 422)["errors"]] == pointers


async def test_other_bodies_are_refused(service: httpx.AsyncClient) -> None:
    problem(await service.post("/reservations", content=b"{", headers=JSON), 400)
    problem(await service.post("/reservations", content=b"{}"), 415)


async def test_a_reservation_without_a_store(service: httpx.AsyncClient, store: Any) -> None:
    store.error = UnavailableError("connection refused")
    answer = await service.post("/reservations", json=WANTED)
    problem(answer, 503)
    assert answer.headers["retry-after"] == "1"
