/**
 * The identity of a request, as told by its headers, from the server to the log and to the calls that the
 * request makes: W3C Trace Context, for a service that continues traces and records no spans of its own.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface Trace {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the span of who called. */
  readonly spanId: string;
  /** 2 hex digits. */
  readonly flags: string;
  /** tracestate, passed on as it came. */
  readonly state: string;
  /** X-Request-Id, empty if the caller sent none. */
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<Trace>();

/** The trace of the request on whose behalf this code runs. */
export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** Calls the function, and all that it starts, within the trace. */
export function withTrace<T>(trace: Trace, call: () => T): T {
  return storage.run(trace, call);
}

/** Continues the caller's trace, or begins a new one if traceparent is absent or invalid. */
export function traceFrom(headers: IncomingHttpHeaders): Trace {
  const requestId = headerOf(headers, "x-request-id");
  const continued = parse(headerOf(headers, "traceparent"));
  if (continued === undefined) return { ...newTrace(), requestId };
  return { ...continued, state: headerOf(headers, "tracestate"), requestId };
}

/** Begins a trace, marked as sampled. */
export function newTrace(): Trace {
  return { traceId: randomHex(16), spanId: randomHex(8), flags: "01", state: "", requestId: "" };
}

/** The headers of a call that belongs to the trace. Each call gets a span id of its own. */
export function traceHeaders(trace: Trace): Record<string, string> {
  return {
    traceparent: `00-${trace.traceId}-${randomHex(8)}-${trace.flags}`,
    ...(trace.state && { tracestate: trace.state }),
    ...(trace.requestId && { "x-request-id": trace.requestId }),
  };
}

/** Node joins headers of one name with commas, which makes two traceparents an invalid one. */
function headerOf(headers: IncomingHttpHeaders, name: string): string {
  return headers[name]?.toString() ?? "";
}

// A version that is not known yet is read as version 00, with more fields allowed after it, as the
// specification asks.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

function parse(value: string): Omit<Trace, "state" | "requestId"> | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(value) ?? [];
  if (version === undefined || (version === "00" && more !== undefined)) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, flags };
}

function isZero(hex: string): boolean {
  return /^0+$/.test(hex);
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
