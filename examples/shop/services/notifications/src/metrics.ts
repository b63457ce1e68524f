/** What is counted, and served at /metrics. */

import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** A client may send any method: only these become time series of their own. */
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts requests. Routes are patterns, never raw paths: each label value is a time series. */
export class Metrics {
  // A registry of its own, so that two servers in one test do not share counts.
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered.",
    labelNames: ["method", "route", "status"],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer.",
    labelNames: ["method", "route"],
    registers: [this.#registry],
  });

  /** Adds what Node.js and the operating system tell of the process. */
  observeProcess(): void {
    // The event loop's delay is sampled by a timer: the default of 10 ms would wake an idle process all the time.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
    // Gauges named as counters are; they are the sums of nodejs_active_handles and so on, which remain.
    for (const what of ["handles", "requests", "resources"])
      this.#registry.removeSingleMetric(`nodejs_active_${what}_total`);
  }

  /** Counts one answered request. */
  observe(request: { method: string; route: string; status: number; seconds: number }): void {
    const method = KNOWN_METHODS.has(request.method) ? request.method : "other";
    this.#requests.inc({ method, route: request.route, status: request.status });
    this.#duration.observe({ method, route: request.route }, request.seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
