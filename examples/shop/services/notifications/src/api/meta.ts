/** What the service tells about itself. */

import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.js";
import { openApiDocument } from "../openapi.js";

export function metaRoutes(app: FastifyInstance, { metrics }: { metrics: Metrics }): void {
  app.get("/metrics", async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.text());
  });

  app.get("/openapi.yaml", async (_request, reply) => {
    return reply.type("application/yaml").send(openApiDocument);
  });
}
