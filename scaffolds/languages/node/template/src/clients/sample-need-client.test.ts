import assert from "node:assert/strict";
import { test } from "node:test";
import { SampleNeedClient } from "../clients/sample-need-client.js";
import { need } from "../testing/need.js";

const VARIABLE = "SAMPLE_NEED_URL";
const ITEM = { id: "a/b", name: "lamp", quantity: 3 };

test("an item of the need is read, or not found", async (t) => {
  const url = await need(t, (request, answer) => {
    if (request.url === "/items/a%2Fb") answer.end(JSON.stringify(ITEM));
    else answer.writeHead(404).end();
  });
  const environment = { [VARIABLE]: url };
  const client = new SampleNeedClient(environment);
  assert.deepEqual(await client.item("a/b"), ITEM);
  await assert.rejects(client.item("unknown"), { name: "StatusError", status: 404 });
});

test("a missing address is named", () => {
  const make = () => new SampleNeedClient({});
  assert.throws(make, { message: `${VARIABLE} is not set` });
});
