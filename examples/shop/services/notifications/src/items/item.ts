/** The service's resource: what an item is, and the interface of what keeps items. */

/** Limits of an item's values. They are stated in openapi.yaml too. */
export const MAX_NAME_LENGTH = 100;
export const MAX_QUANTITY = 1_000_000;

/** What a client says about an item. */
export interface Draft {
  readonly name: string;
  readonly quantity: number;
}

/** One item as clients see it and as it is stored. */
export interface Item extends Draft {
  readonly id: string;
}

/** A part of the list of items, oldest first. */
export interface Page {
  readonly items: readonly Item[];
  /** The cursor of the page after this one; absent on the last page. */
  readonly next?: string;
}

/** There is no item with this id. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** The store cannot be reached now; the same call may work later. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** Keeps items. Every replica of the service works on the same store. */
export interface Store {
  create(item: Item): Promise<void>;
  /** Rejects with NotFoundError for an unknown id. */
  get(id: string): Promise<Item>;
  /** Returns at most limit items that follow the cursor, an item's id; without one, from the start. */
  list(cursor: string | undefined, limit: number): Promise<Page>;
  /** Rejects with NotFoundError for an unknown id; it never creates an item. */
  replace(item: Item): Promise<void>;
  /** Rejects with NotFoundError for an unknown id. */
  delete(id: string): Promise<void>;
  /** Rejects if the store does not answer. */
  ping(): Promise<void>;
}
