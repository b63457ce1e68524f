/** Whether the process serves, and whether requests should be sent to it. */

import type { FastifyInstance } from "fastify";
import { type Logger, messageOf } from "../log.js";
import type { Store } from "../notifications/notification.js";
import { sendJson } from "./json.js";

const READINESS_TIMEOUT = 500;

interface Dependencies {
  readonly store: Store;
  readonly log: Logger;
  readonly draining: () => boolean;
}

export function healthRoutes(app: FastifyInstance, { store, log, draining }: Dependencies): void {
  const quiet = { config: { logOnlyFailures: true } };

  // Asks nobody else: a restart does not bring Redis back.
  app.get("/health/live", quiet, async (_request, reply) => sendJson(reply, 200, { status: "live" }));

  app.get("/health/ready", quiet, async (_request, reply) => {
    if (draining()) return sendJson(reply, 503, { status: "unready", failed: "shutdown" });
    try {
      await within(READINESS_TIMEOUT, store.ping());
    } catch (error) {
      log.debug({ error: messageOf(error) }, "redis does not answer");
      return sendJson(reply, 503, { status: "unready", failed: "redis" });
    }
    return sendJson(reply, 200, { status: "ready" });
  });
}

function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
