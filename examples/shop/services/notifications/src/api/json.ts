import type { FastifyReply } from "fastify";

/** Fastify would add a charset to the type, which JSON does not have (RFC 8259). */
export function sendJson(
  reply: FastifyReply,
  status: number,
  body: unknown,
  type = "application/json",
): FastifyReply {
  return reply.code(status).type(type).serializer(JSON.stringify).send(body);
}
