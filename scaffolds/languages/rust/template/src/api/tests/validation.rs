use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::Value;

use super::{Fixture, LAMP};
use crate::api::body::{self, MAX_BODY_BYTES};

fn texts<'a>(problem: &'a Value, key: &str) -> Vec<&'a str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| error[key].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn wrong_pages_are_unprocessable() {
    let service = Fixture::new();
    for (query, parameters) in [
        ("limit=0", vec!["limit"]),
        ("limit=101", vec!["limit"]),
        ("limit=x", vec!["limit"]),
        ("limit=", vec!["limit"]),
        ("cursor=x", vec!["cursor"]),
        ("cursor=&limit=-1", vec!["limit", "cursor"]),
    ] {
        let problem = service.get(&format!("/items?{query}")).await.problem(422);
        assert_eq!(texts(&problem, "parameter"), parameters, "{query}");
    }
}

#[tokio::test]
async fn wrong_values_are_unprocessable() {
    let service = Fixture::new();
    let long = format!(r#"{{"name":"{}","quantity":1}}"#, "é".repeat(101));
    for (body, pointers) in [
        ("{}", vec!["/name", "/quantity"]),
        ("[]", vec![""]),
        ("null", vec![""]),
        (r#""lamp""#, vec![""]),
        (r#"{"name":"","quantity":1}"#, vec!["/name"]),
        (r#"{"name":null,"quantity":1}"#, vec!["/name"]),
        (r#"{"name":7,"quantity":1}"#, vec!["/name"]),
        (r#"{"name":"lamp","quantity":-1}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":1000001}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":1e400}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":1.5}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":"1"}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":true}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":null}"#, vec!["/quantity"]),
        (r#"{"name":"lamp","quantity":1,"a/b":2}"#, vec!["/a~1b"]),
        (r#"{"Name":"lamp","quantity":1}"#, vec!["/name", "/Name"]),
        (r#"{"name":"lamp","quantity":1,"id":""}"#, vec!["/id"]),
        (&long, vec!["/name"]),
    ] {
        let problem = service.call("POST", "/items", body).await.problem(422);
        assert_eq!(texts(&problem, "pointer"), pointers, "{body}");
    }
}

#[tokio::test]
async fn values_at_their_limits_are_taken() {
    let service = Fixture::new();
    let longest = format!(r#"{{"name":"{}","quantity":1000000}}"#, "é".repeat(100));
    assert_eq!(service.create(&longest).await["quantity"], 1_000_000);
    assert_eq!(service.create(r#"{"name":"x","quantity":2.0}"#).await["quantity"], 2);
    service.create(" \r\n{\"name\":\"x\",\t\"quantity\":0} ").await;
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let service = Fixture::new();
    let bodies: [&[u8]; 8] = [
        b"",
        b" ",
        b"{",
        br#"{"name":"lamp","quantity":1}}"#,
        br#"{"name":'lamp'}"#,
        b"{\"name\":\"\xff\",\"quantity\":1}",
        br#"{"name":"lamp","quantity":NaN}"#,
        br#"{"name":"lamp","quantity":01}"#,
    ];
    for body in bodies {
        service.send("POST", "/items", body, &[]).await.problem(400);
    }
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let service = Fixture::new();
    let largest = LAMP.to_owned() + &" ".repeat(MAX_BODY_BYTES - LAMP.len());
    service.create(&largest).await;
    let answer = service.call("POST", "/items", &(largest + " ")).await;
    let problem = answer.problem(413);
    assert_eq!(problem["title"], "Request Entity Too Large");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn other_media_types_are_refused() {
    let service = Fixture::new();
    for media_type in ["", "text/plain", "application/xml", "application/jsonx", "application/"] {
        let headers = [("content-type", media_type)];
        service.send("POST", "/items", LAMP, &headers).await.problem(415);
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    let answer = service.send("POST", "/items", LAMP, &headers).await;
    assert_eq!(answer.status, 201);
}

/// A body that does not arrive.
struct Silent;

impl hyper::body::Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_timeout() {
    let refused = body::read(Body::new(Silent), Duration::from_millis(5)).await.unwrap_err();
    let answer = refused.into_response();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answer.headers()["connection"], "close");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("did not arrive in time"));
}
