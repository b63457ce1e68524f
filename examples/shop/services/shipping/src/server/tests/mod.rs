mod connections;
mod shutdown;
mod timeouts;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{GracePeriodExceeded, Shutdown, Timeouts, serve};

/// A server on a port of its own; a token stands for the signal.
struct Running {
    address: SocketAddr,
    draining: CancellationToken,
    signal: CancellationToken,
    ended: JoinHandle<Result<(), GracePeriodExceeded>>,
}

impl Running {
    async fn start(grace: Duration, drain: Duration, router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, grace, drain, router)
    }

    fn on(
        listener: TcpListener,
        grace_period: Duration,
        drain_delay: Duration,
        router: Router,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let draining = CancellationToken::new();
        let signal = CancellationToken::new();
        let shutdown = Shutdown { grace_period, drain_delay, draining: draining.clone() };
        let received = signal.clone().cancelled_owned();
        let ended = tokio::spawn(serve(listener, router, shutdown, Timeouts::default(), received));
        Self { address, draining, signal, ended }
    }

    async fn connect(&self) -> Client {
        Client::on(TcpStream::connect(self.address).await.unwrap())
    }
}

/// A client that knows just enough of HTTP.
struct Client(BufReader<TcpStream>);

impl Client {
    fn on(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn get(&mut self) -> String {
        self.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        self.answer().await
    }

    /// The next answer: its head in lower case, and its body.
    async fn answer(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut text).await.unwrap(), 0, "ended after {text:?}");
        }
        let length = text.to_lowercase();
        let length = length.split_once("content-length: ").map_or("0", |(_, length)| length);
        let length = length.split_once("\r\n").map_or("0", |(length, _)| length);
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        text + std::str::from_utf8(&body).unwrap()
    }

    async fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]).await, Ok(0))
    }
}
