use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::client::{CallError, HttpClient};
use super::retry::{Chance, retry_after};
use crate::server::{self, Shutdown, Timeouts};
use crate::trace::Trace;

/// Serves to the end of the test; returns the URL.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = Shutdown {
        grace_period: Duration::from_secs(1),
        drain_delay: Duration::ZERO,
        draining: CancellationToken::new(),
    };
    let never = std::future::pending();
    tokio::spawn(server::serve(listener, router, shutdown, Timeouts::default(), never));
    url
}

/// Half the longest wait, each time; it is recorded, not waited.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<Duration>>>);

impl Recorded {
    fn waits(&self) -> Vec<u128> {
        self.0.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

#[async_trait]
impl Chance for Recorded {
    fn fraction(&self) -> f64 {
        0.5
    }

    async fn wait(&self, pause: Duration) {
        self.0.lock().unwrap().push(pause);
    }
}

fn client_of(url: &str) -> (HttpClient, Recorded) {
    let recorded = Recorded::default();
    let mut client = HttpClient::new("lamps", "LAMPS_URL", |_| Some(url.to_owned())).unwrap();
    client.chance = Box::new(recorded.clone());
    (client, recorded)
}

type Respond = fn() -> Response;

/// What the need was sent.
struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A need that answers with each response in turn, and with the last one from then on.
struct Need {
    client: HttpClient,
    recorded: Recorded,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Need {
    async fn answering(responses: Vec<Respond>) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let handler = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let mut seen = seen.lock().unwrap();
            seen.push(Call { method, uri, headers, body });
            responses[seen.len().min(responses.len()) - 1]()
        };
        let (client, recorded) = client_of(&serve(Router::new().fallback(handler)).await);
        Self { client, recorded, calls }
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    async fn send(&self, method: Method) -> Result<Bytes, CallError> {
        self.client.send(&Trace::begin(), method, "/", None).await
    }

    async fn get(&self) -> Result<Bytes, CallError> {
        self.send(Method::GET).await
    }
}

fn ok() -> Response {
    r#"{"ok":true}"#.into_response()
}

fn unavailable() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn has_status(result: &Result<Bytes, CallError>, expected: u16) -> bool {
    matches!(result, Err(CallError::Status { status, .. }) if *status == expected)
}

#[test]
fn what_is_no_url_is_refused() {
    for url in ["", "localhost:80", "redis://x", "https://x", "http://", "://"] {
        assert!(HttpClient::new("lamps", "LAMPS_URL", |_| Some(url.to_owned())).is_err(), "{url}");
    }
}

#[tokio::test]
async fn json_is_sent_and_read() {
    let need = Need::answering(vec![ok]).await;
    let body = Some(Bytes::from_static(b"{\"n\":1}"));
    need.client.send(&Trace::begin(), Method::POST, "/a?b=c", body.clone()).await.unwrap();
    let answer: Value = need.client.get(&Trace::begin(), "/").await.unwrap();
    assert_eq!(answer["ok"], true);
    let calls = need.calls.lock().unwrap();
    let sent = &calls[0];
    assert_eq!((&sent.method, sent.uri.to_string().as_str()), (&Method::POST, "/a?b=c"));
    assert_eq!(sent.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(Some(&sent.body), body.as_ref());
    assert!(!calls[1].headers.contains_key(header::CONTENT_TYPE));
}

#[tokio::test]
async fn other_answers_are_errors() {
    let need = Need::answering(vec![|| StatusCode::NOT_FOUND.into_response()]).await;
    assert!(has_status(&need.get().await, 404));
    assert_eq!(need.calls(), 1);
    let need = Need::answering(vec![|| "no JSON".into_response()]).await;
    let result = need.client.get::<Value>(&Trace::begin(), "/").await;
    assert!(matches!(result, Err(CallError::Unexpected { .. })), "{result:?}");
}

#[tokio::test]
async fn failures_that_pass_are_tried_again() {
    let failures: [Respond; 3] = [
        || StatusCode::BAD_GATEWAY.into_response(),
        unavailable,
        || StatusCode::GATEWAY_TIMEOUT.into_response(),
    ];
    for failure in failures {
        let need = Need::answering(vec![failure, failure, ok]).await;
        assert!(need.get().await.is_ok());
        assert_eq!((need.calls(), need.recorded.waits()), (3, vec![25, 50]));
    }
}

#[tokio::test]
async fn the_last_retry_decides() {
    let need = Need::answering(vec![unavailable]).await;
    assert!(has_status(&need.get().await, 503));
    assert_eq!(need.calls(), 3);
}

#[tokio::test]
async fn other_methods_and_other_failures_are_tried_once() {
    let others: [(Method, u16, Respond); 5] = [
        (Method::POST, 503, unavailable),
        (Method::PATCH, 502, || StatusCode::BAD_GATEWAY.into_response()),
        (Method::GET, 500, || StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        (Method::GET, 429, || StatusCode::TOO_MANY_REQUESTS.into_response()),
        (Method::PUT, 409, || StatusCode::CONFLICT.into_response()),
    ];
    for (method, status, answer) in others {
        let need = Need::answering(vec![answer]).await;
        assert!(has_status(&need.send(method.clone()).await, status), "{method} {status}");
        assert_eq!(need.calls(), 1, "{method} {status}");
    }
}

#[tokio::test]
async fn a_need_that_is_away_is_tried_again() {
    let address = StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (method, waits) in [(Method::GET, 2), (Method::POST, 0)] {
        let (client, recorded) = client_of(&format!("http://{address}"));
        let result = client.send(&Trace::begin(), method, "/", None).await;
        assert!(matches!(result, Err(CallError::Connection { .. })), "{result:?}");
        assert_eq!(recorded.waits().len(), waits);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, recorded) = client_of(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        loop {
            // Takes the request, and hangs up.
            let (stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
            let _ = stream.try_read(&mut [0; 4096]);
        }
    });
    let result = client.send(&Trace::begin(), Method::GET, "/", None).await;
    assert!(matches!(result, Err(CallError::Connection { .. })), "{result:?}");
    assert_eq!(recorded.waits().len(), 2);
}

#[tokio::test]
async fn retry_after_is_honoured_within_bounds() {
    let cases: [(Respond, usize, Vec<u128>); 3] = [
        (|| ([(header::RETRY_AFTER, "1")], unavailable()).into_response(), 2, vec![1000]),
        (|| ([(header::RETRY_AFTER, "3600")], unavailable()).into_response(), 1, vec![]),
        (|| ([(header::RETRY_AFTER, "soon")], unavailable()).into_response(), 2, vec![25]),
    ];
    for (failure, calls, waits) in cases {
        let need = Need::answering(vec![failure, ok]).await;
        let _ = need.get().await;
        assert_eq!((need.calls(), need.recorded.waits()), (calls, waits));
    }
}

#[test]
fn retry_after_may_be_a_date() {
    let now = httpdate::parse_http_date("Thu, 02 Jan 2025 03:04:05 GMT").unwrap();
    let pause = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().unwrap());
        retry_after(&headers, now)
    };
    assert_eq!(pause("Thu, 02 Jan 2025 03:04:15 GMT"), Duration::from_secs(10));
    assert_eq!(pause("Thu, 02 Jan 2025 03:04:00 GMT"), Duration::ZERO);
    assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), Duration::ZERO);
}

#[tokio::test]
async fn time_limits_end_the_call() {
    let short = Duration::from_millis(20);
    for total in [false, true] {
        let url = serve(Router::new().fallback(std::future::pending::<StatusCode>)).await;
        let (mut client, recorded) = client_of(&url);
        let limits = &mut client.limits;
        *(if total { &mut limits.total_timeout } else { &mut limits.try_timeout }) = short;
        let result = client.send(&Trace::begin(), Method::GET, "/", None).await;
        assert!(matches!(result, Err(CallError::Timeout(_))), "{result:?}");
        assert_eq!(recorded.waits().len(), 0);
    }
}

#[tokio::test]
async fn nothing_waits_beyond_the_total_timeout() {
    let mut need = Need::answering(vec![unavailable]).await;
    need.client.limits.retries.backoff_base = Duration::from_secs(3600);
    need.client.limits.retries.backoff_max = Duration::from_secs(3600);
    assert!(has_status(&need.get().await, 503));
    assert_eq!((need.calls(), need.recorded.waits()), (1, vec![]));
}

#[test]
fn handlers_can_make_calls() {
    // It is enough that this compiles: axum takes only handlers whose futures are Send.
    fn of_a_handler<F: Future + Send>(_: F) {}
    let (client, _) = client_of("http://localhost");
    let trace = Trace::begin();
    of_a_handler(client.send(&trace, Method::PUT, "/", Some(Bytes::new())));
    of_a_handler(client.get::<Value>(&trace, "/"));
}

#[tokio::test]
async fn the_trace_is_passed_on_with_spans_of_its_own() {
    let need = Need::answering(vec![unavailable, ok]).await;
    let trace = Trace { request_id: Some("r1".to_owned()), ..Trace::begin() };
    need.client.send(&trace, Method::GET, "/", None).await.unwrap();
    let calls = need.calls.lock().unwrap();
    let seen: Vec<_> = calls.iter().map(|call| Trace::from_headers(&call.headers)).collect();
    for each in &seen {
        assert_eq!((&each.trace_id, &each.request_id), (&trace.trace_id, &trace.request_id));
        assert_ne!(each.span_id, trace.span_id);
    }
    assert_ne!(seen[0].span_id, seen[1].span_id);
}

#[tokio::test]
async fn answers_that_are_too_large_are_refused() {
    let mut need = Need::answering(vec![|| vec![0_u8; 2000].into_response()]).await;
    need.client.limits.max_body_bytes = 1000;
    assert!(matches!(need.get().await, Err(CallError::TooLarge(_))));
}
