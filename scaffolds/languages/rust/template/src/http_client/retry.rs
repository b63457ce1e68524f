use std::error::Error;
use std::time::{Duration, SystemTime};
use std::{io, iter};

use async_trait::async_trait;
use axum::http::{HeaderMap, Method, StatusCode, header};
use hyper_util::client::legacy;
use tokio::time::{Instant, sleep};

use super::client::{Answer, CallError};
use crate::random;

/// When a failed attempt is made again.
#[derive(Clone)]
pub struct Retries {
    /// Attempts after the first.
    pub most: u32,
    /// The first wait is random, up to this; each further one up to double.
    pub backoff_base: Duration,
    /// No wait is longer.
    pub backoff_max: Duration,
    /// A need that asks for more is not asked again.
    pub max_retry_after: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            most: 2,
            backoff_base: Duration::from_millis(50),
            backoff_max: Duration::from_secs(1),
            max_retry_after: Duration::from_secs(2),
        }
    }
}

/// The dice and the clock, replaced in tests.
#[async_trait]
pub(super) trait Chance: Send + Sync {
    /// From 0 to 1.
    fn fraction(&self) -> f64;

    async fn wait(&self, pause: Duration);
}

pub(super) struct Dice;

#[async_trait]
impl Chance for Dice {
    fn fraction(&self) -> f64 {
        f64::from(u32::from_ne_bytes(random::bytes())) / f64::from(u32::MAX)
    }

    async fn wait(&self, pause: Duration) {
        sleep(pause).await;
    }
}

impl Retries {
    /// Makes attempts until one gives an answer worth having, or the limits are reached.
    ///
    /// Only idempotent methods are tried again, and only after failures that pass: no connection, a
    /// connection that broke before the answer, 502, 503, 504. A time-out is not one of them: a
    /// need that is slow gets slower when it is asked twice.
    pub(super) async fn run<F: Future<Output = Result<Answer, CallError>>>(
        &self,
        method: &Method,
        deadline: Instant,
        chance: &dyn Chance,
        // Not AsyncFn: what a caller makes of that is not known to be Send, which handlers are.
        attempt: impl Fn() -> F,
    ) -> Result<Answer, CallError> {
        for n in 0..self.most {
            let result = attempt().await;
            if !method.is_idempotent() || !passes(&result) {
                return result;
            }
            let asked = result
                .as_ref()
                .map_or(Duration::ZERO, |answer| retry_after(&answer.headers, SystemTime::now()));
            let pause = self.backoff(n).mul_f64(chance.fraction()).max(asked);
            // It is not worthwhile to wait longer than the call may take.
            if asked > self.max_retry_after || Instant::now() + pause >= deadline {
                return result;
            }
            chance.wait(pause).await;
        }
        attempt().await
    }

    /// The longest wait after attempt n. What is waited is random ("full jitter"), so that callers
    /// who failed together do not come back together.
    fn backoff(&self, n: u32) -> Duration {
        self.backoff_base.saturating_mul(2_u32.saturating_pow(n)).min(self.backoff_max)
    }
}

/// Says whether the same attempt may well succeed a moment later.
fn passes(result: &Result<Answer, CallError>) -> bool {
    match result {
        Ok(answer) => matches!(
            answer.status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        ),
        Err(CallError::Connection { error, .. }) => broke(&**error),
        Err(_) => false,
    }
}

fn broke(error: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(error), |&error| error.source()).any(|error| {
        error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect)
            || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
            || error.downcast_ref::<io::Error>().is_some_and(|error| {
                matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
            })
    })
}

/// Reads both forms of RFC 9110, section 10.2.3: seconds, and a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Duration {
    let value = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let value = value.unwrap_or_default();
    // 32 bits of seconds are more than anybody waits.
    if let Ok(seconds) = value.parse::<u32>() {
        return Duration::from_secs(seconds.into());
    }
    let date = httpdate::parse_http_date(value).ok();
    date.and_then(|date| date.duration_since(now).ok()).unwrap_or_default()
}
