/** The service's resource: what a notification is, and the interface of what keeps notifications. */

/** Limits of a notification's values. They are stated in openapi.yaml too. */
export const MAX_ORDER_LENGTH = 64;
export const MIN_RECIPIENT_LENGTH = 3;
export const MAX_RECIPIENT_LENGTH = 254;
export const MAX_TEXT_LENGTH = 500;
/** What looks like an e-mail address. Only mail that arrives shows that one is. */
export const RECIPIENT_PATTERN = "^[^@\\s]+@[^@\\s]+$";

/** What a client says about a notification. */
export interface Draft {
  /** The id of the order that it is about. */
  readonly order: string;
  readonly recipient: string;
  readonly text: string;
}

/** One notification as clients see it and as it is stored. It never changes. */
export interface Notification extends Draft {
  readonly id: string;
}

/** A part of the list of notifications, oldest first. */
export interface Page {
  readonly notifications: readonly Notification[];
  /** The cursor of the page after this one; absent on the last page. */
  readonly next?: string;
}

/** Which notifications to list. */
export interface Query {
  /** Those that follow this one's id; without it, from the start. */
  readonly cursor?: string | undefined;
  readonly limit: number;
  /** Those of this order; without it, all. */
  readonly order?: string | undefined;
}

/** There is no notification with this id. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** The store cannot be reached now; the same call may work later. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** Keeps notifications. Every replica of the service works on the same store. */
export interface Store {
  create(notification: Notification): Promise<void>;
  /** Rejects with NotFoundError for an unknown id. */
  get(id: string): Promise<Notification>;
  list(query: Query): Promise<Page>;
  /** Rejects if the store does not answer. */
  ping(): Promise<void>;
}
