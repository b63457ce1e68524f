import assert from "node:assert/strict";
import { test } from "node:test";
import { isId } from "../notifications/id.js";
import { type Notification, UnavailableError } from "../notifications/notification.js";
import { draft } from "../testing/draft.js";
import { Fixture, problemOf, UNKNOWN_ID } from "../testing/fixture.js";

const DRAFT = draft();

interface NotificationList {
  items: Notification[];
  nextCursor?: string;
}

test("a notification that was created can be read", async () => {
  const service = new Fixture();
  const wanted = { order: "ördér", recipient: "ada@example.com", text: "Grüße,\nshop" };
  const answer = await service.call("POST", "/items", JSON.stringify(wanted));
  assert.equal(answer.statusCode, 201);
  assert.equal(answer.headers["content-type"], "application/json");
  const made = answer.json<Notification>();
  assert.ok(isId(made.id));
  assert.deepEqual(made, { id: made.id, ...wanted });
  assert.equal(answer.headers.location, `/items/${made.id}`);

  const read = await service.call("GET", `/items/${made.id}`);
  assert.equal(read.statusCode, 200);
  assert.deepEqual(read.json(), made);
});

test("what is sent is logged, without recipient and text", async () => {
  const service = new Fixture();
  const { id } = await service.create();
  const lines = service.lines.filter(({ message }) => message === "sent");
  assert.deepEqual(lines, [{ ...lines[0], level: "info", notification: id, order: "a1" }]);
  assert.doesNotMatch(JSON.stringify(service.lines), /ada@example.com|on its way/);
});

test("what is not kept is not logged as sent", async () => {
  const service = new Fixture();
  service.store.error = new UnavailableError("connection refused");
  problemOf(await service.call("POST", "/items", DRAFT), 503);
  problemOf(await service.call("POST", "/items", "{}"), 422);
  assert.ok(!service.lines.some(({ message }) => message === "sent"));
});

test("Location has the public prefix, unless that is no plain path", async () => {
  const service = new Fixture();
  for (const [prefix, path] of [
    ["/shop/told", "/shop/told/items/"],
    ["/shop/", "/shop/items/"],
    ["//evil.example", "/items/"],
    ["https://evil.example", "/items/"],
    ["/a/../b", "/items/"],
    ["shop", "/items/"],
    ["/a?b", "/items/"],
    ["", "/items/"],
  ] as const) {
    const answer = await service.call("POST", "/items", DRAFT, { "x-forwarded-prefix": prefix });
    assert.equal(answer.headers.location, path + answer.json<Notification>().id, prefix);
  }
});

test("notifications are not edited", async () => {
  const service = new Fixture();
  const made = await service.create();
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    const answer = await service.call(method, `/items/${made.id}`, DRAFT);
    problemOf(answer, 405);
    assert.equal(answer.headers.allow, "GET, HEAD");
  }
  assert.deepEqual((await service.call("GET", `/items/${made.id}`)).json(), made);
});

test("unknown notifications are not found", async () => {
  const service = new Fixture();
  for (const id of [UNKNOWN_ID, "1", "a%2Fb", "..%2F..", "x".repeat(5000)]) {
    const problem = problemOf(await service.call("GET", `/items/${id}`), 404);
    assert.equal(problem.detail, "There is no notification with this id.");
  }
});

test("an empty list is an array", async () => {
  assert.equal((await new Fixture().call("GET", "/items")).body, '{"items":[]}');
});

test("pages cover the list once", async () => {
  const service = new Fixture();
  for (let i = 0; i < 7; i++) await service.create(draft({ order: `a${i}` }));
  const seen = new Set<string>();
  const sizes: number[] = [];
  let next: string | undefined = "/items?limit=3";
  while (next !== undefined) {
    const page: NotificationList = (await service.call("GET", next)).json();
    for (const { id } of page.items) seen.add(id);
    sizes.push(page.items.length);
    next = page.nextCursor && `/items?limit=3&cursor=${page.nextCursor}`;
  }
  assert.deepEqual(sizes, [3, 3, 1]);
  assert.equal(seen.size, 7);
});

test("a list may be that of one order", async () => {
  const service = new Fixture();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    ids.push((await service.create(draft({ order: "a & b" }))).id);
    await service.create(draft({ order: "other" }));
  }
  ids.sort(); // of those of one millisecond either may be the first
  const list = async (query: string): Promise<NotificationList> =>
    (await service.call("GET", `/items?${query}`)).json();
  const idsOf = ({ items }: NotificationList): string[] => items.map(({ id }) => id);
  const whole = await list("order=a%20%26%20b");
  assert.deepEqual(idsOf(whole), ids);
  const page = await list("order=a+%26+b&limit=2");
  assert.deepEqual(idsOf(page), ids.slice(0, 2));
  assert.equal(page.nextCursor, ids[1]);
  const rest = await list(`order=a+%26+b&limit=2&cursor=${page.nextCursor}`);
  assert.deepEqual(idsOf(rest), ids.slice(2));
  assert.ok(!("nextCursor" in rest));
  assert.deepEqual(await list("order=unknown"), { items: [] });
});

test("the last full page has no cursor", async () => {
  const service = new Fixture();
  await service.create(DRAFT);
  const page = (await service.call("GET", "/items?limit=1")).json<NotificationList>();
  assert.equal(page.items.length, 1);
  assert.ok(!("nextCursor" in page));
});

test("wrong queries are unprocessable", async () => {
  const service = new Fixture();
  const limit = { parameter: "limit", detail: "must be an integer from 1 to 100" };
  const cursor = { parameter: "cursor", detail: "must be the nextCursor of a list" };
  const order = { parameter: "order", detail: "must have 1 to 64 characters" };
  for (const [query, errors] of [
    ["limit=0", [limit]],
    ["limit=101", [limit]],
    ["limit=x", [limit]],
    ["limit=", [limit]],
    ["limit=x&limit=1", [limit]],
    ["cursor=x", [cursor]],
    ["cursor=", [cursor]],
    ["order=", [order]],
    [`order=${"a".repeat(65)}`, [order]],
    ["limit=x&cursor=x&order=", [limit, cursor, order]],
  ] as const) {
    const problem = problemOf(await service.call("GET", `/items?${query}`), 422);
    assert.equal(problem.detail, "The query has values that are not allowed.");
    assert.deepEqual(problem.errors, errors, query);
  }
});

test("every route of notifications says when the store is not available", async () => {
  const service = new Fixture();
  service.store.error = new UnavailableError("connection refused");
  for (const [method, url, body] of [
    ["GET", "/items"],
    ["POST", "/items", DRAFT],
    ["GET", `/items/${UNKNOWN_ID}`],
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
  service.store.error = new Error("stored notification is not readable");
  const { detail } = problemOf(await service.call("GET", "/items"), 500);
  assert.equal(detail, "The service failed to answer this request.");
  const line = service.lines.find(({ message }) => message === "request failed");
  assert.equal(line?.error, "stored notification is not readable");
  assert.match(String(line?.stack), /^Error: stored notification/);
});
