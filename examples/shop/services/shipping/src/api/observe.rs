use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{Instrument, error, error_span, info};

use super::Shared;
use super::problem::Problem;
use crate::trace::Trace;

/// Puts around a handler what every route has: the trace, the request's log line, its metrics, and
/// an answer where the handler panics.
pub(super) async fn observe(
    State(api): Shared,
    matched: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();

    let trace = Trace::from_headers(request.headers());
    // At the highest level, so that every line that is logged has the trace.
    let span = error_span!(
        "request",
        trace_id = trace.trace_id,
        span_id = trace.span_id,
        request_id = trace.request_id,
    );
    request.extensions_mut().insert(trace);

    let answer = async {
        let mut response = answer_or_problem(next.run(request)).await;
        let (status, took) = (response.status(), start.elapsed());
        api.metrics.observe(&method, route, status, took);
        // Probes ask every few seconds: only their failures are worth a line.
        if !route.starts_with("/health/") || status != StatusCode::OK {
            log(&method, &path, status, took);
        }
        if api.draining.is_cancelled() {
            // Tells the client to leave this connection.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    };
    answer.instrument(span).await
}

/// The panic itself is logged by the panic hook, which knows where it was.
async fn answer_or_problem(handler: impl Future<Output = Response>) -> Response {
    let mut handler = pin!(handler);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(Problem::internal().into_response()))
    })
    .await
}

fn log(method: &Method, path: &str, status: StatusCode, took: Duration) {
    let (method, status_code) = (method.as_str(), status.as_u16());
    let duration_ms = took.as_micros() as f64 / 1000.0;
    if status.is_server_error() {
        error!(method, path, status = status_code, duration_ms, "request");
    } else {
        info!(method, path, status = status_code, duration_ms, "request");
    }
}
