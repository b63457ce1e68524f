import assert from "node:assert/strict";
import { test } from "node:test";
import { isId, newId } from "./id.js";

test("an id is a UUID of version 7", () => {
  const id = newId(0x0123_4567_89ab);
  assert.ok(isId(id), id);
  assert.match(id, /^01234567-89ab-7...-[89ab]/);
});

test("ids sort by time and never repeat", () => {
  const now = 1_700_000_000_000;
  assert.ok(newId(now) < newId(now + 1));
  assert.equal(new Set(Array.from({ length: 1000 }, () => newId(now))).size, 1000);
});

test("other text is no id", () => {
  for (const text of ["", "1", "../etc", "0190163D-8694-739B-AEA5-966C26F8AD91"]) {
    assert.ok(!isId(text), text);
  }
});
