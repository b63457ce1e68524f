import {
  NotFoundError,
  type Notification,
  type Page,
  type Query,
  type Store,
} from "../notifications/notification.js";

/** For tests only: a service keeps nothing in memory, since its replicas share a store. */
export class MemoryStore implements Store {
  readonly #notifications = new Map<string, Notification>();
  /** Thrown by every call, if set. */
  error: Error | undefined;

  async create(notification: Notification): Promise<void> {
    this.#check();
    this.#notifications.set(notification.id, notification);
  }

  async get(id: string): Promise<Notification> {
    this.#check();
    const notification = this.#notifications.get(id);
    if (notification === undefined) throw new NotFoundError();
    return notification;
  }

  async list({ cursor = "", limit, order }: Query): Promise<Page> {
    this.#check();
    const found = [...this.#notifications.values()]
      .filter((each) => each.id > cursor && (order === undefined || each.order === order))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const notifications = found.slice(0, limit);
    const next = found.length > limit ? notifications.at(-1)?.id : undefined;
    return { notifications, ...(next && { next }) };
  }

  async ping(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (this.error !== undefined) throw this.error;
  }
}
