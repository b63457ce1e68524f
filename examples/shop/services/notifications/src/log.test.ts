import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "./log.js";
import { newTrace, withTrace } from "./trace.js";

test("lines are JSON with the trace of the request", () => {
  const lines: string[] = [];
  const log = createLogger("lamps", "info", { write: (line) => lines.push(line) });
  const trace = { ...newTrace(), requestId: "r1" };
  withTrace(trace, () => {
    log.debug("not shown");
    log.warn({ n: 3 }, "two\nlines");
  });
  assert.equal(lines.length, 1);
  assert.match(String(lines[0]), /^[^\n]*\n$/);
  const { time, ...rest } = JSON.parse(String(lines[0]));
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    level: "warn",
    message: "two\nlines",
    service: "lamps",
    trace_id: trace.traceId,
    span_id: trace.spanId,
    request_id: "r1",
    n: 3,
  });
});

test("lines outside of requests have no trace", () => {
  const lines: string[] = [];
  createLogger("lamps", "info", { write: (line) => lines.push(line) }).info("listening");
  assert.ok(!lines[0]?.includes("trace_id"));
});
