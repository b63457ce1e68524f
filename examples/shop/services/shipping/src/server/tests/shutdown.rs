use std::io::Write;
use std::net::TcpStream as StdStream;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::{Client, Running};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);
const NONE: Duration = Duration::ZERO;

fn whole() -> Router {
    Router::new().route("/", get(async || "whole"))
}

/// Answers when it is told to; `began` tells that a request is there.
fn slow(began: &Arc<Notify>, finish: &Arc<Notify>) -> Router {
    let (began, finish) = (Arc::clone(began), Arc::clone(finish));
    let handler = async move || {
        began.notify_one();
        finish.notified().await;
        "whole"
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn requests_under_way_are_finished() {
    let (began, finish) = (Arc::default(), Arc::default());
    let server = Running::start(LONG, NONE, slow(&began, &finish)).await;
    let mut client = server.connect().await;
    let request = tokio::spawn(async move { client.get().await });
    began.notified().await;
    server.signal.cancel();
    server.draining.cancelled().await;
    finish.notify_one();
    assert!(request.await.unwrap().ends_with("whole"));
    assert!(server.ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_request_that_is_on_its_way_is_answered() {
    let server = Running::start(LONG, NONE, whole()).await;
    let mut client = server.connect().await;
    client.get().await;
    server.signal.cancel();
    server.draining.cancelled().await;
    // The connection is idle, and the listener is closed.
    assert!(client.get().await.ends_with("whole"));
    drop(client);
    assert!(server.ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_connection_that_waits_in_the_queue_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut waiting = StdStream::connect(listener.local_addr().unwrap()).unwrap();
    waiting.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    waiting.set_nonblocking(true).unwrap();
    let server = Running::on(listener, LONG, NONE, whole());
    server.signal.cancel();
    let mut client = Client::on(TcpStream::from_std(waiting).unwrap());
    assert!(client.answer().await.ends_with("whole"));
}

#[tokio::test]
async fn new_connections_are_taken_during_the_drain_delay() {
    let server = Running::start(LONG, SHORT, whole()).await;
    server.signal.cancel();
    server.draining.cancelled().await;
    let mut client = server.connect().await;
    assert!(client.get().await.ends_with("whole"));
    assert!(server.ended.await.unwrap().is_ok());
    assert!(TcpStream::connect(server.address).await.is_err(), "somebody still listens");
}

#[tokio::test]
async fn requests_longer_than_the_grace_period_are_an_error() {
    let (began, finish) = (Arc::default(), Arc::default());
    let server = Running::start(SHORT, NONE, slow(&began, &finish)).await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    began.notified().await;
    server.signal.cancel();
    assert!(server.ended.await.unwrap().is_err());
}

#[tokio::test]
async fn connections_without_a_request_do_not_fail_the_shutdown() {
    let server = Running::start(SHORT * 2, NONE, whole()).await;
    let _silent = server.connect().await;
    let mut half = server.connect().await;
    half.write("GET / HT").await;
    server.signal.cancel();
    assert!(server.ended.await.unwrap().is_ok());
}
