//! The running service behind the gateway at GATEWAY_URL, whose store may hold the shipments of others.
//! Requests that follow one another may be answered by different replicas.
//!
//! `cargo test` leaves these out; `cargo test --test integration -- --ignored` runs them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

const PATH: &str = "/shipping/items";

struct Gateway {
    url: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Gateway {
    fn new() -> Self {
        let url = std::env::var("GATEWAY_URL").expect("GATEWAY_URL tells where the gateway is");
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { url: url.trim_end_matches('/').to_owned(), http }
    }

    /// Sends a request whose path is below that of the shipments.
    async fn send(
        &self,
        method: Method,
        below: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("{}{PATH}{below}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let (head, body) = self.http.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    async fn get(&self, below: &str) -> Answer {
        self.send(Method::GET, below, "", &[]).await
    }

    async fn post(&self, below: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, below, body.to_string(), &headers).await
    }

    /// Makes a shipment and returns it.
    async fn create(&self, order: &str) -> Value {
        let answer = self.post("", &parcel(order)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    fn problem(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status.as_u16());
        problem
    }
}

fn below(shipment: &Value) -> String {
    format!("/{}", shipment["id"].as_str().unwrap())
}

fn parcel(order: &str) -> Value {
    json!({"order": order, "address": "Hafenstraße 1", "recipient": "ann@example.com"})
}

/// The name of an order that no earlier run has used: shipments stay.
fn new_order() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{}-{}", since_1970.as_nanos(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn a_shipment_is_created_once_read_listed_and_dispatched() {
    let gateway = Gateway::new();
    let order = new_order();
    let created = gateway.post("", &parcel(&order)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let mut shipment = created.json();
    let path = below(&shipment);
    assert_eq!(shipment["state"], "preparing");
    assert_eq!(created.headers[header::LOCATION], format!("{PATH}{path}"));
    assert_eq!(gateway.get(&path).await.json(), shipment);
    assert_eq!(count_in_list(&gateway, std::slice::from_ref(&shipment)).await, [1]);

    let again = gateway.post("", &parcel(&order)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, shipment.clone()));

    shipment["state"] = json!("shipped");
    for _ in 0..2 {
        let dispatched = gateway.send(Method::POST, &format!("{path}/dispatch"), "", &[]).await;
        assert_eq!((dispatched.status, dispatched.json()), (StatusCode::OK, shipment.clone()));
    }
    let list = gateway.get(&format!("?order={order}")).await.json();
    assert_eq!(list, json!({"items": [shipment]}));
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn unknown_shipments_are_not_found() {
    let gateway = Gateway::new();
    for path in ["/0190163d-8694-739b-aea5-966c26f8ad91", "/1"] {
        gateway.get(path).await.problem(StatusCode::NOT_FOUND);
        let answer = gateway.send(Method::POST, &format!("{path}/dispatch"), "", &[]).await;
        answer.problem(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn every_wrong_value_is_named() {
    let gateway = Gateway::new();
    let body = json!({"order": "", "address": 1, "recipient": "ann", "a/b": 2});
    let answer = gateway.post("", &body).await;
    let problem = answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
    let errors = problem["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/order", "/address", "/recipient", "/a~1b"]);
    gateway.get("?limit=0").await.problem(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn other_bodies_are_refused() {
    let gateway = Gateway::new();
    let text = gateway.send(Method::POST, "", "lamp", &[("content-type", "text/plain")]).await;
    text.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let json = gateway.send(Method::POST, "", "{", &[("content-type", "application/json")]).await;
    json.problem(StatusCode::BAD_REQUEST);
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn other_methods_are_refused_with_allow() {
    let answer = Gateway::new().send(Method::PATCH, "", "", &[]).await;
    answer.problem(StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers[header::ALLOW], "GET, HEAD, POST");
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn pages_hold_each_shipment_once() {
    let gateway = Gateway::new();
    let mut shipments = Vec::new();
    for _ in 0..7 {
        shipments.push(gateway.create(&new_order()).await);
    }
    assert_eq!(count_in_list(&gateway, &shipments).await, [1; 7]);
}

/// How often each shipment is in the list, read in pages.
async fn count_in_list(gateway: &Gateway, shipments: &[Value]) -> Vec<usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut query = "?limit=100".to_owned();
    loop {
        let answer = gateway.get(&query).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let page = answer.json();
        for shipment in page["items"].as_array().unwrap() {
            *counts.entry(below(shipment)).or_default() += 1;
        }
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?limit=100&cursor={cursor}");
    }
    shipments
        .iter()
        .map(|shipment| counts.get(&below(shipment)).copied().unwrap_or_default())
        .collect()
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn an_order_that_is_sent_many_times_at_once_has_one_shipment() {
    let gateway = std::sync::Arc::new(Gateway::new());
    let order = new_order();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (gateway, body) = (gateway.clone(), parcel(&order));
        tasks.spawn(async move { gateway.post("", &body).await });
    }
    let answers = tasks.join_all().await;
    let created = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let ids: HashSet<_> = answers.iter().map(|answer| below(&answer.json())).collect();
    assert_eq!((created, ids.len()), (1, 1));
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn head_is_answered_as_get_without_a_body() {
    let gateway = Gateway::new();
    let made = below(&gateway.create(&new_order()).await);
    for (path, status) in [(made, StatusCode::OK), ("/1".to_owned(), StatusCode::NOT_FOUND)] {
        let answer = gateway.send(Method::HEAD, &path, "", &[]).await;
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn trace_headers_are_taken() {
    let gateway = Gateway::new();
    for traceparent in ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "not a trace"] {
        let headers = [("traceparent", traceparent), ("x-request-id", "r1")];
        let answer = gateway.send(Method::GET, "?limit=1", "", &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "{traceparent}");
    }
}
