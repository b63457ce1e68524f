import type { Environment } from "../config.js";
import { type Call, Client } from "./client.js";

const NEED = "sample-need";
const VARIABLE = "SAMPLE_NEED_URL";

/** An item of sample-need, as far as this service looks at it. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly quantity: number;
}

/** Calls the service sample-need. */
export class SampleNeedClient {
  readonly #client: Client;

  /** Takes the address from SAMPLE_NEED_URL. */
  constructor(environment: Environment) {
    this.#client = Client.fromEnvironment(NEED, VARIABLE, environment);
  }

  /** Resolves to one item; rejects with a StatusError of status 404 if there is none with this id. */
  async item(id: string, options: Pick<Call, "signal"> = {}): Promise<Item> {
    return (await this.#client.json("GET", `/items/${encodeURIComponent(id)}`, options)) as Item;
  }
}
