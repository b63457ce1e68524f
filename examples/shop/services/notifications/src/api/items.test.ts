import assert from "node:assert/strict";
import { test } from "node:test";
import { isId } from "../items/id.js";
import { type Item, UnavailableError } from "../items/item.js";
import { Fixture, problemOf, UNKNOWN_ID } from "../testing/fixture.js";

const LAMP = '{"name":"lamp","quantity":3}';

interface ItemList {
  items: Item[];
  nextCursor?: string;
}

test("an item that was created can be read", async () => {
  const service = new Fixture();
  const answer = await service.call("POST", "/items", '{"name":"lämp","quantity":3}');
  assert.equal(answer.statusCode, 201);
  assert.equal(answer.headers["content-type"], "application/json");
  const made = answer.json<Item>();
  assert.ok(isId(made.id));
  assert.deepEqual(made, { id: made.id, name: "lämp", quantity: 3 });
  assert.equal(answer.headers.location, `/items/${made.id}`);

  const read = await service.call("GET", `/items/${made.id}`);
  assert.equal(read.statusCode, 200);
  assert.deepEqual(read.json(), made);
});

test("Location has the public prefix, unless that is no plain path", async () => {
  const service = new Fixture();
  for (const [prefix, path] of [
    ["/shop/lamps", "/shop/lamps/items/"],
    ["/shop/", "/shop/items/"],
    ["//evil.example", "/items/"],
    ["https://evil.example", "/items/"],
    ["/a/../b", "/items/"],
    ["shop", "/items/"],
    ["/a?b", "/items/"],
    ["", "/items/"],
  ] as const) {
    const answer = await service.call("POST", "/items", LAMP, { "x-forwarded-prefix": prefix });
    assert.equal(answer.headers.location, path + answer.json<Item>().id, prefix);
  }
});

test("an item is replaced as a whole", async () => {
  const service = new Fixture();
  const { id } = await service.create(LAMP);
  const answer = await service.call("PUT", `/items/${id}`, '{"name":"light","quantity":4}');
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { id, name: "light", quantity: 4 });
  assert.deepEqual((await service.call("GET", `/items/${id}`)).json(), answer.json());
  problemOf(await service.call("PUT", `/items/${id}`, '{"name":""}'), 422);
});

test("an item that was deleted is gone", async () => {
  const service = new Fixture();
  const { id } = await service.create(LAMP);
  const answer = await service.call("DELETE", `/items/${id}`);
  assert.equal(answer.statusCode, 204);
  assert.equal(answer.body, "");
  problemOf(await service.call("GET", `/items/${id}`), 404);
  problemOf(await service.call("DELETE", `/items/${id}`), 404);
});

test("unknown items are not found", async () => {
  const service = new Fixture();
  for (const id of [UNKNOWN_ID, "1", "a%2Fb", "..%2F..", "x".repeat(5000)]) {
    problemOf(await service.call("GET", `/items/${id}`), 404);
    problemOf(await service.call("PUT", `/items/${id}`, LAMP), 404);
    const problem = problemOf(await service.call("DELETE", `/items/${id}`), 404);
    assert.equal(problem.detail, "There is no item with this id.");
  }
});

test("an empty list is an array", async () => {
  assert.equal((await new Fixture().call("GET", "/items")).body, '{"items":[]}');
});

test("pages cover the list once", async () => {
  const service = new Fixture();
  for (let i = 0; i < 7; i++) await service.create(`{"name":"lamp ${i}","quantity":${i}}`);
  const seen = new Set<string>();
  const sizes: number[] = [];
  let next: string | undefined = "/items?limit=3";
  while (next !== undefined) {
    const page: ItemList = (await service.call("GET", next)).json();
    for (const item of page.items) seen.add(item.id);
    sizes.push(page.items.length);
    next = page.nextCursor && `/items?limit=3&cursor=${page.nextCursor}`;
  }
  assert.deepEqual(sizes, [3, 3, 1]);
  assert.equal(seen.size, 7);
});

test("the last full page has no cursor", async () => {
  const service = new Fixture();
  await service.create(LAMP);
  const page = (await service.call("GET", "/items?limit=1")).json<ItemList>();
  assert.equal(page.items.length, 1);
  assert.ok(!("nextCursor" in page));
});

test("wrong pages are unprocessable", async () => {
  const service = new Fixture();
  const limit = { parameter: "limit", detail: "must be an integer from 1 to 100" };
  const cursor = { parameter: "cursor", detail: "must be the nextCursor of a list" };
  for (const [query, errors] of [
    ["limit=0", [limit]],
    ["limit=101", [limit]],
    ["limit=x", [limit]],
    ["limit=", [limit]],
    ["limit=x&limit=1", [limit]],
    ["cursor=x", [cursor]],
    ["cursor=", [cursor]],
    ["limit=x&cursor=x", [limit, cursor]],
  ] as const) {
    const problem = problemOf(await service.call("GET", `/items?${query}`), 422);
    assert.equal(problem.detail, "The query has values that are not allowed.");
    assert.deepEqual(problem.errors, errors, query);
  }
});

test("every route of items says when the store is not available", async () => {
  const service = new Fixture();
  service.store.error = new UnavailableError("connection refused");
  for (const [method, url, body] of [
    ["GET", "/items"],
    ["POST", "/items", LAMP],
    ["GET", `/items/${UNKNOWN_ID}`],
    ["PUT", `/items/${UNKNOWN_ID}`, LAMP],
    ["DELETE", `/items/${UNKNOWN_ID}`],
  ] as const) {
    const answer = await service.call(method, url, body);
    const { detail } = problemOf(answer, 503);
    assert.equal(answer.headers["retry-after"], "1");
    assert.equal(detail, "The service's store does not answer at the moment.");
  }
  assert.ok(service.lines.some((line) => line.level === "warn" && line.error === "connection refused"));
});

test("other failures of the store are ours", async () => {
  const service = new Fixture();
  service.store.error = new Error("stored item is not readable");
  const { detail } = problemOf(await service.call("GET", "/items"), 500);
  assert.equal(detail, "The service failed to answer this request.");
  const line = service.lines.find(({ message }) => message === "request failed");
  assert.equal(line?.error, "stored item is not readable");
  assert.match(String(line?.stack), /^Error: stored item/);
});
