/** What every request has around it: its trace, its line in the log, its metrics. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../log.js";
import type { Metrics } from "../metrics.js";
import { traceFrom, withTrace } from "../trace.js";
import { openApiPath } from "./paths.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Probes ask every few seconds: only their failures are worth a line. */
    logOnlyFailures?: boolean;
  }
}

/** No status of HTTP, but what proxies log where the client left before the answer. */
const CLIENT_LEFT = 499;

export function observe(app: FastifyInstance, log: Logger, metrics: Metrics): void {
  app.addHook("onRequest", (request, reply, done) => {
    const trace = traceFrom(request.headers);
    // Comes also where the client leaves before the answer, unlike Fastify's own hook.
    reply.raw.once("close", () => withTrace(trace, () => answered(request, reply)));
    withTrace(trace, done);
  });

  function answered(request: FastifyRequest, reply: FastifyReply): void {
    const status = reply.raw.headersSent ? reply.statusCode : CLIENT_LEFT;
    const milliseconds = reply.elapsedTime;
    metrics.observe({
      method: request.method,
      route: routeOf(request),
      status,
      seconds: milliseconds / 1000,
    });
    const failed = status >= 500;
    if (request.routeOptions.config.logOnlyFailures && !failed) return;
    log[failed ? "error" : "info"](
      {
        method: request.method,
        path: request.url.split("?", 1)[0],
        status,
        duration_ms: Math.round(milliseconds * 1000) / 1000,
      },
      "request",
    );
  }
}

/** The pattern as in openapi.yaml, never the path: each is a time series. */
function routeOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  return url === undefined ? "unmatched" : openApiPath(url);
}
