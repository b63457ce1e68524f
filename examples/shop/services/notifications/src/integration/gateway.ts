/** Requests to the running service, as its callers send them. */

import assert from "node:assert/strict";
import type { ProblemBody } from "../api/problem.js";
import type { Notification } from "../notifications/notification.js";
import { draft } from "../testing/draft.js";

export const ITEMS = "/notifications/items";

export interface NotificationList {
  readonly items: readonly Notification[];
  readonly nextCursor?: string;
}

/** Sends a request to the gateway; a body is JSON unless a header says otherwise. */
export async function call(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const gateway = process.env.GATEWAY_URL;
  if (!gateway) throw new Error("GATEWAY_URL is not set: msctl test --integration sets it");
  const json = body === undefined ? {} : { "content-type": "application/json" };
  return fetch(gateway.replace(/\/$/, "") + path, {
    method,
    headers: { ...json, ...headers },
    body: body ?? null,
    signal: AbortSignal.timeout(10_000),
  });
}

/** Makes a notification of this order. */
export async function create(order: string): Promise<Notification> {
  const answer = await call("POST", ITEMS, draft({ order }));
  assert.equal(answer.status, 201);
  return (await answer.json()) as Notification;
}

/** Checks that the answer is a problem of this status and returns it. */
export async function problemOf(answer: Response, status: number): Promise<ProblemBody> {
  assert.equal(answer.status, status);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  return (await answer.json()) as ProblemBody;
}
