/**
 * Items in Redis.
 *
 * Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so that it is
 * ordered by id, which is the order of creation; a page of the list is a range of it.
 */

import { type ChainableCommander, Redis } from "ioredis";
import { type Item, NotFoundError, type Page, type Store, UnavailableError } from "./items/item.js";
import { type Logger, messageOf } from "./log.js";

const INDEX_KEY = "notifications:items";
const ITEM_PREFIX = "notifications:item:";

function keyOf(id: string): string {
  return ITEM_PREFIX + id;
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

  async create(item: Item): Promise<void> {
    await this.#transaction((multi) =>
      multi.set(keyOf(item.id), JSON.stringify(item)).zadd(INDEX_KEY, 0, item.id),
    );
  }

  async get(id: string): Promise<Item> {
    const value = await this.#answer(this.#redis.get(keyOf(id)));
    if (value === null) throw new NotFoundError();
    return decode(value);
  }

  async list(cursor: string | undefined, limit: number): Promise<Page> {
    const after = cursor === undefined ? "-" : `(${cursor}`;
    // One more than asked for tells whether there is a next page.
    const found = await this.#answer(this.#redis.zrangebylex(INDEX_KEY, after, "+", "LIMIT", 0, limit + 1));
    const ids = found.slice(0, limit);
    const items = await this.#fetch(ids);
    const last = ids.at(-1);
    return found.length > limit && last !== undefined ? { items, next: last } : { items };
  }

  /** Leaves out items that were deleted since their ids were read. */
  async #fetch(ids: readonly string[]): Promise<Item[]> {
    if (ids.length === 0) return [];
    const values = await this.#answer(this.#redis.mget(ids.map(keyOf)));
    return values.filter((value) => value !== null).map(decode);
  }

  /**
   * SET XX overwrites only what is there, in one step: an item that is deleted at the same time does not
   * come back.
   */
  async replace(item: Item): Promise<void> {
    const done = await this.#answer(this.#redis.set(keyOf(item.id), JSON.stringify(item), "XX"));
    if (done === null) throw new NotFoundError();
  }

  async delete(id: string): Promise<void> {
    const [removed] = await this.#transaction((multi) => multi.del(keyOf(id)).zrem(INDEX_KEY, id));
    if (removed === 0) throw new NotFoundError();
  }

  /** Returns the answers of the commands. */
  async #transaction(add: (multi: ChainableCommander) => ChainableCommander): Promise<unknown[]> {
    const answers = await this.#answer(add(this.#redis.multi()).exec());
    // Null would mean that a watched key changed; none is watched.
    return (answers ?? []).map(([error, answer]) => {
      if (error !== null) throw new UnavailableError(error.message, { cause: error });
      return answer;
    });
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

function decode(value: string): Item {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error("stored item is not readable", { cause: error });
  }
}
