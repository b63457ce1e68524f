/** Errors as application/problem+json (RFC 9457). */

import { STATUS_CODES } from "node:http";

export const PROBLEM_TYPE = "application/problem+json";

/** One wrong value: in the body (pointer, RFC 6901) or in the query (parameter). */
export interface WrongValue {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly detail: string;
}

/** The type is about:blank: the status says what went wrong, detail and errors say what to change. */
export interface ProblemBody {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly WrongValue[];
}

/** A refusal: thrown by what reads a request, answered by the error handler. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly WrongValue[];

  constructor(
    status: number,
    detail: string,
    more: { headers?: Record<string, string>; errors?: readonly WrongValue[] } = {},
  ) {
    super(detail);
    this.status = status;
    this.headers = more.headers ?? {};
    this.errors = more.errors ?? [];
  }

  get body(): ProblemBody {
    return {
      type: "about:blank",
      title: titleOf(this.status),
      status: this.status,
      detail: this.message,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }
}

function titleOf(status: number): string {
  // Node.js has the name of a newer RFC than services in other languages do: clients should see one.
  return status === 413 ? "Request Entity Too Large" : (STATUS_CODES[status] ?? "Error");
}
