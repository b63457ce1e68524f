use std::time::Duration;

use axum::Router;

use super::Running;

const LONG: Duration = Duration::from_secs(10);

/// Looks at no body.
fn careless() -> Router {
    Router::new().fallback(async || "ok")
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_cost_the_connection() {
    let server = Running::start(LONG, Duration::ZERO, careless()).await;
    let mut client = server.connect().await;
    let body = "x".repeat(100_000);
    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n").await;
    client.write(&body).await;
    assert!(client.answer().await.ends_with("ok"));
    assert!(client.get().await.ends_with("ok"));
}

#[tokio::test]
async fn an_answer_that_comes_before_the_end_of_the_request_arrives() {
    let server = Running::start(LONG, Duration::ZERO, careless()).await;
    let mut client = server.connect().await;
    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n").await;
    for _ in 0..4 {
        client.write(&"x".repeat(100_000)).await;
    }
    let answer = client.answer().await;
    assert!(answer.contains("connection: close") && answer.ends_with("ok"), "{answer}");
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = Running::start(LONG, Duration::ZERO, careless()).await;
    let long = format!("GET / HTTP/1.1\r\nLong: {}\r\n\r\n", "x".repeat(40_000));
    for (text, status) in [("NOT HTTP\r\n\r\n", 400), (&long, 431)] {
        let mut client = server.connect().await;
        client.write(text).await;
        let answer = client.answer().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(client.is_closed().await);
    }
}
