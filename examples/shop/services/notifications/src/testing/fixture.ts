/** The whole interface on a store in memory. */

import assert from "node:assert/strict";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { createApp } from "../api/app.js";
import { PROBLEM_TYPE, type ProblemBody } from "../api/problem.js";
import { createLogger } from "../log.js";
import { Metrics } from "../metrics.js";
import type { Notification } from "../notifications/notification.js";
import { draft } from "./draft.js";
import { MemoryStore } from "./memory-store.js";

export type Answer = LightMyRequestResponse;

/** An id that no notification has. */
export const UNKNOWN_ID = "0190163d-8694-739b-aea5-966c26f8ad91";

export class Fixture {
  readonly store = new MemoryStore();
  readonly lines: Record<string, unknown>[] = [];
  readonly log = createLogger("test", "info", { write: (line) => this.lines.push(JSON.parse(line)) });
  readonly metrics = new Metrics();
  isDraining = false;
  readonly draining = (): boolean => this.isDraining;
  readonly #app = createApp(this);

  /** Sends a request; a body is JSON unless a header says otherwise. */
  call(
    method: string,
    url: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    return this.#app.inject({
      method: method as NonNullable<InjectOptions["method"]>,
      url,
      headers: { ...json, ...headers },
      ...(body !== undefined && { body }),
    });
  }

  async create(body = draft()): Promise<Notification> {
    const answer = await this.call("POST", "/items", body);
    assert.equal(answer.statusCode, 201, answer.body);
    return answer.json();
  }
}

/** Checks that the answer is a problem of this status and returns it. */
export function problemOf(answer: Answer, status: number): ProblemBody {
  assert.equal(answer.statusCode, status, answer.body);
  assert.equal(answer.headers["content-type"], PROBLEM_TYPE);
  const problem = answer.json<ProblemBody>();
  assert.equal(problem.status, status);
  assert.ok(problem.type && problem.title && problem.detail, answer.body);
  return problem;
}
