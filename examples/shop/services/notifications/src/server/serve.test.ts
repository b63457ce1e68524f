/** The shutdown, on real connections. */

import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { createLogger } from "../log.js";
import { createServer } from "./http.js";
import { Lifecycle } from "./lifecycle.js";
import { GracePeriodExceededError, serve } from "./serve.js";

const silent = createLogger("test", "error", { write: () => {} });

/** A server on a port of its own, with an abort signal for the process's. */
class Running {
  readonly lifecycle: Lifecycle;
  readonly ended: Promise<void>;
  readonly #server;
  readonly #controller = new AbortController();

  constructor(gracePeriod: number, drainDelay: number, listener: RequestListener) {
    this.lifecycle = new Lifecycle(gracePeriod, drainDelay);
    this.#server = createServer(listener);
    this.ended = serve({
      server: this.#server,
      host: "127.0.0.1",
      port: 0,
      lifecycle: this.lifecycle,
      log: silent,
      signal: this.#controller.signal,
    });
  }

  async connect(): Promise<Socket> {
    if (!this.#server.listening) await once(this.#server, "listening");
    const socket = connect((this.#server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }

  signal(): void {
    this.#controller.abort();
  }
}

const answerWhole: RequestListener = (_request, answer) => {
  answer.end("whole");
};

/** Sends a request and returns the answer, which ends with "whole". */
async function exchange(socket: Socket): Promise<string> {
  socket.write("GET / HTTP/1.1\r\nHost: service\r\n\r\n");
  let text = "";
  while (!text.endsWith("whole")) text += (await once(socket, "data"))[0];
  return text;
}

/** A listener that waits: `began` resolves with the first request, which is answered after `finish`. */
function slow(): { listener: RequestListener; began: Promise<void>; finish: () => void } {
  let begin = (): void => {};
  let finish = (): void => {};
  const began = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const listener: RequestListener = (_request, answer) => {
    begin();
    void finished.then(() => answer.end("whole"));
  };
  return { listener, began, finish };
}

test("requests in flight are finished, and their clients told to leave", async () => {
  const { listener, began, finish } = slow();
  const running = new Running(10_000, 0, listener);
  const answer = exchange(await running.connect());
  await began;
  running.signal();
  const patience = setTimeout(finish, 300); // longer than idle connections are given
  assert.match(await answer, /Connection: close/i);
  clearTimeout(patience);
  await running.ended;
  assert.ok(running.lifecycle.draining);
});

test("a request that is on its way is answered, on a connection that was idle", async () => {
  const running = new Running(10_000, 0, answerWhole);
  const socket = await running.connect();
  assert.match(await exchange(socket), /Connection: keep-alive/i);
  running.signal();
  while (!running.lifecycle.draining) await new Promise(setImmediate);
  assert.match(await exchange(socket), /Connection: close/i);
  await running.ended;
});

test("connections are taken during the drain delay, and not after", async (t) => {
  const running = new Running(10_000, 5000, answerWhole);
  const before = await running.connect();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  running.signal();
  await new Promise(setImmediate);
  assert.ok(running.lifecycle.draining);
  const { remotePort = 0 } = before;
  for (const socket of [before, await running.connect()]) {
    assert.match(await exchange(socket), /Connection: close/i);
  }
  t.mock.timers.tick(5000);
  await running.ended;
  await assert.rejects(once(connect(remotePort, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
});

for (const drainDelay of [0, 5000]) {
  test(`what the kernel has queued is answered, after a drain delay of ${drainDelay} ms`, async (t) => {
    const running = new Running(10_000, drainDelay, answerWhole);
    const { remotePort = 0 } = await running.connect();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    if (drainDelay > 0) {
      running.signal();
      await new Promise(setImmediate);
    }
    const answers = Array.from({ length: 50 }, () => exchange(connect(remotePort, "127.0.0.1")));
    await new Promise(process.nextTick); // connected, but the event loop has not had a turn to accept them
    if (drainDelay > 0) t.mock.timers.tick(drainDelay);
    else running.signal();
    t.mock.timers.reset();
    await Promise.all(answers);
    await running.ended;
  });
}

test("connections without a request do not hold the shutdown", { timeout: 60_000 }, async () => {
  const running = new Running(3_600_000, 0, answerWhole);
  const [fresh, used] = [await running.connect(), await running.connect()];
  await exchange(used);
  running.signal();
  await running.ended;
  await Promise.all([fresh, used].map((socket) => socket.closed || once(socket, "close")));
});

test("an answer whose head is out already ends its connection, too", { timeout: 60_000 }, async () => {
  const { listener, began, finish } = slow();
  const running = new Running(3_600_000, 0, (request, answer) => {
    answer.write("half, ");
    listener(request, answer);
  });
  const socket = await running.connect();
  socket.write("GET / HTTP/1.1\r\nHost: service\r\n\r\n");
  await Promise.all([began, once(socket, "data")]);
  running.signal();
  finish();
  await running.ended;
});

test("requests longer than the grace period are an error", async () => {
  const { listener, began } = slow();
  const running = new Running(500, 0, listener);
  const socket = await running.connect();
  socket.write("GET / HTTP/1.1\r\nHost: service\r\n\r\n");
  await began;
  running.signal();
  await assert.rejects(running.ended, GracePeriodExceededError);
});

test("a port that is taken is an error", async () => {
  const running = new Running(1000, 0, answerWhole);
  const { remotePort = 0 } = await running.connect();
  const other = serve({
    server: createServer(answerWhole),
    host: "127.0.0.1",
    port: remotePort,
    lifecycle: new Lifecycle(1000, 0),
    log: silent,
    signal: new AbortController().signal,
  });
  await assert.rejects(other, { code: "EADDRINUSE" });
  running.signal();
  await running.ended;
});

test("what is no request is refused with a problem", async () => {
  const running = new Running(1000, 0, answerWhole);
  for (const [sent, status] of [
    ["BREW / HTTP/1.1\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nx: ${"x".repeat(40_000)}\r\n\r\n`, 431],
  ] as const) {
    const socket = await running.connect();
    socket.write(sent);
    let text = "";
    for await (const chunk of socket) text += chunk;
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(JSON.parse(text.split("\r\n\r\n")[1] ?? "").status, status);
  }
  running.signal();
  await running.ended;
});
