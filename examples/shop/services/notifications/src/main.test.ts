/** The process as a whole: settings, signals, exit codes. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./main.js", import.meta.url));
// Nobody listens there; the service starts all the same.
const REDIS_URL = "redis://127.0.0.1:1";

function start(t: TestContext, environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM], { env: environment });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** The port, once the service listens. */
async function portOf(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    const { message, address } = JSON.parse(line);
    if (message === "listening") return Number(address.split(":").at(-1));
  }
  throw new Error("the service ended");
}

test("a setting that is missing is named, and ends the process with 64", async (t) => {
  const child = start(t, {});
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  assert.deepEqual(await once(child, "close"), [64, null]);
  assert.equal(said, "PORT: is not set\nREDIS_URL: is not set\n");
});

test("a signal ends the process with 0", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = start(t, { PORT: "0", REDIS_URL });
    await portOf(child);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null]);
  }
});

test("a second signal ends it at once", async (t) => {
  const child = start(t, { PORT: "0", REDIS_URL, GRACE_PERIOD: "3600" });
  const port = await portOf(child);
  const socket = connect(port, "127.0.0.1");
  socket.write("POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n");
  socket.write("Expect: 100-continue\r\n\r\n");
  await once(socket, "data"); // the service waits for the body
  child.kill("SIGTERM");
  await drained(port);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
});

/** Resolves when nobody listens at the port any more. */
async function drained(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } catch {
      return;
    }
    socket.destroy();
  }
}
