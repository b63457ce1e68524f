/**
 * Notifications in Redis.
 *
 * Each notification is a JSON string under its own key. A sorted set holds all ids with equal scores, so that
 * it is ordered by id, which is the order of creation; a page of the list is a range of it. Another set for
 * each order holds the ids of its notifications.
 */

import { type ChainableCommander, Redis } from "ioredis";
import { type Logger, messageOf } from "./log.js";
import {
  NotFoundError,
  type Notification,
  type Page,
  type Query,
  type Store,
  UnavailableError,
} from "./notifications/notification.js";

const INDEX_KEY = "notifications:notifications";
const ORDER_PREFIX = "notifications:order:";
const NOTIFICATION_PREFIX = "notifications:notification:";

function keyOf(id: string): string {
  return NOTIFICATION_PREFIX + id;
}

export class RedisStore implements Store {
  readonly #redis: Redis;
  #connectionError: Error | undefined;

  /** Does not connect yet: the service starts, and says that it is not ready, while Redis is away. */
  constructor(url: string, log: Logger) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      // A request should learn within about a second that Redis is away, rather than wait for it.
      connectTimeout: 1000,
      commandTimeout: 1000,
      // A connection on which nothing comes back is given up: a new one may reach another server.
      socketTimeout: 1000,
      // What waits for a connection fails with the first attempt; the next command waits for the next one.
      maxRetriesPerRequest: 0,
      retryStrategy: (attempts) => Math.min(attempts * 50, 500),
      disableClientInfo: true,
    });
    this.#redis.on("error", (error) => {
      this.#connectionError = error;
      log.debug({ error: messageOf(error) }, "redis connection failed");
    });
  }

  /** Gives the connection back. */
  close(): void {
    this.#redis.disconnect();
  }

  async ping(): Promise<void> {
    await this.#answer(this.#redis.ping());
  }

  async create(notification: Notification): Promise<void> {
    const { id, order } = notification;
    await this.#transaction((multi) =>
      multi
        .set(keyOf(id), JSON.stringify(notification))
        .zadd(INDEX_KEY, 0, id)
        .zadd(ORDER_PREFIX + order, 0, id),
    );
  }

  async get(id: string): Promise<Notification> {
    const value = await this.#answer(this.#redis.get(keyOf(id)));
    if (value === null) throw new NotFoundError();
    return decode(value);
  }

  async list({ cursor, limit, order }: Query): Promise<Page> {
    const index = order === undefined ? INDEX_KEY : ORDER_PREFIX + order;
    const after = cursor === undefined ? "-" : `(${cursor}`;
    // One more than asked for tells whether there is a next page.
    const found = await this.#answer(this.#redis.zrangebylex(index, after, "+", "LIMIT", 0, limit + 1));
    const ids = found.slice(0, limit);
    const notifications = await this.#fetch(ids);
    const last = ids.at(-1);
    return found.length > limit && last !== undefined ? { notifications, next: last } : { notifications };
  }

  /** Notifications stay: each id has one. */
  async #fetch(ids: readonly string[]): Promise<Notification[]> {
    if (ids.length === 0) return [];
    const values = await this.#answer(this.#redis.mget(ids.map(keyOf)));
    return values.filter((value) => value !== null).map(decode);
  }

  async #transaction(add: (multi: ChainableCommander) => ChainableCommander): Promise<void> {
    const answers = await this.#answer(add(this.#redis.multi()).exec());
    // Null would mean that a watched key changed; none is watched.
    for (const [error] of answers ?? []) {
      if (error !== null) throw new UnavailableError(error.message, { cause: error });
    }
  }

  async #answer<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (error) {
      // That a command was given up tells less than why there is no connection.
      const givenUp = error instanceof Error && error.name === "MaxRetriesPerRequestError";
      const cause = givenUp ? (this.#connectionError ?? error) : error;
      throw new UnavailableError(messageOf(cause), { cause });
    }
  }
}

function decode(value: string): Notification {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error("stored notification is not readable", { cause: error });
  }
}
