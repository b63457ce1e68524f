import type { IncomingHttpHeaders } from "node:http";

const PLAIN_PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/**
 * The part of the public path that a gateway took off. What is not a plain path is ignored: it would let a
 * caller send others to an address of its choice.
 */
export function publicPrefix(headers: IncomingHttpHeaders): string {
  const prefix = String(headers["x-forwarded-prefix"] ?? "").replace(/\/$/, "");
  return PLAIN_PATH.test(prefix) && !`${prefix}/`.includes("/../") ? prefix : "";
}

/** A route's path as openapi.yaml writes it: {id} for :id and for :id(expression). */
export function openApiPath(url: string): string {
  return url.replaceAll(/:(\w+)(\([^)]*\))?/g, "{$1}");
}
