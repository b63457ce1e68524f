import { type Item, NotFoundError, type Page, type Store } from "../items/item.js";

/** For tests only: a service keeps nothing in memory, since its replicas share a store. */
export class MemoryStore implements Store {
  readonly #items = new Map<string, Item>();
  /** Thrown by every call, if set. */
  error: Error | undefined;

  async create(item: Item): Promise<void> {
    this.#check();
    this.#items.set(item.id, item);
  }

  async get(id: string): Promise<Item> {
    this.#check();
    const item = this.#items.get(id);
    if (item === undefined) throw new NotFoundError();
    return item;
  }

  async list(cursor = "", limit: number): Promise<Page> {
    this.#check();
    const ids = [...this.#items.keys()].sort().filter((id) => id > cursor);
    const items = await Promise.all(ids.slice(0, limit).map((id) => this.get(id)));
    const next = ids.length > limit ? ids[limit - 1] : undefined;
    return { items, ...(next && { next }) };
  }

  async replace(item: Item): Promise<void> {
    await this.get(item.id);
    this.#items.set(item.id, item);
  }

  async delete(id: string): Promise<void> {
    await this.get(id);
    this.#items.delete(id);
  }

  async ping(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (this.error !== undefined) throw this.error;
  }
}
