//! The service's HTTP interface; openapi.yaml describes it to others.

mod answer;
mod body;
mod health;
mod shipments;
mod observe;
mod page;
mod prefix;
mod problem;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tokio_util::sync::CancellationToken;
use tracing::error;

use self::problem::Problem;
use crate::needs::notifications::Notifier;
use crate::shipments::Store;
use crate::telemetry::Metrics;

/// The description of the interface, served at /openapi.yaml.
const OPENAPI: &str = include_str!("../../openapi.yaml");

/// What the interface needs from outside.
pub struct Dependencies {
    pub store: Arc<dyn Store>,
    pub notifier: Arc<dyn Notifier>,
    pub metrics: Metrics,
    /// Cancelled when the process is about to end: new requests should go to another replica.
    pub draining: CancellationToken,
}

type Shared = State<Arc<Dependencies>>;

fn routes() -> [(Method, &'static str, MethodRouter<Arc<Dependencies>>); 8] {
    [
        (Method::GET, "/items", get(shipments::list)),
        (Method::POST, "/items", post(shipments::create)),
        (Method::GET, "/items/{id}", get(shipments::get)),
        (Method::POST, "/items/{id}/dispatch", post(shipments::dispatch)),
        (Method::GET, "/health/live", get(health::live)),
        (Method::GET, "/health/ready", get(health::ready)),
        (Method::GET, "/metrics", get(metrics)),
        (Method::GET, "/openapi.yaml", get(document)),
    ]
}

pub fn router(dependencies: Dependencies) -> Router {
    let shared = Arc::new(dependencies);
    let mut router = Router::new();
    for (_, path, handler) in routes() {
        router = router.route(path, handler);
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&shared), observe::observe))
        .with_state(shared)
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this path.")
}

async fn method_not_allowed(path: MatchedPath) -> Problem {
    let mut allowed = Vec::new();
    for (method, _, _) in routes().into_iter().filter(|(_, each, _)| *each == path.as_str()) {
        if method == Method::GET {
            allowed.push("HEAD".to_owned()); // axum answers HEAD where it answers GET
        }
        allowed.push(method.to_string());
    }
    allowed.sort();
    let allow = allowed.join(", ");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("This path takes {allow}."));
    match HeaderValue::try_from(allow) {
        Ok(allow) => problem.header(header::ALLOW, allow),
        Err(_) => problem,
    }
}

async fn metrics(State(api): Shared) -> Response {
    match api.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            error!(%error, "metrics cannot be written");
            Problem::internal().into_response()
        }
    }
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml")], OPENAPI)
}
