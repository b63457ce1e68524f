import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { clientOf, need } from "../testing/need.js";
import { closedPort } from "../testing/port.js";
import { newTrace, type Trace, traceFrom, withTrace } from "../trace.js";
import { CallError, Client, StatusError } from "./client.js";
import { retryAfter } from "./retry.js";

test("what is no URL is refused", () => {
  for (const url of ["", "localhost:80", "redis://x", "http://", "://"]) {
    assert.throws(
      () => Client.fromEnvironment("lamps", "LAMPS_URL", { LAMPS_URL: url }),
      /^Error: LAMPS_URL/,
    );
  }
});

test("JSON is sent and read", async (t) => {
  let seen: IncomingMessage | undefined;
  const url = await need(t, (request, answer) => {
    seen = request;
    void text(request).then((body) => answer.end(body));
  });
  const { client } = clientOf(`${url}/`);
  assert.deepEqual(await client.json("POST", "/a", { body: { n: 1 } }), { n: 1 });
  assert.equal(`${seen?.method} ${seen?.url} ${seen?.headers["content-type"]}`, "POST /a application/json");
});

test("an answer may be empty", async (t) => {
  const url = await need(t, (_request, answer) => answer.writeHead(204).end());
  assert.equal(await clientOf(url).client.json("DELETE", "/a"), undefined);
});

test("an answer that is not JSON is an error", async (t) => {
  const url = await need(t, (_request, answer) => answer.end("<html>"));
  await assert.rejects(clientOf(url).client.json("GET", "/a"), CallError);
});

test("failures that pass are tried again, after growing waits", async (t) => {
  for (const status of [502, 503, 504]) {
    const url = await need(t, (_request, answer, call) => answer.writeHead(call < 2 ? status : 200).end());
    const { client, waits } = clientOf(url);
    await client.json("GET", "/");
    assert.deepEqual(waits, [25, 50]);
  }
});

test("after the last retry the answer is the need's", async (t) => {
  const url = await need(t, (_request, answer) => answer.writeHead(503).end("sorry"));
  const { client, waits } = clientOf(url);
  await assert.rejects(client.json("GET", "/"), (error: StatusError) => {
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.status, error.body, error.message], [503, "sorry", "lamps answered 503"]);
    return true;
  });
  assert.equal(waits.length, 2);
});

test("what is not idempotent or does not pass is not tried again", async (t) => {
  for (const [method, status] of [
    ["POST", 503],
    ["PATCH", 502],
    ["GET", 500],
    ["GET", 429],
    ["PUT", 409],
    ["GET", 404],
  ] as const) {
    const url = await need(t, (_request, answer) => answer.writeHead(status).end());
    const { client, waits } = clientOf(url);
    await assert.rejects(client.json(method, "/"), { name: "StatusError", status });
    assert.deepEqual(waits, []);
  }
});

test("connections that fail or break are made again", async (t) => {
  const url = await need(t, (request, answer, call) => (call === 0 ? request.destroy() : answer.end()));
  const { client, waits } = clientOf(url);
  await client.json("GET", "/");
  assert.equal(waits.length, 1);

  const nobody = clientOf(`http://127.0.0.1:${await closedPort()}`);
  await assert.rejects(nobody.client.json("GET", "/"), /lamps: GET \/: fetch failed: connect ECONNREFUSED/);
  assert.equal(nobody.waits.length, 2);
  await assert.rejects(nobody.client.json("POST", "/"), CallError);
  assert.equal(nobody.waits.length, 2);
});

test("Retry-After is honoured within bounds", async (t) => {
  for (const [value, expected] of [
    ["1", [1000]],
    ["3600", []],
    ["soon", [25]],
  ] as const) {
    const url = await need(t, (_request, answer, call) => {
      answer.writeHead(call === 0 ? 503 : 200, { "retry-after": value }).end();
    });
    const { client, waits } = clientOf(url);
    await client.json("GET", "/").catch(() => {});
    assert.deepEqual(waits, expected);
  }
});

test("Retry-After may be a date", () => {
  const now = Date.UTC(2025, 0, 2, 3, 4, 5);
  assert.equal(retryAfter("Thu, 02 Jan 2025 03:04:15 GMT", now), 10_000);
  assert.equal(retryAfter("Thu, 02 Jan 2025 03:04:00 GMT", now), 0);
});

test("time-outs end the call, and are not tried again", async (t) => {
  for (const limits of [{ tryTimeout: 20 }, { totalTimeout: 20 }]) {
    const url = await need(t, () => {});
    const { client, waits } = clientOf(url, limits);
    await assert.rejects(client.json("GET", "/"), /GET \/: .* due to timeout/);
    assert.deepEqual(waits, []);
  }
});

test("the caller may end the call", async (t) => {
  const controller = new AbortController();
  const url = await need(t, () => controller.abort());
  const call = clientOf(url).client.json("GET", "/", { signal: controller.signal });
  await assert.rejects(call, /GET \/: .* was aborted/);
});

test("no wait goes beyond the total time-out", async (t) => {
  const url = await need(t, (_request, answer) => answer.writeHead(503).end());
  const { client, waits } = clientOf(url, { backoffBase: 3_600_000, backoffMax: 3_600_000 });
  await assert.rejects(client.json("GET", "/"), StatusError);
  assert.deepEqual(waits, []);
});

test("each attempt is a span of the caller's trace", async (t) => {
  const seen: Trace[] = [];
  const url = await need(t, (request, answer, call) => {
    seen.push(traceFrom(request.headers));
    answer.writeHead(call === 0 ? 503 : 200).end();
  });
  const caller = { ...newTrace(), requestId: "r1" };
  await withTrace(caller, () => clientOf(url).client.json("GET", "/"));
  assert.equal(new Set([caller, ...seen].map((trace) => trace.spanId)).size, 3);
  for (const trace of seen) assert.deepEqual({ ...trace, spanId: caller.spanId }, caller);
});

test("answers that are too large are refused", async (t) => {
  const url = await need(t, (_request, answer) => answer.end("x".repeat(2000)));
  await assert.rejects(
    clientOf(url, { maxBodyBytes: 1000 }).client.json("GET", "/"),
    /larger than 1000 bytes/,
  );
});
