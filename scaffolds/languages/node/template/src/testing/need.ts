/** A need, for tests of clients: a server of their own. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Client } from "../clients/client.js";
import type { Limits } from "../clients/retry.js";

type Handler = (request: IncomingMessage, answer: ServerResponse, call: number) => void;

/** Starts a need and returns its address. The handler is told how many calls came before. */
export async function need(t: TestContext, handler: Handler): Promise<string> {
  let calls = 0;
  const server = createServer((request, answer) => handler(request, answer, calls++));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client whose waits are recorded, not waited. */
export function clientOf(url: string, limits: Partial<Limits> = {}): { client: Client; waits: number[] } {
  const waits: number[] = [];
  const chance = {
    wait: async (milliseconds: number) => void waits.push(milliseconds),
    random: () => 0.5,
  };
  return { client: new Client("lamps", url, limits, chance), waits };
}
