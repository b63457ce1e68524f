use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::problem::{Problem, WrongValue};
use crate::shipments::{MAX_ADDRESS_LENGTH, MAX_ORDER_LENGTH, MAX_RECIPIENT_LENGTH};

pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a client says about a shipment: the body of POST.
pub(super) struct Draft {
    pub(super) order: String,
    pub(super) address: String,
    pub(super) recipient: String,
}

impl<S: Sync> FromRequest<S> for Draft {
    type Rejection = Problem;

    /// Does not deserialize into the struct: that stops at the first wrong value.
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "The body must be application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = read(request.into_body(), BODY_TIMEOUT).await?;
        let json = parse(&body)
            .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "The body is not JSON."))?;
        let fields = serde_json::from_str(json.get())
            .map_err(|_| invalid(vec![wrong(String::new(), "must be an object")]))?;

        let mut checker = Checker { fields, wrong: Vec::new() };
        let order = checker.text("order", MAX_ORDER_LENGTH);
        let address = checker.text("address", MAX_ADDRESS_LENGTH);
        let recipient = checker.email("recipient", MAX_RECIPIENT_LENGTH);
        checker.refuse_others();
        match (order, address, recipient) {
            (Some(order), Some(address), Some(recipient)) if checker.wrong.is_empty() => {
                Ok(Self { order, address, recipient })
            }
            _ => Err(invalid(checker.wrong)),
        }
    }
}

fn invalid(errors: Vec<WrongValue>) -> Problem {
    Problem::unprocessable("The body has values that are not allowed.", errors)
}

fn wrong(pointer: String, detail: impl Into<Cow<'static, str>>) -> WrongValue {
    WrongValue { pointer, detail: detail.into(), ..WrongValue::default() }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

pub(super) async fn read(body: Body, limit: Duration) -> Result<Bytes, Problem> {
    match timeout(limit, Limited::new(body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let detail = format!("The body must not be larger than {MAX_BODY_BYTES} bytes.");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).closing())
        }
        Ok(Err(_)) => Err(Problem::new(StatusCode::BAD_REQUEST, "The body ended too early.")),
        Err(_) => {
            let detail = "The body did not arrive in time.";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, detail).closing())
        }
    }
}

fn parse(body: &[u8]) -> Option<&RawValue> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

/// Takes values out of an object and collects what is wrong with them.
struct Checker<'a> {
    fields: BTreeMap<String, &'a RawValue>,
    wrong: Vec<WrongValue>,
}

impl Checker<'_> {
    fn fail(&mut self, name: &str, detail: impl Into<Cow<'static, str>>) {
        self.wrong.push(wrong(pointer(name), detail));
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let value = self.fields.remove(name);
        if value.is_none() {
            self.fail(name, "is required");
        }
        value.map(|value| value.get().to_owned())
    }

    fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let Ok(text) = serde_json::from_str::<String>(&self.take(name)?) else {
            self.fail(name, "must be a string");
            return None;
        };
        if !(1..=most).contains(&text.chars().count()) {
            self.fail(name, format!("must have 1 to {most} characters"));
            return None;
        }
        Some(text)
    }

    /// Refuses what cannot be an address; whether it is one, only a mail to it tells.
    fn email(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.text(name, most)?;
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_graphic());
        match text.split_once('@') {
            Some((local, domain)) if is_part(local) && is_part(domain) && !domain.contains('@') => {
                Some(text)
            }
            _ => {
                self.fail(name, "must be an e-mail address");
                None
            }
        }
    }

    fn refuse_others(&mut self) {
        for name in std::mem::take(&mut self.fields).into_keys() {
            self.fail(&name, "is not a known field");
        }
    }
}

/// Makes a JSON Pointer (RFC 6901) to a field of the body.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
