use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::connection::Connection;
use super::stream::Timeouts;

/// Mostly the limit of open files: it passes when a connection ends.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(50);

/// All open connections.
pub(super) struct Connections {
    connection: Connection,
    open: TaskTracker,
}

impl Connections {
    pub(super) fn new(router: Router, timeouts: Timeouts) -> Self {
        let connection = Connection {
            router,
            timeouts,
            requests: TaskTracker::new(),
            closing: CancellationToken::new(),
        };
        Self { connection, open: TaskTracker::new() }
    }

    /// Takes connections for ever.
    pub(super) async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.start(stream),
                Err(error) => {
                    warn!(%error, "cannot take a connection");
                    sleep(PAUSE_AFTER_ERROR).await;
                }
            }
        }
    }

    /// Takes what waits in the kernel's queue, which would be reset otherwise, and closes the
    /// listener.
    pub(super) fn accept_the_last(&self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        while let Ok((stream, _)) = listener.accept() {
            if stream.set_nonblocking(true).is_ok() {
                let _ = TcpStream::from_std(stream).map(|stream| self.start(stream));
            }
        }
    }

    /// Waits until all connections have ended; no more may be taken.
    pub(super) async fn ended(&self) {
        self.open.close();
        self.open.wait().await;
    }

    /// Closes connections as soon as no request is under way on them.
    pub(super) fn close_idle(&self) {
        self.connection.closing.cancel();
    }

    pub(super) fn has_requests(&self) -> bool {
        !self.connection.requests.is_empty()
    }

    fn start(&self, stream: TcpStream) {
        self.open.spawn(self.connection.clone().serve(stream));
    }
}
