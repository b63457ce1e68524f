use std::error::Error;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, timeout, timeout_at};

use super::retry::{Chance, Dice, Retries};
use crate::trace::Trace;

/// All calls go to one host.
const IDLE_CONNECTIONS: usize = 32;
/// Shorter than servers keep idle connections, which are mostly 60 s and more.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// Bounds of what one call may take.
#[derive(Clone)]
pub struct Limits {
    /// One attempt, from connecting to the end of the body.
    pub try_timeout: Duration,
    /// All attempts and the waits between them.
    pub total_timeout: Duration,
    pub max_body_bytes: usize,
    pub retries: Retries,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            try_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(5),
            max_body_bytes: 1024 * 1024,
            retries: Retries::default(),
        }
    }
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// An answer that is not a success.
    #[error("{need} answered {status}")]
    Status { need: &'static str, status: StatusCode, body: Bytes },
    #[error("{0} did not answer in time")]
    Timeout(&'static str),
    #[error("{need}: {error}")]
    Connection { need: &'static str, error: Box<dyn Error + Send + Sync> },
    #[error("{0} answered more than this service takes")]
    TooLarge(&'static str),
}

#[derive(Debug, thiserror::Error)]
pub enum WrongUrl {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{variable}: {url:?} is not an http:// URL")]
    Invalid { variable: &'static str, url: String },
}

/// Calls one need. Make one at the start and keep it: it keeps connections.
pub struct HttpClient {
    need: &'static str,
    base: String,
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    pub(super) limits: Limits,
    pub(super) chance: Box<dyn Chance>,
}

/// What one attempt gave.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl HttpClient {
    /// Takes the need's base URL from the variable.
    pub fn new(
        need: &'static str,
        variable: &'static str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, WrongUrl> {
        let url = environment(variable).unwrap_or_default();
        if url.is_empty() {
            return Err(WrongUrl::Missing(variable));
        }
        let parsed = url.parse::<Uri>().ok();
        if parsed.and_then(|uri| uri.scheme_str().map(|scheme| scheme == "http")) != Some(true) {
            return Err(WrongUrl::Invalid { variable, url });
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector);
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { need, base, http, limits: Limits::default(), chance: Box::new(Dice) })
    }

    /// Sends a body of JSON, or none, and returns that of the answer.
    pub async fn send(
        &self,
        trace: &Trace,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Bytes, CallError> {
        let deadline = Instant::now() + self.limits.total_timeout;
        let attempt = || self.attempt(trace, &method, path, body.clone());
        let attempts = self.limits.retries.run(&method, deadline, &*self.chance, attempt);
        let answer = match timeout_at(deadline, attempts).await {
            Ok(result) => result?,
            Err(_) => return Err(CallError::Timeout(self.need)),
        };
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(CallError::Status { need: self.need, status: answer.status, body: answer.body })
        }
    }

    async fn attempt(
        &self,
        trace: &Trace,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer, CallError> {
        match timeout(self.limits.try_timeout, self.exchange(trace, method, path, body)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(CallError::TooLarge(self.need)),
            Ok(Err(error)) => Err(CallError::Connection { need: self.need, error }),
            Err(_) => Err(CallError::Timeout(self.need)),
        }
    }

    async fn exchange(
        &self,
        trace: &Trace,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::ACCEPT, &json);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, &json);
        }
        let mut request = request.body(Full::new(body.unwrap_or_default()))?;
        trace.inject(request.headers_mut());

        let (head, body) = self.http.request(request).await?.into_parts();
        let body = Limited::new(body, self.limits.max_body_bytes).collect().await?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}
