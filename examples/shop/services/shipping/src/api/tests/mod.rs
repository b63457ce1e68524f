//! The whole interface on a store in memory.

mod interface;
mod shipments;
mod memory_store;
mod recorder;
mod observe;
mod validation;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use self::memory_store::MemoryStore;
use self::recorder::Recorder;
use super::{Dependencies, router};
use crate::needs::notifications::Notifier;
use crate::shipments::Store;
use crate::telemetry::{JsonLines, Metrics};
use crate::test_log::Captured;

const UNKNOWN_ID: &str = "0190163d-8694-739b-aea5-966c26f8ad91";
const PARCEL: &str = r#"{"order":"o1","address":"Harbour Street 1","recipient":"ann@example.com"}"#;

struct Fixture {
    router: Router,
    store: Arc<MemoryStore>,
    notifier: Arc<Recorder>,
    log: Captured,
    draining: CancellationToken,
    _log: DefaultGuard,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Fixture {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        Self::on(Arc::clone(&store) as Arc<dyn Store>, store)
    }

    fn on(store: Arc<dyn Store>, memory: Arc<MemoryStore>) -> Self {
        let log = Captured::default();
        let lines = JsonLines::new("test", log.clone());
        let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO).with(lines);
        let draining = CancellationToken::new();
        let metrics = Metrics::new().unwrap();
        let notifier = Arc::new(Recorder::default());
        let dependencies = Dependencies {
            store,
            notifier: Arc::clone(&notifier) as Arc<dyn Notifier>,
            metrics,
            draining: draining.clone(),
        };
        Self {
            router: router(dependencies),
            store: memory,
            notifier,
            log,
            draining,
            _log: tracing::subscriber::set_default(subscriber),
        }
    }

    /// A body is JSON unless a header says otherwise.
    async fn send(
        &self,
        method: &str,
        target: &str,
        body: impl Into<Body>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target).body(body.into()).unwrap();
        let json = "application/json".parse().unwrap();
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    async fn call(&self, method: &str, target: &str, body: &str) -> Answer {
        self.send(method, target, body.to_owned(), &[]).await
    }

    async fn get(&self, target: &str) -> Answer {
        self.call("GET", target, "").await
    }

    /// Makes a shipment and returns it.
    async fn create(&self, body: &str) -> Value {
        let answer = self.call("POST", "/items", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that the answer is a problem of this status and returns it.
    #[track_caller]
    fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        for name in ["title", "detail"] {
            assert!(!problem[name].as_str().unwrap().is_empty(), "{problem}");
        }
        problem
    }
}
