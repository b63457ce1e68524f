import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Follows a server's connections, and the requests on them. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #answers = new Set<ServerResponse>();
  #accepted = 0;
  #leaving = false;
  #onChange: () => void = () => {};

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#accepted++;
      this.#open.add(socket);
      socket.once("close", () => {
        this.#open.delete(socket);
        this.#onChange();
      });
    });
    // Before the application's listener: it may answer at once.
    server.prependListener("request", (_request, answer) => {
      this.#answers.add(answer);
      answer.once("close", () => {
        this.#answers.delete(answer);
        this.#onChange();
      });
      if (this.#leaving) answer.setHeader("Connection", "close");
    });
  }

  /** How many requests are being answered. */
  get requests(): number {
    return this.#answers.size;
  }

  /**
   * Lets the event loop accept what the kernel has queued, which may take a turn for each connection. Where
   * clients never cease to connect it ends after `most`, and in any case at the deadline.
   */
  async acceptQueued(most: number, deadline: number): Promise<void> {
    const end = this.#accepted + most;
    await new Promise(setImmediate); // from one such moment to the next, the loop polls exactly once
    let before: number;
    do {
      before = this.#accepted;
      await new Promise(setImmediate);
    } while (this.#accepted > before && this.#accepted < end && performance.now() < deadline);
  }

  /** Tells clients, with every answer from now on, to leave their connection. */
  tellToLeave(): void {
    this.#leaving = true;
    for (const answer of this.#answers) {
      if (!answer.headersSent) answer.setHeader("Connection", "close");
    }
  }

  /** Closes the connections on which nothing is under way. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
    // Node.js counts those as idle only after a first request.
    for (const socket of this.#open) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  }

  /** Resolves when no connection is open, or else after so many milliseconds; says which. */
  none(patience: number, onChange: () => void = () => {}): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(timer);
        this.#onChange = () => {};
        resolve(result);
      };
      const timer = setTimeout(() => settle(false), patience);
      this.#onChange = () => {
        onChange();
        if (this.#open.size === 0) settle(true);
      };
      this.#onChange();
    });
  }
}
