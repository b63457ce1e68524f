use std::backtrace::Backtrace;
use std::fmt;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, error, span};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Writes one JSON object a line: time, level, message, service, the event's fields, and those of
/// the spans around it: the trace of the request on whose behalf the line was logged.
pub struct JsonLines<W> {
    service: String,
    out: Mutex<W>,
}

impl<W: Write> JsonLines<W> {
    pub fn new(service: &str, out: W) -> Self {
        Self { service: service.to_owned(), out: Mutex::new(out) }
    }
}

impl<W, S> Layer<S> for JsonLines<W>
where
    W: Write + Send + 'static,
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.take("message");

        let mut line = Fields::default();
        line.add("time", humantime::format_rfc3339_millis(SystemTime::now()).to_string());
        line.add("level", event.metadata().level().as_str().to_lowercase());
        line.add("message", message);
        line.add("service", self.service.as_str());
        line.0.append(&mut fields.0);
        for span in ctx.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.0.extend_from_slice(&fields.0);
            }
        }

        let mut text = serde_json::to_vec(&line).unwrap_or_default();
        text.push(b'\n');
        // Nobody is left to tell when the log cannot be written.
        let _ = self.out.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text);
    }
}

/// A panic hook.
pub fn log_panic(info: &PanicHookInfo<'_>) {
    error!(error = %info, stack = %Backtrace::force_capture(), "panic");
}

/// Names and values in the order in which they came.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }

    fn take(&mut self, name: &str) -> Value {
        let at = self.0.iter().position(|(each, _)| *each == name);
        at.map_or(Value::Null, |at| self.0.remove(at).1)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing::{debug, error_span, info, warn};
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::test_log::Captured;

    fn lines_of(work: impl FnOnce()) -> Vec<Value> {
        let out = Captured::default();
        let layer = JsonLines::new("lamps", out.clone());
        let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO).with(layer);
        tracing::subscriber::with_default(subscriber, work);
        out.lines()
    }

    #[test]
    fn lines_are_json_with_the_trace() {
        let lines = lines_of(|| {
            let request_id = Some("r1");
            let _span =
                error_span!("request", trace_id = "t1", span_id = "s1", request_id).entered();
            debug!("not shown");
            warn!(n = 3, half = 0.5, yes = true, what = ?"x", "two\nlines");
        });
        assert_eq!(lines.len(), 1);
        let mut line = lines[0].clone();
        let time = line["time"].take().as_str().unwrap().to_owned();
        assert_eq!(time.len(), "2026-01-02T03:04:05.678Z".len(), "{time}");
        assert!(humantime::parse_rfc3339(&time).is_ok(), "{time}");
        let expected = serde_json::json!({
            "time": null, "level": "warn", "message": "two\nlines", "service": "lamps", "n": 3,
            "half": 0.5, "yes": true, "what": "\"x\"", "trace_id": "t1", "span_id": "s1",
            "request_id": "r1",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn lines_outside_a_request_have_no_trace() {
        let lines = lines_of(|| info!(address = %"127.0.0.1:1", "listening"));
        assert_eq!(lines[0]["address"], "127.0.0.1:1");
        assert!(lines[0].get("trace_id").is_none());
    }
}
