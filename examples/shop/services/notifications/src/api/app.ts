/** The service's HTTP interface; openapi.yaml describes it to others. */

import Fastify, { type FastifyInstance, LogController } from "fastify";
import type { Logger } from "../log.js";
import type { Metrics } from "../metrics.js";
import type { Store } from "../notifications/notification.js";
import { createServer } from "../server/http.js";
import { readBodiesLater } from "./body.js";
import { answerErrors, refusePath } from "./errors.js";
import { healthRoutes } from "./health.js";
import { metaRoutes } from "./meta.js";
import { refuseOtherMethods } from "./methods.js";
import { notificationRoutes } from "./notifications.js";
import { observe } from "./observe.js";
import { validationOptions } from "./validation.js";

/** What the interface needs from outside. */
export interface Dependencies {
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Says that the process is about to end: new requests should go to another replica. */
  readonly draining: () => boolean;
}

export function createApp(dependencies: Dependencies): FastifyInstance {
  const { log, metrics } = dependencies;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }), // observe() logs them
    childLoggerFactory: (logger) => logger, // lines have the trace already
    serverFactory: createServer,
    frameworkErrors: refusePath,
    routerOptions: {
      // A longer id is not found by its form; Fastify's own limit would make it another kind of error.
      maxParamLength: 16_384,
      // Of several values the first counts.
      querystringParser: (text) => Object.fromEntries([...new URLSearchParams(text)].reverse()),
    },
    ...validationOptions,
  }) as unknown as FastifyInstance; // routes need not know the type of the logger

  answerErrors(app, log);
  observe(app, log, metrics);
  readBodiesLater(app);
  refuseOtherMethods(app, () => addRoutes(app, dependencies));
  return app;
}

/** All that openapi.yaml describes. */
export function addRoutes(app: FastifyInstance, dependencies: Dependencies): void {
  notificationRoutes(app, dependencies);
  healthRoutes(app, dependencies);
  metaRoutes(app, dependencies);
}
