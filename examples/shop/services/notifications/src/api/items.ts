/** Routes of the resource. */

import type { FastifyInstance, FastifyRequest } from "fastify";
import { ID_PATTERN, isId, newId } from "../items/id.js";
import {
  type Draft,
  type Item,
  MAX_NAME_LENGTH,
  MAX_QUANTITY,
  NotFoundError,
  type Store,
} from "../items/item.js";
import { readJson } from "./body.js";
import { sendJson } from "./json.js";
import { publicPrefix } from "./paths.js";

// Without the expression /items/ would be an item with an empty id.
const ITEM = "/items/:id(.+)";
const DEFAULT_PAGE_SIZE = "50";

const draftSchema = {
  type: "object",
  required: ["name", "quantity"],
  additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 1, maxLength: MAX_NAME_LENGTH },
    quantity: { type: "integer", minimum: 0, maximum: MAX_QUANTITY },
  },
};

const pageSchema = {
  type: "object",
  properties: {
    limit: {
      type: "string",
      pattern: "^0*([1-9][0-9]?|100)$",
      description: "must be an integer from 1 to 100",
    },
    // The id of the last item of the page before.
    cursor: { type: "string", pattern: ID_PATTERN, description: "must be the nextCursor of a list" },
  },
};

interface ById {
  Params: { id: string };
}

interface WithDraft {
  Body: Draft;
}

interface WithPage {
  Querystring: { limit?: string; cursor?: string };
}

export function itemRoutes(app: FastifyInstance, { store }: { store: Store }): void {
  const takesDraft = { preValidation: readJson, schema: { body: draftSchema } };

  app.get<WithPage>("/items", { schema: { querystring: pageSchema } }, async (request, reply) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const { items, next } = await store.list(cursor, Number(limit));
    return sendJson(reply, 200, { items, nextCursor: next });
  });

  app.post<WithDraft>("/items", takesDraft, async (request, reply) => {
    const item = itemOf(newId(Date.now()), request.body);
    await store.create(item);
    reply.header("Location", `${publicPrefix(request.headers)}/items/${item.id}`);
    return sendJson(reply, 201, item);
  });

  app.get<ById>(ITEM, async (request, reply) => {
    return sendJson(reply, 200, await store.get(idOf(request)));
  });

  app.put<ById & WithDraft>(ITEM, takesDraft, async (request, reply) => {
    const item = itemOf(idOf(request), request.body);
    await store.replace(item);
    return sendJson(reply, 200, item);
  });

  app.delete<ById>(ITEM, async (request, reply) => {
    await store.delete(idOf(request));
    return reply.code(204).send();
  });
}

function itemOf(id: string, { name, quantity }: Draft): Item {
  // A lone surrogate, which JSON can escape, is no text that others can read.
  return { id, name: name.toWellFormed(), quantity };
}

/** An id from the path; what cannot be one is not looked for. */
function idOf(request: FastifyRequest<ById>): string {
  if (!isId(request.params.id)) throw new NotFoundError();
  return request.params.id;
}
