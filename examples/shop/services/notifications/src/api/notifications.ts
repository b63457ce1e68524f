/** Routes of the resource. Notifications are made and read: what a customer was told is not edited. */

import type { FastifyInstance } from "fastify";
import type { Logger } from "../log.js";
import { ID_PATTERN, isId, newId } from "../notifications/id.js";
import {
  type Draft,
  MAX_ORDER_LENGTH,
  MAX_RECIPIENT_LENGTH,
  MAX_TEXT_LENGTH,
  MIN_RECIPIENT_LENGTH,
  NotFoundError,
  type Notification,
  RECIPIENT_PATTERN,
  type Store,
} from "../notifications/notification.js";
import { readJson } from "./body.js";
import { sendJson } from "./json.js";
import { publicPrefix } from "./paths.js";

// Without the expression /items/ would be a notification with an empty id.
const NOTIFICATION = "/items/:id(.+)";
const DEFAULT_PAGE_SIZE = "50";

const orderSchema = { type: "string", minLength: 1, maxLength: MAX_ORDER_LENGTH };

const draftSchema = {
  type: "object",
  required: ["order", "recipient", "text"],
  additionalProperties: false,
  properties: {
    order: orderSchema,
    recipient: {
      type: "string",
      minLength: MIN_RECIPIENT_LENGTH,
      maxLength: MAX_RECIPIENT_LENGTH,
      pattern: RECIPIENT_PATTERN,
      description: `must be an e-mail address of ${MIN_RECIPIENT_LENGTH} to ${MAX_RECIPIENT_LENGTH} characters`,
    },
    text: { type: "string", minLength: 1, maxLength: MAX_TEXT_LENGTH },
  },
};

const querySchema = {
  type: "object",
  properties: {
    limit: {
      type: "string",
      pattern: "^0*([1-9][0-9]?|100)$",
      description: "must be an integer from 1 to 100",
    },
    // The id of the last notification of the page before.
    cursor: { type: "string", pattern: ID_PATTERN, description: "must be the nextCursor of a list" },
    order: orderSchema,
  },
};

interface ById {
  Params: { id: string };
}

interface WithDraft {
  Body: Draft;
}

interface WithQuery {
  Querystring: { limit?: string; cursor?: string; order?: string };
}

interface Dependencies {
  readonly store: Store;
  readonly log: Logger;
}

export function notificationRoutes(app: FastifyInstance, { store, log }: Dependencies): void {
  const takesDraft = { preValidation: readJson, schema: { body: draftSchema } };

  app.get<WithQuery>("/items", { schema: { querystring: querySchema } }, async (request, reply) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, order } = request.query;
    const { notifications, next } = await store.list({ cursor, limit: Number(limit), order });
    return sendJson(reply, 200, { items: notifications, nextCursor: next });
  });

  app.post<WithDraft>("/items", takesDraft, async (request, reply) => {
    const notification = notificationOf(newId(Date.now()), request.body);
    await store.create(notification);
    // In place of mail, which is left to a provider. Neither recipient nor text has a place in a log.
    log.info({ notification: notification.id, order: notification.order }, "sent");
    reply.header("Location", `${publicPrefix(request.headers)}/items/${notification.id}`);
    return sendJson(reply, 201, notification);
  });

  app.get<ById>(NOTIFICATION, async (request, reply) => {
    const { id } = request.params;
    // What cannot be an id is not looked for.
    if (!isId(id)) throw new NotFoundError();
    return sendJson(reply, 200, await store.get(id));
  });
}

function notificationOf(id: string, { order, recipient, text }: Draft): Notification {
  // A lone surrogate, which JSON can escape, is no text that others can read.
  return {
    id,
    order: order.toWellFormed(),
    recipient: recipient.toWellFormed(),
    text: text.toWellFormed(),
  };
}
