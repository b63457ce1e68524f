use std::panic;
use std::sync::{Arc, Once};

use async_trait::async_trait;
use serde_json::json;

use super::memory_store::MemoryStore;
use super::{Fixture, PARCEL, UNKNOWN_ID};
use crate::shipments::{Dispatched, Page, Shipment, ShipmentId, Store, StoreError};
use crate::telemetry::log_panic;

pub(super) const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
pub(super) const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn readiness_follows_the_store_and_the_shutdown() {
    let service = Fixture::new();
    let expect = async |path, status, body| {
        let answer = service.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (status, body), "{path}");
    };
    expect("/health/ready", 200, json!({"status": "ready"})).await;
    service.store.fail(Some(|| StoreError::Unavailable(String::new())));
    expect("/health/ready", 503, json!({"status": "unready", "failed": "redis"})).await;
    expect("/health/live", 200, json!({"status": "live"})).await;
    service.store.fail(None);
    service.draining.cancel();
    expect("/health/ready", 503, json!({"status": "unready", "failed": "shutdown"})).await;
    expect("/health/live", 200, json!({"status": "live"})).await;
}

#[tokio::test]
async fn answers_close_the_connection_while_draining() {
    let service = Fixture::new();
    for expected in ["", "close"] {
        for path in ["/items", "/nothing", "/health/live"] {
            assert_eq!(service.get(path).await.header("connection"), expected, "{path}");
        }
        service.draining.cancel();
    }
}

#[tokio::test]
async fn requests_are_logged_with_their_trace() {
    let service = Fixture::new();
    let headers = [("traceparent", TRACEPARENT), ("x-request-id", "r1")];
    service.send("GET", "/items/nothing?q=secret", "", &headers).await;
    let lines = service.log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = json!({
        "time": lines[0]["time"], "level": "info", "message": "request", "service": "test",
        "method": "GET", "path": "/items/nothing", "status": 404,
        "duration_ms": lines[0]["duration_ms"], "trace_id": TRACE_ID,
        "span_id": "b7ad6b7169203331", "request_id": "r1",
    });
    assert_eq!(lines[0], expected);
    assert!(lines[0]["duration_ms"].as_f64().unwrap() >= 0.0);
}

#[tokio::test]
async fn what_the_store_says_is_logged_with_the_trace() {
    let service = Fixture::new();
    service.store.fail(Some(|| StoreError::Unavailable("connection refused".to_owned())));
    service.send("GET", "/items", "", &[("traceparent", TRACEPARENT)]).await;
    let lines = service.log.lines();
    assert_eq!((&lines[0]["level"], &lines[1]["level"]), (&json!("warn"), &json!("error")));
    assert!(lines[0]["error"].as_str().unwrap().contains("connection refused"));
    assert!(lines.iter().all(|line| line["trace_id"] == TRACE_ID), "{lines:?}");
}

#[tokio::test]
async fn probes_are_logged_only_when_they_fail() {
    let service = Fixture::new();
    service.get("/health/live").await;
    service.get("/health/ready").await;
    assert_eq!(service.log.lines().len(), 0);
    service.draining.cancel();
    service.get("/health/ready").await;
    assert_eq!(service.log.lines()[0]["path"], "/health/ready");
}

#[tokio::test]
async fn metrics_count_by_pattern() {
    let service = Fixture::new();
    service.get(&format!("/items/{UNKNOWN_ID}")).await;
    service.get("/items/other").await;
    service.get("/nothing/at/all").await;
    service.call("BREW", "/items", PARCEL).await;
    let answer = service.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    for line in [
        r#"http_requests_total{method="GET",route="/items/{id}",status="404"} 2"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
        r#"http_requests_total{method="other",route="/items",status="405"} 1"#,
        r#"http_request_duration_seconds_count{method="GET",route="/items/{id}"} 2"#,
    ] {
        assert!(answer.text().lines().any(|each| each == line), "no {line} in {}", answer.text());
    }
    for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"] {
        assert!(answer.text().contains(&format!("\n{name} ")), "no {name}");
    }
}

/// Panics in every call.
pub(super) struct BrokenStore;

#[async_trait]
impl Store for BrokenStore {
    async fn create(&self, _: &Shipment) -> Result<Shipment, StoreError> {
        unimplemented!()
    }
    async fn get(&self, _: &ShipmentId) -> Result<Shipment, StoreError> {
        unimplemented!()
    }
    async fn list(&self, _: Option<&ShipmentId>, _: usize) -> Result<Page, StoreError> {
        panic!("broken store")
    }
    async fn of_order(&self, _: &str) -> Result<Option<Shipment>, StoreError> {
        unimplemented!()
    }
    async fn dispatch(&self, _: &ShipmentId) -> Result<Dispatched, StoreError> {
        panic!("broken store")
    }
    async fn ping(&self) -> Result<(), StoreError> {
        unimplemented!()
    }
}

#[tokio::test]
async fn a_panic_is_answered_and_logged() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let of_tests = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            log_panic(info);
            of_tests(info);
        }));
    });
    let service = Fixture::on(Arc::new(BrokenStore), Arc::new(MemoryStore::default()));
    service.send("GET", "/items", "", &[("traceparent", TRACEPARENT)]).await.problem(500);
    let line = &service.log.lines()[0];
    assert_eq!((&line["message"], &line["trace_id"]), (&json!("panic"), &json!(TRACE_ID)));
    assert!(line["error"].as_str().unwrap().contains("broken store"), "{line}");
    assert!(line["stack"].as_str().unwrap().contains("BrokenStore"), "{line}");
}
