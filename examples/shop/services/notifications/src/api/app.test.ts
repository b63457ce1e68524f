import assert from "node:assert/strict";
import { METHODS } from "node:http";
import { test } from "node:test";
import Fastify from "fastify";
import { UnavailableError } from "../notifications/notification.js";
import { Fixture, problemOf } from "../testing/fixture.js";
import { addRoutes } from "./app.js";
import { openApiPath } from "./paths.js";

test("unknown paths are not found", async () => {
  const service = new Fixture();
  for (const path of [
    "/",
    "/nothing",
    "/items/",
    "//items",
    "//",
    "/items//",
    "/items/1/",
    "/items/1/2",
    "/ITEMS",
  ]) {
    assert.equal(problemOf(await service.call("GET", path), 404).detail, "There is nothing at this path.");
  }
});

test("a path that is no path is refused", async () => {
  problemOf(await new Fixture().call("GET", "/items/%zz"), 400);
});

test("other methods are refused with Allow", async () => {
  const service = new Fixture();
  for (const [path, allow] of [
    ["/items", "GET, HEAD, POST"],
    ["/items/1", "GET, HEAD"],
    ["/health/live", "GET, HEAD"],
  ] as const) {
    for (const method of ["PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
      const answer = await service.call(method, path, "{}");
      assert.equal(problemOf(answer, 405).detail, `This path takes ${allow}.`);
      assert.equal(answer.headers.allow, allow);
    }
  }
});

test("HEAD is answered where GET is", async () => {
  const answer = await new Fixture().call("HEAD", "/items");
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["content-length"], String('{"items":[]}'.length));
  assert.equal(answer.body, "");
});

test("readiness follows the store and the shutdown, liveness neither", async () => {
  const service = new Fixture();
  const check = async (path: string, status: number, body: object): Promise<void> => {
    const answer = await service.call("GET", path);
    assert.equal(answer.statusCode, status);
    assert.deepEqual(answer.json(), body);
  };
  await check("/health/ready", 200, { status: "ready" });
  service.store.error = new UnavailableError("gone");
  await check("/health/ready", 503, { status: "unready", failed: "redis" });
  await check("/health/live", 200, { status: "live" });
  service.store.error = undefined;
  service.isDraining = true;
  await check("/health/ready", 503, { status: "unready", failed: "shutdown" });
  await check("/health/live", 200, { status: "live" });
});

test("a store that is silent makes the service unready in time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const service = new Fixture();
  const asked = new Promise<void>((resolve) => {
    service.store.ping = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const answer = service.call("GET", "/health/ready");
  await asked;
  t.mock.timers.tick(500);
  assert.equal((await answer).statusCode, 503);
});

/** The document is written in block style down to its methods, so lines are enough to find them. */
test("openapi.yaml describes every route, and no other", async () => {
  const answer = await new Fixture().call("GET", "/openapi.yaml");
  assert.equal(answer.headers["content-type"], "application/yaml");
  assert.match(answer.body, /^openapi: 3\.1/);
  const paths = answer.body.split("\npaths:\n")[1]?.split("\ncomponents:\n")[0] ?? "";
  const documented: string[] = [];
  let path = "";
  for (const line of paths.split("\n")) {
    path = /^ {2}(\/.*):$/.exec(line)?.[1] ?? path;
    const method = /^ {4}([a-z]+):$/.exec(line)?.[1];
    if (method !== undefined && method !== "parameters") documented.push(`${method.toUpperCase()} ${path}`);
  }

  const routes: string[] = [];
  const app = Fastify({ exposeHeadRoutes: false });
  app.addHook("onRoute", ({ method, url }) => {
    routes.push(`${method} ${openApiPath(url)}`);
  });
  addRoutes(app, new Fixture());
  assert.deepEqual(routes.sort(), documented.sort());
});

test("the router knows every method of Node.js", async () => {
  const service = new Fixture();
  for (const method of METHODS.filter((each) => each !== "CONNECT")) {
    assert.notEqual((await service.call(method, "/items")).statusCode, 404, method);
  }
});
