/**
 * Runs an HTTP server from its start to a shutdown that cuts no request. From the signal on:
 *
 * 1. Draining is true at once: readiness fails, and every answer carries "Connection: close".
 * 2. For the drain delay new connections are still taken, so that a balancer can notice.
 * 3. What the kernel has queued is accepted, since it would be reset, and the listener closes. Without a drain
 *    delay that comes first.
 * 4. Open connections get a moment to send what is on its way: one that looks idle may have a request in the
 *    socket's buffer.
 * 5. Idle connections are closed, the others when their requests are answered.
 *
 * All of it ends a little before the grace period does, because then a SIGKILL comes.
 */

import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import type { Logger } from "../log.js";
import { Connections } from "./connections.js";
import type { Lifecycle } from "./lifecycle.js";

const BACKLOG = 1024;
const LINGER = 150;
const SAFETY_MARGIN = 200;

/** Requests were cut because they took longer than the grace period. */
export class GracePeriodExceededError extends Error {
  override readonly name = "GracePeriodExceededError";
}

export interface Serving {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  /** Aborts when the process is told to end. */
  readonly signal: AbortSignal;
}

/** Listens, and answers until the signal aborts; rejects if it cannot, or had to cut requests. */
export async function serve({ server, host, port, lifecycle, log, signal }: Serving): Promise<void> {
  const connections = new Connections(server);
  server.listen({ host, port, backlog: BACKLOG });
  await once(server, "listening");
  log.info({ address: addressOf(server) }, "listening");
  if (!signal.aborted) await once(signal, "abort");

  log.info({ grace_period_s: lifecycle.gracePeriod / 1000 }, "shutting down");
  await shutDown(server, connections, lifecycle);
  log.info("stopped");
}

async function shutDown(server: Server, connections: Connections, lifecycle: Lifecycle): Promise<void> {
  const { gracePeriod, drainDelay } = lifecycle;
  const deadline = performance.now() + gracePeriod - Math.min(SAFETY_MARGIN, gracePeriod / 2);
  // Before clients are told to leave: one that comes back at once is refused, not cut.
  if (drainDelay === 0) await stopListening(server, connections, deadline);
  lifecycle.beginDrain();
  connections.tellToLeave();
  if (drainDelay > 0) {
    await new Promise((resolve) => setTimeout(resolve, drainDelay));
    await stopListening(server, connections, deadline);
  }
  if (await connections.none(LINGER)) return;
  await new Promise(setImmediate); // a busy machine may have what arrived in time wait behind the timer
  const closed = await connections.none(deadline - performance.now(), () => connections.closeIdle());
  if (closed) return;
  const cut = connections.requests;
  server.closeAllConnections();
  if (cut > 0) throw new GracePeriodExceededError("the grace period ended before the requests did");
}

async function stopListening(server: Server, connections: Connections, deadline: number): Promise<void> {
  await connections.acceptQueued(BACKLOG, deadline);
  // http.Server's own close() also closes connections that look idle, at once.
  NetServer.prototype.close.call(server);
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}
