/** Runs the service. Ends with 0, 1 (failed) or 64 (a setting is missing or wrong; see sysexits(3)). */

import { ConfigError, loadConfig } from "./config.js";

async function main(): Promise<number> {
  const signal = endOfProcess();
  try {
    const config = loadConfig(process.env);
    // Imported late: the framework takes a while, and a wrong setting should show at once.
    const { run } = await import("./service.js");
    return await run(config, signal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return 64;
  }
}

/** After the first signal the default action is back: a second one ends the process at once. */
function endOfProcess(): AbortSignal {
  const controller = new AbortController();
  const signals = ["SIGTERM", "SIGINT"] as const;
  const end = (): void => {
    for (const name of signals) process.off(name, end);
    controller.abort();
  };
  for (const name of signals) process.on(name, end);
  return controller.signal;
}

// Without waiting for what may still be open, such as a request that was cut.
process.exit(await main());
