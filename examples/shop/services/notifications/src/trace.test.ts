import assert from "node:assert/strict";
import { test } from "node:test";
import { currentTrace, newTrace, traceFrom, traceHeaders, withTrace } from "./trace.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const VALID = `00-${TRACE_ID}-${SPAN_ID}-01`;

test("a trace is continued", () => {
  const got = traceFrom({ traceparent: VALID, tracestate: "a=1,b=2", "x-request-id": "r1" });
  assert.deepEqual(got, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    flags: "01",
    state: "a=1,b=2",
    requestId: "r1",
  });
});

test("what is invalid begins a new trace", () => {
  for (const traceparent of [
    "",
    "00",
    `${VALID}-more`,
    `ff${VALID.slice(2)}`,
    VALID.toUpperCase(),
    `00-${"0".repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${"0".repeat(16)}-01`,
    `00-${TRACE_ID}_${SPAN_ID}-01`,
    `01${VALID.slice(2)}more`,
    `${VALID}, ${VALID}`, // as Node.js joins two headers
  ]) {
    const got = traceFrom({ traceparent, tracestate: "a=1" });
    assert.notEqual(got.traceId, TRACE_ID, traceparent);
    assert.match(got.traceId, /^[0-9a-f]{32}$/);
    assert.match(got.spanId, /^[0-9a-f]{16}$/);
    assert.equal(got.state, "");
  }
});

test("later versions are read", () => {
  assert.equal(traceFrom({ traceparent: `01${VALID.slice(2)}-more` }).spanId, SPAN_ID);
});

test("a call keeps the trace and gets a span of its own", () => {
  const from = traceFrom({ traceparent: VALID, tracestate: "a=1", "x-request-id": "r1" });
  const got = traceFrom(traceHeaders(from));
  assert.notEqual(got.spanId, from.spanId);
  assert.deepEqual({ ...got, spanId: SPAN_ID }, from);
  assert.deepEqual(Object.keys(traceHeaders(newTrace())), ["traceparent"]);
});

test("the trace belongs to what was started within it", async () => {
  const [one, two] = [newTrace(), newTrace()];
  const later = async () => {
    await null;
    return currentTrace();
  };
  assert.deepEqual(await Promise.all([withTrace(one, later), withTrace(two, later)]), [one, two]);
  assert.equal(currentTrace(), undefined);
});
