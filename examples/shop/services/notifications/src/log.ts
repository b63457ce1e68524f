/** The log: one JSON object a line, with the trace of the request on whose behalf the line is written. */

import { type DestinationStream, destination, type Logger, pino } from "pino";
import { currentTrace } from "./trace.js";

export type { Logger };

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLogger(
  service: string,
  level: LogLevel,
  out: DestinationStream = destination(1),
): Logger {
  return pino(
    {
      level,
      base: { service },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceFields,
    },
    out,
  );
}

function traceFields(): Record<string, string> {
  const trace = currentTrace();
  if (trace === undefined) return {};
  return {
    trace_id: trace.traceId,
    span_id: trace.spanId,
    ...(trace.requestId && { request_id: trace.requestId }),
  };
}

/** What a log line says of something that was thrown. */
export function messageOf(error: unknown): string {
  // Node.js gives one without a message when no address of a host answers.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
