from typing import Any

import httpx
import pytest

from app.api.body import MAX_BODY_BYTES
from app.items import UnavailableError, is_id

pytestmark = pytest.mark.anyio

UNKNOWN_ID = "0190163d-8694-739b-aea5-966c26f8ad91"
LAMP = {"name": "lämp", "quantity": 3}
JSON = {"content-type": "application/json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Checks that the answer is a problem of this status and returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    return body


async def create(service: httpx.AsyncClient, **values: Any) -> dict[str, Any]:
    answer = await service.post("/items", json=LAMP | values)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    return item


async def test_create_then_get(service: httpx.AsyncClient) -> None:
    answer = await service.post("/items", json=LAMP)
    item = answer.json()
    assert answer.status_code == 201
    assert item == {"id": item["id"], **LAMP}
    assert is_id(item["id"])
    assert answer.headers["location"] == f"/items/{item['id']}"
    got = await service.get(f"/items/{item['id']}")
    assert (got.status_code, got.json()) == (200, item)


@pytest.mark.parametrize(
    ("prefix", "public"),
    [
        ("/shop/lamps", "/shop/lamps"),
        ("/shop/", "/shop"),
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ("/a/../b", ""),
        ("shop", ""),
        ("/a?b", ""),
        ("", ""),
    ],
)
async def test_location_has_the_public_prefix(service: httpx.AsyncClient, prefix: str, public: str) -> None:
    answer = await service.post("/items", json=LAMP, headers={"x-forwarded-prefix": prefix})
    assert answer.headers["location"] == f"{public}/items/{answer.json()['id']}"


async def test_replace(service: httpx.AsyncClient) -> None:
    item = await create(service)
    path = f"/items/{item['id']}"
    answer = await service.put(path, json={"name": "light", "quantity": 4})
    assert (answer.status_code, answer.json()) == (200, {"id": item["id"], "name": "light", "quantity": 4})
    assert (await service.get(path)).json() == answer.json()
    problem(await service.put(path, json={"name": ""}), 422)


async def test_delete(service: httpx.AsyncClient) -> None:
    path = f"/items/{(await create(service))['id']}"
    answer = await service.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    problem(await service.get(path), 404)
    problem(await service.delete(path), 404)


@pytest.mark.parametrize("item_id", [UNKNOWN_ID, "1", "a%2Fb", "..%2F.."])
async def test_unknown_items_are_not_found(service: httpx.AsyncClient, item_id: str) -> None:
    problem(await service.get(f"/items/{item_id}"), 404)
    problem(await service.put(f"/items/{item_id}", json=LAMP), 404)
    problem(await service.delete(f"/items/{item_id}"), 404)


async def test_an_empty_list(service: httpx.AsyncClient) -> None:
    assert (await service.get("/items")).json() == {"items": []}


async def test_pages_cover_the_list_once(service: httpx.AsyncClient) -> None:
    made = {(await create(service, quantity=n))["id"] for n in range(7)}
    seen: list[str] = []
    sizes = []
    query: dict[str, Any] | None = {"limit": 3}
    while query:
        page = (await service.get("/items", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        sizes.append(len(page["items"]))
        query = {"limit": 3, "cursor": page["nextCursor"]} if "nextCursor" in page else None
    assert sizes == [3, 3, 1]
    assert seen == sorted(made)


async def test_the_last_full_page_has_no_cursor(service: httpx.AsyncClient) -> None:
    await create(service)
    assert "nextCursor" not in (await service.get("/items?limit=1")).json()


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=", "cursor=x"])
async def test_wrong_pages_are_unprocessable(service: httpx.AsyncClient, query: str) -> None:
    errors = problem(await service.get(f"/items?{query}"), 422)["errors"]
    assert [error["parameter"] for error in errors] == [query.split("=")[0]]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ("{}", ["/name", "/quantity"]),
        ("[]", [""]),
        ("null", [""]),
        ('"lamp"', [""]),
        ('{"name":"","quantity":1}', ["/name"]),
        ('{"name":null,"quantity":1}', ["/name"]),
        ('{"name":7,"quantity":1}', ["/name"]),
        ('{"name":"\\ud800","quantity":1}', ["/name"]),
        ('{"name":"lamp","quantity":-1}', ["/quantity"]),
        ('{"name":"lamp","quantity":1000001}', ["/quantity"]),
        ('{"name":"lamp","quantity":1e400}', ["/quantity"]),
        ('{"name":"lamp","quantity":1.5}', ["/quantity"]),
        ('{"name":"lamp","quantity":"1"}', ["/quantity"]),
        ('{"name":"lamp","quantity":true}', ["/quantity"]),
        ('{"name":"lamp","quantity":null}', ["/quantity"]),
        ('{"name":"lamp","quantity":1,"a/b":2}', ["/a~1b"]),
        ('{"Name":"lamp","quantity":1}', ["/name", "/Name"]),
        ('{"name":"lamp","quantity":1,"id":""}', ["/id"]),
        ('{"name":"' + "é" * 101 + '","quantity":1}', ["/name"]),
    ],
)
async def test_wrong_values_are_unprocessable(
    service: httpx.AsyncClient, body: str, pointers: list[str]
) -> None:
    answer = await service.post("/items", content=body.encode(), headers=JSON)
    errors = problem(answer, 422)["errors"]
    assert [error["pointer"] for error in errors] == pointers
    assert all(error["detail"] for error in errors)


async def test_values_at_their_limits_are_taken(service: httpx.AsyncClient) -> None:
    await create(service, name="é" * 100, quantity=1_000_000)
    assert (await create(service, quantity=2.0))["quantity"] == 2
    answer = await service.post("/items", content=b' \r\n{"name":"x",\t"quantity":0} ', headers=JSON)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"name":"lamp","quantity":1}}',
        b"{\"name\":'lamp'}",
        b'{"name":"\xff","quantity":1}',
        b'{"name":"lamp","quantity":NaN}',
        b'{"name":"lamp","quantity":01}',
        b"[" * 50_000,
        '{"name":"lamp","quantity":1}'.encode("utf-16"),
    ],
)
async def test_malformed_bodies_are_refused(service: httpx.AsyncClient, body: bytes) -> None:
    problem(await service.post("/items", content=body, headers=JSON), 400)


async def test_large_bodies_are_refused(service: httpx.AsyncClient) -> None:
    body = b'{"name":"lamp","quantity":1}'.ljust(MAX_BODY_BYTES)
    assert (await service.post("/items", content=body, headers=JSON)).status_code == 201
    problem(await service.post("/items", content=body + b" ", headers=JSON), 413)


async def test_large_bodies_of_unknown_length_are_refused(service: httpx.AsyncClient) -> None:
    async def chunks() -> Any:
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b" " * 1024

    problem(await service.post("/items", content=chunks(), headers=JSON), 413)


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/xml", "application/jsonx", "application/", "json"]
)
async def test_other_media_types_are_refused(service: httpx.AsyncClient, media_type: str) -> None:
    headers = {"content-type": media_type}
    problem(await service.post("/items", content=b'{"name":"lamp","quantity":1}', headers=headers), 415)


async def test_parameters_of_the_media_type_are_taken(service: httpx.AsyncClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    answer = await service.post("/items", content=b'{"name":"lamp","quantity":1}', headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_an_unreachable_store(service: httpx.AsyncClient, store: Any, method: str) -> None:
    store.error = UnavailableError("connection refused")
    path = "/items" if method == "POST" else f"/items/{UNKNOWN_ID}"
    answer = await service.request(method, path, json=LAMP if method in ("POST", "PUT") else None)
    assert "refused" not in problem(answer, 503)["detail"]
    assert answer.headers["retry-after"] == "1"


async def test_other_failures_are_ours(service: httpx.AsyncClient, store: Any) -> None:
    store.error = ValueError("stored item is not readable")
    assert "readable" not in problem(await service.get("/items"), 500)["detail"]
