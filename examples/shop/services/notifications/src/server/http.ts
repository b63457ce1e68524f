/** The HTTP server's limits, and what it answers to what is no request. */

import { createServer as createHttpServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

const MAX_HEADER_BYTES = 32 * 1024;

export function createServer(listener: RequestListener): Server {
  const server = createHttpServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 40_000, // 10 for the header, 30 for the body
      connectionsCheckingInterval: 2000, // how exactly those two are kept
      // Longer than gateways keep idle connections (mostly 60 to 75 s): the side that sends should close, or a
      // request may meet a connection that is just being closed.
      keepAliveTimeout: 90_000,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    listener,
  );
  server.timeout = 60_000; // without anything sent or received while an answer is under way
  server.on("clientError", refuse);
  return server;
}

/** Answers what never becomes a request of the application. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, detail] = answerTo(error.code);
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: "about:blank", title, status, detail });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function answerTo(code: string | undefined): [status: number, detail: string] {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, "The request did not arrive in time."];
    case "HPE_HEADER_OVERFLOW":
      return [431, `The header must not be larger than ${MAX_HEADER_BYTES} bytes.`];
    default:
      return [400, "This is not HTTP as the service reads it."];
  }
}
