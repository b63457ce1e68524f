/** What the clients of all needs share: calls with time-outs, a trace, and retries. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../config.js";
import { currentTrace, newTrace, traceHeaders } from "../trace.js";
import { type Answer, DEFAULT_LIMITS, isIdempotent, type Limits, pauseAfter } from "./retry.js";

/** An answer that is not a success. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: number;
  readonly body: string;

  constructor(need: string, status: number, body: string) {
    super(`${need} answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** No answer that can be used: no connection, none in time, one that is too large or no JSON. */
export class CallError extends Error {
  override readonly name = "CallError";
}

export interface Call {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal;
}

/** The clock and the dice, replaced in tests. */
export interface Chance {
  wait(milliseconds: number, signal: AbortSignal): Promise<unknown>;
  random(): number;
}

const CHANCE: Chance = {
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  random: Math.random,
};

/** Calls one need. Make one at the start and keep it. */
export class Client {
  readonly #need: string;
  readonly #baseUrl: string;
  readonly #limits: Limits;
  readonly #chance: Chance;

  constructor(need: string, baseUrl: string, limits: Partial<Limits> = {}, chance: Chance = CHANCE) {
    this.#need = need;
    this.#baseUrl = baseUrl.replace(/\/$/, "");
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#chance = chance;
  }

  /** Takes the base URL from a variable; the error names it if it is missing or wrong. */
  static fromEnvironment(need: string, variable: string, environment: Environment): Client {
    const baseUrl = environment[variable];
    if (!baseUrl) throw new Error(`${variable} is not set`);
    if (!URL.canParse(baseUrl) || !["http:", "https:"].includes(new URL(baseUrl).protocol)) {
      throw new Error(`${variable}: ${JSON.stringify(baseUrl)} is not an http URL`);
    }
    return new Client(need, baseUrl);
  }

  /**
   * Resolves to what a 2xx answer holds; undefined if that is nothing. The path begins with a slash and is
   * escaped already. Rejects with StatusError for other answers, and with CallError if there is none.
   */
  async json(method: string, path: string, call: Call = {}): Promise<unknown> {
    try {
      const { status, body } = await this.#attempts(method, path, call);
      if (status < 200 || status > 299) throw new StatusError(this.#need, status, body);
      return body === "" ? undefined : JSON.parse(body);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw new CallError(`${this.#need}: ${method} ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Makes attempts until one gives an answer worth having, or the limits are reached. */
  async #attempts(method: string, path: string, call: Call): Promise<Answer> {
    const deadline = performance.now() + this.#limits.totalTimeout;
    const signal = anyOf(call.signal, AbortSignal.timeout(this.#limits.totalTimeout));
    const retries = isIdempotent(method) ? this.#limits.retries : 0;
    for (let attempt = 0; ; attempt++) {
      const [outcome] = await Promise.allSettled([this.#attempt(method, path, call.body, signal)]);
      const pause = pauseAfter(attempt, outcome, this.#limits, this.#chance.random());
      if (attempt < retries && pause !== undefined && performance.now() + pause < deadline) {
        await this.#chance.wait(pause, signal);
        continue;
      }
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    }
  }

  async #attempt(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    const response = await fetch(this.#baseUrl + path, {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...traceHeaders(currentTrace() ?? newTrace()),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: anyOf(signal, AbortSignal.timeout(this.#limits.tryTimeout)),
    });
    return { status: response.status, headers: response.headers, body: await this.#bodyOf(response) };
  }

  async #bodyOf(response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > this.#limits.maxBodyBytes) {
        throw new Error(`the answer is larger than ${this.#limits.maxBodyBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size).toString();
  }
}

function anyOf(optional: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return optional === undefined ? other : AbortSignal.any([optional, other]);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
