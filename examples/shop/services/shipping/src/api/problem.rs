use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::{error, warn};

use super::answer;
use crate::shipments::StoreError;

/// One failed request, answered as application/problem+json (RFC 9457). Its type is about:blank:
/// the status says what went wrong, detail and errors say what to change.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    errors: Vec<WrongValue>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One wrong value: in the body (RFC 6901) or in the query.
#[derive(Debug, Default, Serialize)]
pub(super) struct WrongValue {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) pointer: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) parameter: &'static str,
    pub(super) detail: Cow<'static, str>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [WrongValue],
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), headers: Vec::new() }
    }

    /// For what the client cannot help, and should not be told.
    pub(super) fn internal() -> Self {
        let detail = "The service failed to answer this request.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    pub(super) fn unprocessable(detail: &'static str, errors: Vec<WrongValue>) -> Self {
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Gives the connection up: the rest of the request may still be on its way.
    pub(super) fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    fn title(&self) -> &'static str {
        match self.status {
            // The name of RFC 9110's predecessor, which services in other languages use.
            StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
            status => status.canonical_reason().unwrap_or_default(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "There is no shipment with this id.")
            }
            StoreError::Unavailable(_) => {
                warn!(%error, "store not available");
                let detail = "The service's store does not answer at the moment.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
                    .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
            StoreError::Unreadable(_) => {
                error!(%error, "store failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut response = answer::json(self.status, &body);
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response.headers_mut().extend(self.headers);
        response
    }
}
