/**
 * The running service, through the gateway. Successive requests may go to different replicas, and the store
 * may hold notifications of others.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { newId } from "../notifications/id.js";
import type { Notification } from "../notifications/notification.js";
import { draft } from "../testing/draft.js";
import { call, create, ITEMS, type NotificationList, problemOf } from "./gateway.js";

const UNKNOWN = `${ITEMS}/0190163d-8694-739b-aea5-966c26f8ad91`;
const DRAFT = draft();

test("a notification is made, read and listed", async () => {
  const order = `ördér ${randomUUID()}`;
  const answer = await call("POST", ITEMS, draft({ order }));
  assert.equal(answer.status, 201);
  const made = (await answer.json()) as Notification;
  const path = answer.headers.get("location") ?? "";
  assert.equal(path, `${ITEMS}/${made.id}`);
  assert.equal(made.order, order);

  const read = await call("GET", path);
  assert.equal(read.status, 200);
  assert.deepEqual(await read.json(), made);
  assert.deepEqual(await listed(order), [made]);
});

test("notifications are not edited", async () => {
  const { id } = await create(randomUUID());
  for (const method of ["PUT", "DELETE"]) {
    const answer = await call(method, `${ITEMS}/${id}`, DRAFT);
    await problemOf(answer, 405);
    assert.equal(answer.headers.get("allow"), "GET, HEAD");
  }
});

test("unknown notifications are not found", async () => {
  await problemOf(await call("GET", UNKNOWN), 404);
  await problemOf(await call("GET", `${ITEMS}/1`), 404);
});

test("wrong values are named, all at once", async () => {
  const { errors = [] } = await problemOf(
    await call("POST", ITEMS, draft({ order: "", recipient: "ada", text: "", x: 1 })),
    422,
  );
  assert.deepEqual(
    errors.map((error) => error.pointer),
    ["/order", "/recipient", "/text", "/x"],
  );
  await problemOf(await call("POST", ITEMS, "{"), 400);
  await problemOf(await call("GET", `${ITEMS}?limit=0&order=`), 422);
});

test("other media types are refused", async () => {
  await problemOf(await call("POST", ITEMS, DRAFT, { "content-type": "text/plain" }), 415);
});

test("other methods are refused with Allow", async () => {
  const answer = await call("PATCH", ITEMS, DRAFT);
  await problemOf(answer, 405);
  assert.equal(answer.headers.get("allow"), "GET, HEAD, POST");
});

test("pages hold each notification exactly once", async () => {
  const order = randomUUID();
  const made = await Promise.all(Array.from({ length: 7 }, () => create(order)));
  await create(randomUUID());
  const seen = (await listed(order, 3)).map(({ id }) => id);
  assert.deepEqual(seen, made.map(({ id }) => id).sort());
});

test("the list of all has those of every order", async () => {
  const { id, order } = await create(randomUUID());
  // A cursor is an id, and ids begin with the time: what others left in the store before is not looked at.
  const cursor = newId(Date.now() - 60_000);
  const seen = await pages(`limit=100&cursor=${cursor}`, `limit=100`);
  assert.equal(seen.filter((each) => each.id === id && each.order === order).length, 1);
});

test("what is made at the same time can all be read", async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => create(randomUUID())));
  assert.equal(new Set(made.map(({ id }) => id)).size, 20);
  for (const notification of made) {
    assert.deepEqual(await (await call("GET", `${ITEMS}/${notification.id}`)).json(), notification);
  }
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

/** All notifications of an order, page by page. */
function listed(order: string, limit = 100): Promise<Notification[]> {
  const query = `limit=${limit}&order=${encodeURIComponent(order)}`;
  return pages(query, query);
}

/** What the first query lists, and the following pages of the other. */
async function pages(first: string, following: string): Promise<Notification[]> {
  const found: Notification[] = [];
  let path: string | undefined = `${ITEMS}?${first}`;
  while (path !== undefined) {
    const page = (await (await call("GET", path)).json()) as NotificationList;
    found.push(...page.items);
    path = page.nextCursor && `${ITEMS}?${following}&cursor=${page.nextCursor}`;
  }
  return found;
}
