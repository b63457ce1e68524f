/** Bodies of requests: JSON only, of limited size, within a limited time. */

import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Problem } from "./problem.js";

export const MAX_BODY_BYTES = 64 * 1024;
const BODY_TIMEOUT = 30_000;

/** Leaves bodies to readJson. Fastify's own parsers take what is no UTF-8, and close the connection on errors. */
export function readBodiesLater(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
}

/** The preValidation hook of a route that takes a body. */
export async function readJson(request: FastifyRequest): Promise<void> {
  const mediaType = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw new Problem(415, "The body must be application/json.");
  const body = await read(request.raw);
  try {
    // Strict, unlike Buffer.toString: a byte order mark or a byte that is no UTF-8 is no JSON.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    request.body = JSON.parse(text);
  } catch {
    throw new Problem(400, "The body is not JSON.");
  }
}

/**
 * Of a body that is too large the rest is left; Node.js drops it after the answer. To close the connection
 * would often keep a client that is still sending from seeing the answer.
 */
function read(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"]) > MAX_BODY_BYTES) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => settle(tooSlow()), BODY_TIMEOUT);
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) settle(tooLarge());
    };
    const onEnd = (): void => settle();
    const onClose = (): void => settle(new Problem(400, "The body ended too early."));
    const settle = (refused?: Problem): void => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      if (refused === undefined) resolve(Buffer.concat(chunks, size));
      else reject(refused);
    };
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

function tooLarge(): Problem {
  return new Problem(413, `The body must not be larger than ${MAX_BODY_BYTES} bytes.`);
}

function tooSlow(): Problem {
  return new Problem(408, "The body did not arrive in time.", { headers: { Connection: "close" } });
}
