/** What is answered where no route answers. */

import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import { type Logger, messageOf } from "../log.js";
import { NotFoundError, UnavailableError } from "../notifications/notification.js";
import { sendJson } from "./json.js";
import { PROBLEM_TYPE, Problem } from "./problem.js";
import { wrongInBody, wrongInQuery } from "./validation.js";

/** Makes every error of the application a problem. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    return send(reply, request.is404 ? nothingHere() : problemOf(error, log));
  });
  app.setNotFoundHandler((_request, reply) => send(reply, nothingHere()));
}

function nothingHere(): Problem {
  return new Problem(404, "There is nothing at this path.");
}

/** The option of Fastify for what never reaches a route. */
export function refusePath(_error: FastifyError, _request: unknown, reply: FastifyReply): void {
  send(reply, new Problem(400, "The path is not that of a URL."));
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.headers({ ...problem.headers, "Cache-Control": "no-store" });
  return sendJson(reply, problem.status, problem.body, PROBLEM_TYPE);
}

function problemOf(error: FastifyError, log: Logger): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof NotFoundError) return new Problem(404, "There is no notification with this id.");
  if (error instanceof UnavailableError) {
    log.warn({ error: error.message }, "store not available");
    const detail = "The service's store does not answer at the moment.";
    return new Problem(503, detail, { headers: { "Retry-After": "1" } });
  }
  if (error.validation !== undefined) {
    const [place, errors] =
      error.validationContext === "querystring"
        ? ["query", wrongInQuery(error.validation)]
        : ["body", wrongInBody(error.validation)];
    return new Problem(422, `The ${place} has values that are not allowed.`, { errors });
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new Problem(415, "The body must be application/json.");
  }
  log.error({ error: messageOf(error), stack: error.stack }, "request failed");
  return new Problem(500, "The service failed to answer this request.");
}
