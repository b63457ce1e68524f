/**
 * The running service, through the gateway. Successive requests may go to different replicas, and the store
 * may hold items of others.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Item } from "../items/item.js";
import { call, create, ITEMS, type ItemList, problemOf, remove } from "./gateway.js";

const UNKNOWN = `${ITEMS}/0190163d-8694-739b-aea5-966c26f8ad91`;
const LAMP = '{"name":"lamp","quantity":3}';

test("an item is created, read, listed, replaced and deleted", async () => {
  const answer = await call("POST", ITEMS, LAMP);
  assert.equal(answer.status, 201);
  const { id } = (await answer.json()) as Item;
  const path = answer.headers.get("location") ?? "";
  assert.equal(path, `${ITEMS}/${id}`);

  const read = await call("GET", path);
  assert.equal(read.status, 200);
  assert.deepEqual(await read.json(), { id, name: "lamp", quantity: 3 });
  assert.equal((await listed()).filter((item) => item.id === id).length, 1);

  const replaced = await call("PUT", path, '{"name":"light","quantity":4}');
  assert.equal(replaced.status, 200);
  assert.deepEqual(await replaced.json(), { id, name: "light", quantity: 4 });
  assert.deepEqual(await (await call("GET", path)).json(), { id, name: "light", quantity: 4 });

  assert.equal((await call("DELETE", path)).status, 204);
  await problemOf(await call("GET", path), 404);
  await problemOf(await call("DELETE", path), 404);
});

test("unknown items are not found", async () => {
  await problemOf(await call("GET", UNKNOWN), 404);
  await problemOf(await call("PUT", UNKNOWN, LAMP), 404);
  await problemOf(await call("DELETE", `${ITEMS}/1`), 404);
});

test("wrong values are named, all at once", async () => {
  const { errors = [] } = await problemOf(await call("POST", ITEMS, '{"name":"","quantity":-1,"x":1}'), 422);
  assert.deepEqual(
    errors.map((error) => error.pointer),
    ["/name", "/quantity", "/x"],
  );
  await problemOf(await call("POST", ITEMS, "{"), 400);
  await problemOf(await call("GET", `${ITEMS}?limit=0`), 422);
});

test("other media types are refused", async () => {
  await problemOf(await call("POST", ITEMS, LAMP, { "content-type": "text/plain" }), 415);
});

test("other methods are refused with Allow", async () => {
  const answer = await call("PATCH", ITEMS, LAMP);
  await problemOf(answer, 405);
  assert.equal(answer.headers.get("allow"), "GET, HEAD, POST");
});

test("pages hold each item exactly once", async () => {
  const made = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((quantity) => create("page", quantity)));
  const seen = (await listed(3)).map((item) => item.id);
  for (const { id } of made) assert.equal(seen.filter((each) => each === id).length, 1);
  await Promise.all(made.map(remove));
});

test("what is created at the same time can all be read", async () => {
  const made = await Promise.all(Array.from({ length: 20 }, (_, i) => create("many", i)));
  assert.equal(new Set(made.map((item) => item.id)).size, 20);
  for (const item of made) {
    assert.deepEqual(await (await call("GET", `${ITEMS}/${item.id}`)).json(), item);
  }
  await Promise.all(made.map(remove));
});

test("HEAD is answered where GET is", async () => {
  const answer = await call("HEAD", ITEMS);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "");
});

test("a caller's trace is accepted, and a broken one ignored", async () => {
  for (const traceparent of ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "nonsense"]) {
    assert.equal((await call("GET", ITEMS, undefined, { traceparent })).status, 200);
  }
});

/** All items, page by page. */
async function listed(limit = 100): Promise<Item[]> {
  const found: Item[] = [];
  let path: string | undefined = `${ITEMS}?limit=${limit}`;
  while (path !== undefined) {
    const page = (await (await call("GET", path)).json()) as ItemList;
    found.push(...page.items);
    path = page.nextCursor && `${ITEMS}?limit=${limit}&cursor=${page.nextCursor}`;
  }
  return found;
}
