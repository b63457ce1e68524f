use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TEXT_FORMAT, TextEncoder,
};

use super::process::ProcessMetrics;

/// Counts requests. Routes are patterns, never raw paths: each label value is a time series.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    duration: HistogramVec,
}

impl Metrics {
    pub const CONTENT_TYPE: &str = TEXT_FORMAT;

    /// Makes a registry of its own, so that two servers in one test do not share counts.
    pub fn new() -> Result<Self, prometheus::Error> {
        let requests = Opts::new("http_requests_total", "Requests answered.");
        let duration = HistogramOpts::new(
            "http_request_duration_seconds",
            "Time from a request's head to the end of its answer.",
        );
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["method", "route", "status"])?,
            duration: HistogramVec::new(duration, &["method", "route"])?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.duration.clone()))?;
        metrics.registry.register(Box::new(ProcessMetrics::new()?))?;
        Ok(metrics)
    }

    /// Counts one answered request.
    pub fn observe(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = known(method);
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.duration.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// The metrics in Prometheus' text format.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Keeps a client from making time series at will: a method may be any word.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}
