import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "./items/id.js";
import { type Item, NotFoundError } from "./items/item.js";
import { createLogger } from "./log.js";
import { RedisStore } from "./redis-store.js";
import { closedPort } from "./testing/port.js";

const silent = createLogger("test", "error", { write: () => {} });

test("every call says when Redis is away", async (t) => {
  const store = new RedisStore(`redis://127.0.0.1:${await closedPort()}`, silent);
  t.after(() => store.close());
  const item = { id: newId(Date.now()), name: "lamp", quantity: 1 };
  for (const call of [
    () => store.ping(),
    () => store.create(item),
    () => store.get(item.id),
    () => store.list(undefined, 10),
    () => store.replace(item),
    () => store.delete(item.id),
  ]) {
    await assert.rejects(call, { name: "UnavailableError", message: /ECONNREFUSED|timed out/ }, String(call));
  }
});

const url = process.env.TEST_REDIS_URL ?? "";
// On a server whose items may be touched.
const onRedis = { skip: url === "" && "TEST_REDIS_URL is not set" };

test("items are kept in Redis", onRedis, async (t) => {
  const store = new RedisStore(url, silent);
  t.after(() => store.close());
  const now = Date.now();
  const make = (n: number): Item => ({ id: newId(now + n), name: "lämp", quantity: n });
  const [first, second, third] = [make(0), make(1), make(2)] as const;
  for (const item of [first, second, third]) await store.create(item);

  await store.ping();
  assert.deepEqual(await store.get(second.id), second);
  assert.deepEqual(await store.list(first.id, 1), { items: [second], next: second.id });
  const changed = { ...second, quantity: 7 };
  await store.replace(changed);
  assert.deepEqual(await store.get(second.id), changed);

  for (const { id } of [first, second, third]) await store.delete(id);
  await assert.rejects(store.delete(first.id), NotFoundError);
  await assert.rejects(store.replace(first), NotFoundError);
  await assert.rejects(store.get(first.id), NotFoundError);
  assert.deepEqual(await store.list(third.id, 1), { items: [] });
});
