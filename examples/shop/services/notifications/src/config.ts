/** The service's settings, read from its environment, once, at the start. */

import { LOG_LEVELS, type LogLevel } from "./log.js";

const SERVICE_NAME = "notifications";

export interface Config {
  readonly serviceName: string;
  readonly host: string;
  readonly port: number;
  readonly redisUrl: string;
  readonly logLevel: LogLevel;
  /** Milliseconds from SIGTERM to the end of the process, at most. */
  readonly gracePeriod: number;
  /**
   * Milliseconds in which new connections are still taken after SIGTERM, so that a load balancer can notice
   * that the service is no longer ready.
   */
  readonly drainDelay: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names every setting that is missing or wrong, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export function loadConfig(environment: Environment): Config {
  const reader = new Reader(environment);
  const config: Config = {
    serviceName: reader.optional("SERVICE_NAME", SERVICE_NAME),
    host: reader.optional("HOST", "127.0.0.1"),
    port: reader.port("PORT"),
    redisUrl: reader.redisUrl("REDIS_URL"),
    logLevel: reader.level("LOG_LEVEL"),
    gracePeriod: reader.seconds("GRACE_PERIOD", 10) * 1000,
    drainDelay: reader.seconds("DRAIN_DELAY", 0) * 1000,
  };
  if (config.drainDelay > 0 && config.drainDelay >= config.gracePeriod) {
    reader.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD");
  }
  if (reader.wrong.length > 0) throw new ConfigError(reader.wrong.join("\n"));
  return config;
}

/** Reads variables and collects what is wrong with them. */
class Reader {
  readonly wrong: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  fail(name: string, detail: string): void {
    this.wrong.push(`${name}: ${detail}`);
  }

  optional(name: string, fallback: string): string {
    // Set to nothing is not set.
    return this.#environment[name] || fallback;
  }

  required(name: string): string {
    const value = this.optional(name, "");
    if (value === "") this.fail(name, "is not set");
    return value;
  }

  port(name: string): number {
    const value = this.required(name);
    // 0 asks the kernel for a free port; the log line at the start tells which.
    const valid = /^\d{1,5}$/.test(value) && Number(value) <= 65_535;
    if (value !== "" && !valid) this.fail(name, `${JSON.stringify(value)} is not a port (0 to 65535)`);
    return Number(value);
  }

  redisUrl(name: string): string {
    const value = this.required(name);
    if (value !== "" && !isRedisUrl(value)) {
      // Not shown: it may hold a password.
      this.fail(name, "is not of the form redis://host:port[/db]");
    }
    return value;
  }

  seconds(name: string, fallback: number): number {
    const value = this.optional(name, String(fallback));
    const seconds = /^\d+(\.\d*)?$/.test(value) ? Number(value) : Number.NaN;
    if (seconds <= 3600) return seconds;
    this.fail(name, `${JSON.stringify(value)} is not a number of seconds (0 to 3600)`);
    return fallback;
  }

  level(name: string): LogLevel {
    const value = this.optional(name, "info");
    const level = LOG_LEVELS.find((known) => known === value);
    if (level === undefined) {
      this.fail(name, `${JSON.stringify(value)} is not one of ${LOG_LEVELS.join(", ")}`);
    }
    return level ?? "info";
  }
}

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return ["redis:", "rediss:"].includes(url.protocol) && url.host !== "" && /^(\/\d*)?$/.test(url.pathname);
}
