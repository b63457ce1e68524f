//! The identity of a request, as told by its headers: for the log, and for the calls that the
//! request makes. It is W3C Trace Context for a service that continues traces and records no spans
//! of its own.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::random;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request's trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits: the span of who called.
    pub span_id: String,
    /// 2 hex digits.
    pub flags: String,
    /// tracestate, passed on as it came.
    pub state: Option<String>,
    /// X-Request-Id, if the caller sent one.
    pub request_id: Option<String>,
}

impl Trace {
    /// Begins a trace, marked as sampled.
    pub fn begin() -> Self {
        Self {
            trace_id: random_hex::<16>(),
            span_id: random_hex::<8>(),
            flags: "01".to_owned(),
            state: None,
            request_id: None,
        }
    }

    /// Continues the caller's trace, or begins a new one if traceparent is absent or invalid.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut trace = match parse(headers) {
            Some(trace) => Self { state: joined(headers, &TRACESTATE), ..trace },
            None => Self::begin(),
        };
        let request_id = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        trace.request_id = request_id.filter(|id| !id.is_empty()).map(str::to_owned);
        trace
    }

    /// Adds the headers of a call that belongs to this trace. Each call gets a span id of its own.
    pub fn inject(&self, headers: &mut HeaderMap) {
        let parent = format!("00-{}-{}-{}", self.trace_id, random_hex::<8>(), self.flags);
        let values = [
            (TRACEPARENT, Some(&parent)),
            (TRACESTATE, self.state.as_ref()),
            (REQUEST_ID, self.request_id.as_ref()),
        ];
        for (name, value) in values {
            if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
    }
}

/// Reads version-traceid-parentid-flags. A version that is not known yet is read as version 00,
/// with more fields allowed after it, as the specification asks.
fn parse(headers: &HeaderMap) -> Option<Trace> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let mut fields = value.split('-');
    let mut field = |length| fields.next().filter(|field| is_hex(field, length));
    let (version, trace_id, span_id, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let more = fields.next().is_some();
    if version == "ff" || (version == "00" && more) || is_zero(trace_id) || is_zero(span_id) {
        return None;
    }
    Some(Trace {
        trace_id: trace_id.to_owned(),
        span_id: span_id.to_owned(),
        flags: flags.to_owned(),
        state: None,
        request_id: None,
    })
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|c| c == b'0')
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn random_hex<const N: usize>() -> String {
    random::bytes::<N>().iter().fold(String::with_capacity(2 * N), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn trace_of(pairs: &[(HeaderName, &str)]) -> Trace {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Trace::from_headers(&headers)
    }

    #[test]
    fn a_trace_is_continued() {
        let trace = trace_of(&[
            (TRACEPARENT, VALID),
            (TRACESTATE, "a=1"),
            (TRACESTATE, "b=2"),
            (REQUEST_ID, "r1"),
        ]);
        assert_eq!(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.span_id, "b7ad6b7169203331");
        assert_eq!(trace.flags, "01");
        assert_eq!(trace.state.as_deref(), Some("a=1,b=2"));
        assert_eq!(trace.request_id.as_deref(), Some("r1"));
    }

    #[test]
    fn invalid_input_begins_a_new_trace() {
        for value in [
            "",
            "00",
            &format!("{VALID}-more"),
            &VALID.replacen("00", "ff", 1),
            &VALID.to_uppercase(),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
            &(VALID.replacen("00", "01", 1) + "more"),
        ] {
            let trace = trace_of(&[(TRACEPARENT, value), (TRACESTATE, "a=1")]);
            assert_ne!(trace.trace_id, "0af7651916cd43dd8448eb211c80319c", "{value}");
            assert!(is_hex(&trace.trace_id, 32) && is_hex(&trace.span_id, 16), "{trace:?}");
            assert_eq!(trace.state, None, "{value}");
        }
    }

    #[test]
    fn later_versions_are_read() {
        let later = VALID.replacen("00", "01", 1) + "-more";
        assert_eq!(trace_of(&[(TRACEPARENT, &later)]).span_id, "b7ad6b7169203331");
    }

    #[test]
    fn two_parents_are_none() {
        let trace = trace_of(&[(TRACEPARENT, VALID), (TRACEPARENT, VALID)]);
        assert_ne!(trace.span_id, "b7ad6b7169203331");
    }

    #[test]
    fn a_call_keeps_the_trace_and_has_a_span_of_its_own() {
        let from = trace_of(&[(TRACEPARENT, VALID), (TRACESTATE, "a=1"), (REQUEST_ID, "r1")]);
        let mut headers = HeaderMap::new();
        from.inject(&mut headers);
        let call = Trace::from_headers(&headers);
        assert_ne!(call.span_id, from.span_id);
        assert_eq!(Trace { span_id: from.span_id.clone(), ..call }, from);
    }
}
