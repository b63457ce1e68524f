import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, loadConfig } from "./config.js";

const LEAST = { PORT: "8081", REDIS_URL: "redis://localhost:6379" };

test("what is not set has a default", () => {
  const { serviceName, ...config } = loadConfig({ ...LEAST, LOG_LEVEL: "" });
  assert.notEqual(serviceName, "");
  assert.deepEqual(config, {
    host: "127.0.0.1",
    port: 8081,
    redisUrl: "redis://localhost:6379",
    logLevel: "info",
    gracePeriod: 10_000,
    drainDelay: 0,
  });
});

test("what is set is taken", () => {
  const config = loadConfig({
    PORT: "1",
    HOST: "0.0.0.0",
    REDIS_URL: "redis://db:1/2",
    SERVICE_NAME: "other",
    LOG_LEVEL: "debug",
    GRACE_PERIOD: "2.5",
    DRAIN_DELAY: "1",
  });
  assert.deepEqual(config, {
    serviceName: "other",
    host: "0.0.0.0",
    port: 1,
    redisUrl: "redis://db:1/2",
    logLevel: "debug",
    gracePeriod: 2500,
    drainDelay: 1000,
  });
});

test("everything that is wrong is named", () => {
  const wrong = { PORT: "http", LOG_LEVEL: "loud", GRACE_PERIOD: "soon", DRAIN_DELAY: "-1" };
  assert.throws(
    () => loadConfig(wrong),
    (error: ConfigError) => {
      const names = error.message.split("\n").map((line) => line.split(": ")[0]);
      assert.deepEqual(names, ["PORT", "REDIS_URL", "LOG_LEVEL", "GRACE_PERIOD", "DRAIN_DELAY"]);
      return true;
    },
  );
});

test("single values are checked", () => {
  for (const wrong of [
    ...["", "-1", "65536", "80x", "1e3", " 80"].map((PORT) => ({ PORT })),
    ...["", "localhost:6379", "http://localhost", "redis://", "redis://localhost/notanumber"].map(
      (REDIS_URL) => ({ REDIS_URL }),
    ),
    ...["-1", "3601", "1e3", "0x10", "NaN", "Infinity"].map((GRACE_PERIOD) => ({ GRACE_PERIOD })),
    { LOG_LEVEL: "INFO" },
    { GRACE_PERIOD: "2", DRAIN_DELAY: "2" }, // nothing would be left for requests
  ]) {
    assert.throws(() => loadConfig({ ...LEAST, ...wrong }), ConfigError, JSON.stringify(wrong));
  }
});

test("a password in the address of Redis is not shown", () => {
  const wrong = { ...LEAST, REDIS_URL: "redis://:secret@db/x" };
  assert.throws(
    () => loadConfig(wrong),
    (error: ConfigError) => !error.message.includes("secret"),
  );
});
