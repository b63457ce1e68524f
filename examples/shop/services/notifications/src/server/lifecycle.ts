/** Whether the process is about to end, and how long it may take. All times are in milliseconds. */
export class Lifecycle {
  readonly gracePeriod: number;
  readonly drainDelay: number;
  #draining = false;

  /** Takes the time from signal to end, and the part of it in which connections are still taken. */
  constructor(gracePeriod: number, drainDelay: number) {
    this.gracePeriod = gracePeriod;
    this.drainDelay = drainDelay;
  }

  get draining(): boolean {
    return this.#draining;
  }

  beginDrain(): void {
    this.#draining = true;
  }
}
