use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde_json::{Value, json};

use super::{Fixture, PARCEL};
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
        ("order=", vec!["order"]),
        ("cursor=&limit=-1&order=", vec!["order", "limit", "cursor"]),
    ] {
        let problem = service.get(&format!("/items?{query}")).await.problem(422);
        assert_eq!(texts(&problem, "parameter"), parameters, "{query}");
    }
}

/// PARCEL with another value of one field; none: without the field.
fn parcel_with(name: &str, value: Option<&str>) -> String {
    let fields = [
        ("order", r#""o1""#),
        ("address", r#""Harbour Street 1""#),
        ("recipient", r#""ann@example.com""#),
    ];
    let mut members: Vec<_> = fields
        .iter()
        .filter(|(each, _)| *each != name)
        .map(|(name, value)| format!(r#""{name}":{value}"#))
        .collect();
    members.extend(value.map(|value| format!(r#""{name}":{value}"#)));
    format!("{{{}}}", members.join(","))
}

#[tokio::test]
async fn wrong_values_are_unprocessable() {
    let service = Fixture::new();
    let quoted = |c: &str, n| format!(r#""{}""#, c.repeat(n));
    let mut cases = vec![
        ("{}".to_owned(), vec!["/order", "/address", "/recipient"]),
        ("[]".to_owned(), vec![""]),
        ("null".to_owned(), vec![""]),
        (r#""lamp""#.to_owned(), vec![""]),
        (r#"{"order":1,"address":"","recipient":"x","state":"shipped"}"#.to_owned(), {
            vec!["/order", "/address", "/recipient", "/state"]
        }),
        (parcel_with("state", Some(r#""shipped""#)), vec!["/state"]),
        (parcel_with("a/b", Some("2")), vec!["/a~1b"]),
        (parcel_with("order", Some(&quoted("é", 65))), vec!["/order"]),
        (parcel_with("address", Some(&quoted("é", 201))), vec!["/address"]),
        (parcel_with("address", None), vec!["/address"]),
        (parcel_with("recipient", Some(&format!(r#""{}@b""#, "a".repeat(253)))), {
            vec!["/recipient"]
        }),
    ];
    for value in [r#""""#, "null", "7", "true", "[]"] {
        cases.push((parcel_with("order", Some(value)), vec!["/order"]));
        cases.push((parcel_with("address", Some(value)), vec!["/address"]));
        cases.push((parcel_with("recipient", Some(value)), vec!["/recipient"]));
    }
    for value in ["a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", r"a@b\n", "ä@b"] {
        cases.push((parcel_with("recipient", Some(&format!(r#""{value}""#))), vec!["/recipient"]));
    }
    for (body, pointers) in cases {
        let problem = service.call("POST", "/items", &body).await.problem(422);
        assert_eq!(texts(&problem, "pointer"), pointers, "{body}");
    }
}

#[tokio::test]
async fn values_at_their_limits_are_taken() {
    let service = Fixture::new();
    let (order, address) = ("é".repeat(64), "é".repeat(200));
    let recipient = format!("{}@b", "a".repeat(252));
    let longest = json!({"order": order, "address": address, "recipient": recipient});
    let made = service.create(&longest.to_string()).await;
    assert_eq!((&made["order"], &made["recipient"]), (&json!(order), &json!(recipient)));
    let spaced = r#"{"order":"x","address":"y",  "recipient":"a@b"} "#;
    service.create(&format!(" \r\n\t{spaced}")).await;
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let service = Fixture::new();
    let bodies: [&[u8]; 7] = [
        b"",
        b" ",
        b"{",
        br#"{"order":"o1"}}"#,
        br#"{"order":'o1'}"#,
        b"{\"order\":\"\xff\"}",
        br#"{"order":NaN}"#,
    ];
    for body in bodies {
        service.send("POST", "/items", body, &[]).await.problem(400);
    }
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let service = Fixture::new();
    let largest = PARCEL.to_owned() + &" ".repeat(MAX_BODY_BYTES - PARCEL.len());
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
        service.send("POST", "/items", PARCEL, &headers).await.problem(415);
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    let answer = service.send("POST", "/items", PARCEL, &headers).await;
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
