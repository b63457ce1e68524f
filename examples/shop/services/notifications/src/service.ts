/** Joins the parts of the service and runs them. */

import { createApp } from "./api/app.js";
import type { Config } from "./config.js";
import { createLogger, messageOf } from "./log.js";
import { Metrics } from "./metrics.js";
import { RedisStore } from "./redis-store.js";
import { Lifecycle } from "./server/lifecycle.js";
import { GracePeriodExceededError, serve } from "./server/serve.js";

/** Runs until the signal aborts; says with which code the process should end. */
export async function run(config: Config, signal: AbortSignal): Promise<number> {
  const log = createLogger(config.serviceName, config.logLevel);
  const store = new RedisStore(config.redisUrl, log);
  const metrics = new Metrics();
  metrics.observeProcess();
  const lifecycle = new Lifecycle(config.gracePeriod, config.drainDelay);
  const app = createApp({ store, log, metrics, draining: () => lifecycle.draining });
  try {
    await app.ready();
    await serve({ server: app.server, host: config.host, port: config.port, lifecycle, log, signal });
    return 0;
  } catch (error) {
    if (error instanceof GracePeriodExceededError) {
      log.error("requests were still running when the grace period ended");
    } else {
      log.error({ error: messageOf(error) }, "server failed");
    }
    return 1;
  } finally {
    store.close();
  }
}
