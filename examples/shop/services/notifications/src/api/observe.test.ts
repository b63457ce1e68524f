import assert from "node:assert/strict";
import { test } from "node:test";
import { draft } from "../testing/draft.js";
import { Fixture, UNKNOWN_ID } from "../testing/fixture.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

test("requests are logged with their trace", async () => {
  const service = new Fixture();
  const headers = { traceparent: TRACEPARENT, "x-request-id": "r1" };
  await service.call("GET", "/items/nothing?q=secret", undefined, headers);
  const [line, ...others] = service.lines;
  assert.deepEqual(others, []);
  const { duration_ms: took, time, ...rest } = line ?? {};
  assert.deepEqual(rest, {
    level: "info",
    message: "request",
    service: "test",
    trace_id: TRACE_ID,
    span_id: "b7ad6b7169203331",
    request_id: "r1",
    method: "GET",
    path: "/items/nothing",
    status: 404,
  });
  assert.ok(typeof took === "number" && took >= 0);
});

test("what is logged while a request is answered has its trace, too", async () => {
  const service = new Fixture();
  service.store.error = new Error("broken");
  await service.call("POST", "/items", draft(), { traceparent: TRACEPARENT });
  assert.deepEqual(
    service.lines.map((line) => [line.level, line.message, line.trace_id]),
    [
      ["error", "request failed", TRACE_ID],
      ["error", "request", TRACE_ID],
    ],
  );
});

test("probes are logged only when they fail", async () => {
  const service = new Fixture();
  await service.call("GET", "/health/live");
  await service.call("GET", "/health/ready");
  assert.equal(service.lines.length, 0);
  service.isDraining = true;
  await service.call("GET", "/health/ready");
  assert.equal(service.lines[0]?.path, "/health/ready");
  await service.call("PUT", "/health/live");
  assert.equal(service.lines[1]?.status, 405);
});

test("metrics count by pattern", async () => {
  const service = new Fixture();
  await service.call("GET", `/items/${UNKNOWN_ID}`);
  await service.call("GET", "/items/other");
  await service.call("GET", "/nothing/at/all");
  await service.call("PROPFIND", "/items");
  service.metrics.observeProcess();
  const answer = await service.call("GET", "/metrics");
  assert.equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  for (const line of [
    'http_requests_total{method="GET",route="/items/{id}",status="404"} 2',
    'http_requests_total{method="GET",route="unmatched",status="404"} 1',
    'http_requests_total{method="other",route="/items",status="405"} 1',
    'http_request_duration_seconds_count{method="GET",route="/items/{id}"} 2',
    "process_cpu_seconds_total ",
  ]) {
    assert.ok(answer.body.includes(line), line);
  }
});
