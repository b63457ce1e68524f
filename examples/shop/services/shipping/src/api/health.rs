use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tokio::time::timeout;
use tracing::debug;

use super::{Shared, answer};

const READINESS_TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// The check that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<&'static str>,
}

/// Says that the process serves. It asks nobody else: a restart does not bring Redis back.
pub(super) async fn live() -> Response {
    answer::json(StatusCode::OK, &Health { status: "live", failed: None })
}

/// Says whether requests should be sent here.
pub(super) async fn ready(State(api): Shared) -> Response {
    if api.draining.is_cancelled() {
        return unready("shutdown");
    }
    match timeout(READINESS_TIMEOUT, api.store.ping()).await {
        Ok(Ok(())) => answer::json(StatusCode::OK, &Health { status: "ready", failed: None }),
        Ok(Err(error)) => {
            debug!(%error, "redis does not answer");
            unready("redis")
        }
        Err(_) => {
            debug!("redis does not answer in time");
            unready("redis")
        }
    }
}

fn unready(failed: &'static str) -> Response {
    let health = Health { status: "unready", failed: Some(failed) };
    answer::json(StatusCode::SERVICE_UNAVAILABLE, &health)
}
