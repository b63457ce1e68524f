import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { FastifyRequest } from "fastify";
import { draft } from "../testing/draft.js";
import { Fixture, problemOf } from "../testing/fixture.js";
import { MAX_BODY_BYTES, readJson } from "./body.js";

const DRAFT = draft();

test("every wrong value is named by a pointer", async () => {
  const service = new Fixture();
  const recipient = "/recipient must be an e-mail address of 3 to 254 characters";
  for (const [body, expected] of [
    ["{}", "/order is required, /recipient is required, /text is required"],
    ["[]", "undefined must be an object"],
    ["null", "undefined must be an object"],
    ['"a1"', "undefined must be an object"],
    [draft({ order: "" }), "/order must have 1 to 64 characters"],
    [draft({ order: "é".repeat(65) }), "/order must have 1 to 64 characters"],
    [draft({ order: 7 }), "/order must be a string"],
    [draft({ order: null }), "/order must be a string"],
    [draft({ text: "" }), "/text must have 1 to 500 characters"],
    [draft({ text: "é".repeat(501) }), "/text must have 1 to 500 characters"],
    [draft({ text: true }), "/text must be a string"],
    ...["", "@", "a@", "@b", "ada", "a@b@c", "a b@c", "a@b\nBcc: c", `${"a".repeat(253)}@b`, 7, null].map(
      (each) => [draft({ recipient: each }), recipient] as const,
    ),
    [
      draft({ order: "", recipient: "", text: "" }),
      `/order must have 1 to 64 characters, ${recipient}, /text must have 1 to 500 characters`,
    ],
    [draft({ order: undefined, Order: "a1" }), "/order is required, /Order is not a known field"],
    [draft({ id: "1" }), "/id is not a known field"],
    [draft({ "a/b": 2 }), "/a~1b is not a known field"],
    [draft({ ["__proto__"]: {} }), "/__proto__ is not a known field"],
  ] as const) {
    const { detail, errors = [] } = problemOf(await service.call("POST", "/items", body), 422);
    assert.equal(detail, "The body has values that are not allowed.");
    assert.equal(errors.map((error) => `${error.pointer} ${error.detail}`).join(", "), expected, body);
  }
});

test("values at their limits are taken", async () => {
  const service = new Fixture();
  await service.create(draft({ order: "é".repeat(64), recipient: "a@b", text: "é".repeat(500) }));
  await service.create(draft({ order: "🪔".repeat(64), text: "🪔".repeat(500) }));
  await service.create(draft({ order: "x", recipient: `${"a".repeat(252)}@b`, text: "\n" }));
  await service.create(` \r\n${DRAFT.replaceAll(",", "\t,")} `);
});

test("what is kept is always text that others can read", async () => {
  const lone = String.raw`a\ud800b`;
  const body = `{"order":"${lone}","recipient":"${lone}@b","text":"${lone}"}`;
  const { id, ...made } = await new Fixture().create(body);
  assert.deepEqual(made, { order: "a\ufffdb", recipient: "a\ufffdb@b", text: "a\ufffdb" });
});

test("what is not JSON is refused", async () => {
  const service = new Fixture();
  for (const body of [
    "",
    " ",
    "{",
    `${DRAFT}}`,
    `\ufeff${DRAFT}`,
    "{'order':'a1'}",
    DRAFT.replace('"a1"', "NaN"),
    DRAFT.replace('"a1"', "01"),
    Buffer.from(draft({ text: "\xff" }), "latin1"),
  ]) {
    const { detail } = problemOf(await service.call("POST", "/items", body), 400);
    assert.equal(detail, "The body is not JSON.");
  }
});

test("large bodies are refused", async () => {
  const service = new Fixture();
  await service.create(DRAFT.padEnd(MAX_BODY_BYTES));
  for (const length of [{}, { "transfer-encoding": "chunked" }]) {
    const answer = await service.call("POST", "/items", DRAFT.padEnd(MAX_BODY_BYTES + 1), length);
    const problem = problemOf(answer, 413);
    assert.equal(problem.title, "Request Entity Too Large");
    assert.equal(problem.detail, "The body must not be larger than 65536 bytes.");
  }
});

test("other media types are refused", async () => {
  const service = new Fixture();
  for (const type of ["", "text/plain", "application/xml", "application/jsonx", "application/", "json"]) {
    const answer = await service.call("POST", "/items", DRAFT, { "content-type": type });
    assert.equal(problemOf(answer, 415).detail, "The body must be application/json.", type);
  }
  problemOf(await service.call("POST", "/items"), 415);
  const type = "Application/JSON; charset=utf-8";
  assert.equal((await service.call("POST", "/items", DRAFT, { "content-type": type })).statusCode, 201);
});

test("routes that take no body do not look at it", async () => {
  const service = new Fixture();
  for (const headers of [{}, { "content-type": "text/plain" }, { "content-type": "no/thing/" }]) {
    assert.equal((await service.call("GET", "/items", "{", headers)).statusCode, 200);
    problemOf(await service.call("PATCH", "/items", "{", headers), 405);
    problemOf(await service.call("POST", "/health/live", "{", headers), 405);
    problemOf(await service.call("POST", "/nothing", "{", headers), 404);
  }
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
