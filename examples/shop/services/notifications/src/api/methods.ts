import { METHODS } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "./problem.js";

/** For these Fastify looks at the type of a body, before a route does. */
const WITH_BODY = new Set(["PATCH", "POST", "PUT"]);

/** Adds the routes, and answers 405 with Allow to all methods that they do not take. Fastify would say 404. */
export function refuseOtherMethods(app: FastifyInstance, addRoutes: () => void): void {
  // The router should know every method.
  for (const method of METHODS) {
    app.addHttpMethod(method, { hasBody: WITH_BODY.has(method), overrideExisting: true });
  }
  const taken = new Map<string, Set<string>>();
  let collecting = true;
  app.addHook("onRoute", ({ url, method }) => {
    if (!collecting) return;
    const methods = taken.get(url) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    taken.set(url, methods);
  });
  addRoutes();
  collecting = false;
  for (const [url, methods] of taken) {
    // Fastify adds HEAD routes where GET routes are, but later.
    if (methods.has("GET")) methods.add("HEAD");
    const others = METHODS.filter((method) => !methods.has(method));
    const allow = [...methods].sort().join(", ");
    // Before any body is looked at: what it holds does not matter.
    app.route({ method: others, url, onRequest: refuse(allow), handler: unreachable });
  }
}

function refuse(allow: string) {
  return async (_request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    throw new Problem(405, `This path takes ${allow}.`, { headers: { Allow: allow } });
  };
}

function unreachable(): void {}
