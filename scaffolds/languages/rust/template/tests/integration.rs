//! The running service behind the gateway at GATEWAY_URL, whose store may hold the items of others.
//! Requests that follow one another may be answered by different replicas.
//!
//! `cargo test` leaves these out; `cargo test --test integration -- --ignored` runs them.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

const PATH: &str = "/sample-service/items";

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

    /// Sends a request whose path is below the items'.
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

    async fn send_json(&self, method: Method, below: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send(method, below, body.to_string(), &headers).await
    }

    /// Makes an item and returns it.
    async fn create(&self, name: &str, quantity: u32) -> Value {
        let body = json!({"name": name, "quantity": quantity});
        let answer = self.send_json(Method::POST, "", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()
    }

    async fn delete(&self, item: &Value) -> StatusCode {
        self.send(Method::DELETE, &below(item), "", &[]).await.status
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

fn below(item: &Value) -> String {
    format!("/{}", item["id"].as_str().unwrap())
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn an_item_is_created_read_listed_replaced_and_deleted() {
    let gateway = Gateway::new();
    let body = json!({"name": "lämp", "quantity": 3});
    let created = gateway.send_json(Method::POST, "", &body).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let item = created.json();
    let path = below(&item);
    assert_eq!(created.headers[header::LOCATION], format!("{PATH}{path}"));
    assert_eq!(gateway.get(&path).await.json(), item);
    assert_eq!(count_in_list(&gateway, std::slice::from_ref(&item)).await, [1]);

    let replaced =
        gateway.send_json(Method::PUT, &path, &json!({"name": "light", "quantity": 4})).await;
    assert_eq!(replaced.status, StatusCode::OK);
    let expected = json!({"id": item["id"], "name": "light", "quantity": 4});
    assert_eq!(replaced.json(), expected);
    assert_eq!(gateway.get(&path).await.json(), expected);

    assert_eq!(gateway.delete(&item).await, StatusCode::NO_CONTENT);
    gateway.get(&path).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(gateway.delete(&item).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn unknown_items_are_not_found() {
    let gateway = Gateway::new();
    for path in ["/0190163d-8694-739b-aea5-966c26f8ad91", "/1"] {
        gateway.get(path).await.problem(StatusCode::NOT_FOUND);
        let body = json!({"name": "lamp", "quantity": 1});
        let answer = gateway.send_json(Method::PUT, path, &body).await;
        answer.problem(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn every_wrong_value_is_named() {
    let gateway = Gateway::new();
    let body = json!({"name": "", "quantity": -1, "a/b": 2});
    let answer = gateway.send_json(Method::POST, "", &body).await;
    let problem = answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
    let errors = problem["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/name", "/quantity", "/a~1b"]);
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
async fn pages_hold_each_item_once() {
    let gateway = Gateway::new();
    let mut items = Vec::new();
    for n in 0..7 {
        items.push(gateway.create("page", n).await);
    }
    assert_eq!(count_in_list(&gateway, &items).await, [1; 7]);
    for item in &items {
        gateway.delete(item).await;
    }
}

/// How often each item is in the list, read in pages of three.
async fn count_in_list(gateway: &Gateway, items: &[Value]) -> Vec<usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let answer = gateway.get(&query).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let page = answer.json();
        for item in page["items"].as_array().unwrap() {
            *counts.entry(below(item)).or_default() += 1;
        }
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        query = format!("?limit=3&cursor={cursor}");
    }
    items.iter().map(|item| counts.get(&below(item)).copied().unwrap_or_default()).collect()
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn items_created_at_the_same_time_are_all_there() {
    let gateway = std::sync::Arc::new(Gateway::new());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..16 {
        let gateway = gateway.clone();
        tasks.spawn(async move { gateway.create("at once", n).await });
    }
    for item in tasks.join_all().await {
        assert_eq!(gateway.get(&below(&item)).await.json(), item);
        gateway.delete(&item).await;
    }
}

#[tokio::test]
#[ignore = "needs GATEWAY_URL"]
async fn head_is_answered_as_get_without_a_body() {
    let gateway = Gateway::new();
    let item = gateway.create("head", 1).await;
    for (path, status) in [(below(&item), StatusCode::OK), ("/1".to_owned(), StatusCode::NOT_FOUND)]
    {
        let answer = gateway.send(Method::HEAD, &path, "", &[]).await;
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
    gateway.delete(&item).await;
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
