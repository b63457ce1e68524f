/** When a call is tried again, and after how long. All times are in milliseconds. */

/** What one call may take. */
export interface Limits {
  /** One attempt, from connecting to the end of the body. */
  readonly tryTimeout: number;
  /** All attempts and the waits between them. */
  readonly totalTimeout: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** The first wait is random, up to this; each further one up to double. */
  readonly backoffBase: number;
  /** No wait is longer. */
  readonly backoffMax: number;
  /** A need that asks for more is not asked again. */
  readonly maxRetryAfter: number;
  /** Of an answer. */
  readonly maxBodyBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  tryTimeout: 2000,
  totalTimeout: 5000,
  retries: 2,
  backoffBase: 50,
  backoffMax: 1000,
  maxRetryAfter: 2000,
  maxBodyBytes: 1 << 20,
};

/** The answer of a need, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
const PASSING_STATUSES = new Set([502, 503, 504]);
// No connection, or one that broke before the answer.
const PASSING_ERRORS = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EPIPE",
  "UND_ERR_SOCKET",
]);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * How long to wait before the next attempt; undefined if none is worthwhile. "Full jitter", so that callers
 * who failed together do not come back together; never less than the need asked for.
 */
export function pauseAfter(
  attempt: number,
  outcome: PromiseSettledResult<Answer>,
  limits: Limits,
  dice: number,
): number | undefined {
  const passes = outcome.status === "fulfilled" ? isPassing(outcome.value) : isPassingError(outcome.reason);
  if (!passes) return undefined;
  const headers = outcome.status === "fulfilled" ? outcome.value.headers : new Headers();
  const asked = retryAfter(headers.get("retry-after"), Date.now());
  if (asked > limits.maxRetryAfter) return undefined;
  const longest = Math.min(limits.backoffBase * 2 ** attempt, limits.backoffMax);
  return Math.max(asked, dice * longest);
}

/** Whether the same attempt may well be answered otherwise a moment later. */
function isPassing(answer: Answer): boolean {
  return PASSING_STATUSES.has(answer.status);
}

/** A time-out does not pass: a need that is slow gets slower when it is asked twice. */
function isPassingError(error: unknown): boolean {
  // fetch fails with a TypeError whose cause is the error of the connection.
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && PASSING_ERRORS.has(String(cause.code));
}

/** Reads both forms of RFC 9110, section 10.2.3: seconds, and a date. */
export function retryAfter(value: string | null, now: number): number {
  if (value === null) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
