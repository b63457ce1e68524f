import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "./log.js";
import { newId } from "./notifications/id.js";
import { NotFoundError, type Notification } from "./notifications/notification.js";
import { RedisStore } from "./redis-store.js";
import { closedPort } from "./testing/port.js";

const silent = createLogger("test", "error", { write: () => {} });

function make(now: number, order: string): Notification {
  return { id: newId(now), order, recipient: "ada@example.com", text: "Grüße" };
}

test("every call says when Redis is away", async (t) => {
  const store = new RedisStore(`redis://127.0.0.1:${await closedPort()}`, silent);
  t.after(() => store.close());
  const notification = make(Date.now(), "a1");
  for (const call of [
    () => store.ping(),
    () => store.create(notification),
    () => store.get(notification.id),
    () => store.list({ limit: 10 }),
    () => store.list({ limit: 10, order: "a1" }),
  ]) {
    await assert.rejects(call, { name: "UnavailableError", message: /ECONNREFUSED|timed out/ }, String(call));
  }
});

const url = process.env.TEST_REDIS_URL ?? "";
// On a server that may be written to. What it makes stays there.
const onRedis = { skip: url === "" && "TEST_REDIS_URL is not set" };

test("notifications are kept in Redis", onRedis, async (t) => {
  const store = new RedisStore(url, silent);
  t.after(() => store.close());
  const now = Date.now();
  const order = `ördér ${newId(now)}`;
  const [first, second, third] = [make(now, order), make(now + 1, "other"), make(now + 2, order)] as const;
  for (const notification of [first, second, third]) await store.create(notification);

  await store.ping();
  assert.deepEqual(await store.get(second.id), second);
  assert.deepEqual(await store.list({ cursor: first.id, limit: 1 }), {
    notifications: [second],
    next: second.id,
  });
  assert.deepEqual(await store.list({ limit: 2, order }), { notifications: [first, third] });
  assert.deepEqual(await store.list({ limit: 1, order }), { notifications: [first], next: first.id });
  assert.deepEqual(await store.list({ cursor: first.id, limit: 1, order }), { notifications: [third] });
  assert.deepEqual(await store.list({ cursor: third.id, limit: 1, order }), { notifications: [] });
  assert.deepEqual(await store.list({ limit: 1, order: `${order}-` }), { notifications: [] });
  await assert.rejects(store.get(newId(now)), NotFoundError);
});
