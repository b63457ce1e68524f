import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { FastifyRequest } from "fastify";
import { Fixture, problemOf } from "../testing/fixture.js";
import { MAX_BODY_BYTES, readJson } from "./body.js";

const LAMP = '{"name":"lamp","quantity":1}';

test("every wrong value is named by a pointer", async () => {
  const service = new Fixture();
  for (const [body, expected] of [
    ["{}", "/name is required, /quantity is required"],
    ["[]", "undefined must be an object"],
    ["null", "undefined must be an object"],
    ['"lamp"', "undefined must be an object"],
    ['{"name":"","quantity":1}', "/name must have 1 to 100 characters"],
    ['{"name":null,"quantity":1}', "/name must be a string"],
    ['{"name":7,"quantity":1}', "/name must be a string"],
    [`{"name":"${"é".repeat(101)}","quantity":1}`, "/name must have 1 to 100 characters"],
    ['{"name":"lamp","quantity":-1}', "/quantity must be from 0 to 1000000"],
    ['{"name":"lamp","quantity":1000001}', "/quantity must be from 0 to 1000000"],
    ['{"name":"lamp","quantity":1e400}', "/quantity must be from 0 to 1000000"],
    ['{"name":"lamp","quantity":1.5}', "/quantity must be an integer"],
    ['{"name":"lamp","quantity":-1.5}', "/quantity must be an integer"],
    ['{"name":"lamp","quantity":"1"}', "/quantity must be an integer"],
    ['{"name":"lamp","quantity":true}', "/quantity must be an integer"],
    ['{"name":"lamp","quantity":null}', "/quantity must be an integer"],
    ['{"name":""}', "/name must have 1 to 100 characters, /quantity is required"],
    ['{"Name":"lamp","quantity":1}', "/name is required, /Name is not a known field"],
    ['{"name":"lamp","quantity":1,"a/b":2}', "/a~1b is not a known field"],
    ['{"name":"lamp","quantity":1,"__proto__":{}}', "/__proto__ is not a known field"],
  ] as const) {
    const { detail, errors = [] } = problemOf(await service.call("POST", "/items", body), 422);
    assert.equal(detail, "The body has values that are not allowed.");
    assert.equal(errors.map((error) => `${error.pointer} ${error.detail}`).join(", "), expected, body);
  }
});

test("values at their limits are taken", async () => {
  const service = new Fixture();
  await service.create(`{"name":"${"é".repeat(100)}","quantity":1000000}`);
  await service.create(`{"name":"${"🪔".repeat(100)}","quantity":0}`);
  await service.create(' \r\n{"name":"x",\t"quantity":0} ');
  assert.equal((await service.create('{"name":"x","quantity":2.0}')).quantity, 2);
});

test("a name is always text that others can read", async () => {
  const made = await new Fixture().create(String.raw`{"name":"a\ud800b","quantity":0}`);
  assert.equal(made.name, "a\ufffdb");
});

test("what is not JSON is refused", async () => {
  const service = new Fixture();
  for (const body of [
    "",
    " ",
    "{",
    `${LAMP}}`,
    `\ufeff${LAMP}`,
    "{'name':'lamp'}",
    '{"name":"lamp","quantity":NaN}',
    '{"name":"lamp","quantity":01}',
    Buffer.from('{"name":"\xff","quantity":1}', "latin1"),
  ]) {
    const { detail } = problemOf(await service.call("POST", "/items", body), 400);
    assert.equal(detail, "The body is not JSON.");
  }
});

test("large bodies are refused", async () => {
  const service = new Fixture();
  await service.create(LAMP.padEnd(MAX_BODY_BYTES));
  for (const length of [{}, { "transfer-encoding": "chunked" }]) {
    const answer = await service.call("POST", "/items", LAMP.padEnd(MAX_BODY_BYTES + 1), length);
    const problem = problemOf(answer, 413);
    assert.equal(problem.title, "Request Entity Too Large");
    assert.equal(problem.detail, "The body must not be larger than 65536 bytes.");
  }
});

test("other media types are refused", async () => {
  const service = new Fixture();
  for (const type of ["", "text/plain", "application/xml", "application/jsonx", "application/", "json"]) {
    const answer = await service.call("POST", "/items", LAMP, { "content-type": type });
    assert.equal(problemOf(answer, 415).detail, "The body must be application/json.", type);
  }
  problemOf(await service.call("POST", "/items"), 415);
  const type = "Application/JSON; charset=utf-8";
  assert.equal((await service.call("POST", "/items", LAMP, { "content-type": type })).statusCode, 201);
});

test("routes that take no body do not look at it", async () => {
  const service = new Fixture();
  const { id } = await service.create(LAMP);
  for (const headers of [{}, { "content-type": "text/plain" }, { "content-type": "no/thing/" }]) {
    assert.equal((await service.call("GET", "/items", "{", headers)).statusCode, 200);
    problemOf(await service.call("PATCH", "/items", "{", headers), 405);
    problemOf(await service.call("POST", "/health/live", "{", headers), 405);
    problemOf(await service.call("POST", "/nothing", "{", headers), 404);
  }
  const headers = { "content-type": "no/thing/" };
  assert.equal((await service.call("DELETE", `/items/${id}`, "{", headers)).statusCode, 204);
});

/** A request whose body is being sent. */
function unfinished(): FastifyRequest {
  const headers = { "content-type": "application/json", "content-length": "9" };
  const raw = Object.assign(new Readable({ read: () => {} }), { headers });
  raw.push("{");
  return { headers, raw } as unknown as FastifyRequest;
}

test("a body that does not arrive in time is refused", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const reading = readJson(unfinished());
  t.mock.timers.tick(30_000);
  const headers = { Connection: "close" };
  await assert.rejects(reading, { status: 408, message: "The body did not arrive in time.", headers });
});

test("a body that ends too early is refused", async () => {
  const request = unfinished();
  const reading = readJson(request);
  request.raw.destroy();
  await assert.rejects(reading, { status: 400, message: "The body ended too early." });
});
