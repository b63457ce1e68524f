//! Runs the HTTP server from its start to a shutdown that cuts no request.

mod connection;
mod connections;
mod stream;
#[cfg(test)]
mod tests;
mod unread;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::info;

use self::connections::Connections;
pub use self::stream::Timeouts;

// How a shutdown goes, from the signal on:
//
//  1. `draining` is cancelled at once: readiness fails, and every answer carries "Connection: close".
//  2. For the drain delay new connections are still taken, so that a balancer can notice.
//  3. The listener closes. Without a drain delay that comes first. What the kernel completes between
//     the last look at the queue and the closing is reset: with a delay, a balancer should have
//     stopped connecting before it ends.
//  4. Open connections get a moment to send what is on its way. hyper alone would close a connection
//     that looks idle although a request is already in the socket's buffer.
//  5. Idle connections are closed, and the rest is waited for.
//
// All of it ends a little before the grace period does, because then a SIGKILL comes.
const LINGER_TIME: Duration = Duration::from_millis(150);
const SAFETY_MARGIN: Duration = Duration::from_millis(200);

/// How the server ends.
pub struct Shutdown {
    /// From the signal to the end.
    pub grace_period: Duration,
    /// The part of it in which connections are still taken.
    pub drain_delay: Duration,
    /// Cancelled by the server when the shutdown begins.
    pub draining: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
#[error("requests were still running when the grace period ended")]
pub struct GracePeriodExceeded;

/// Answers until the signal, then shuts down.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: Shutdown,
    timeouts: Timeouts,
    signal: impl Future<Output = ()>,
) -> Result<(), GracePeriodExceeded> {
    let connections = Connections::new(router, timeouts);
    tokio::select! {
        () = signal => {}
        never = connections.accept(&listener) => match never {},
    }
    info!(grace_period_s = shutdown.grace_period.as_secs_f64(), "shutting down");
    shutdown.run(listener, connections).await?;
    info!("stopped");
    Ok(())
}

impl Shutdown {
    async fn run(
        self,
        listener: TcpListener,
        connections: Connections,
    ) -> Result<(), GracePeriodExceeded> {
        let margin = SAFETY_MARGIN.min(self.grace_period / 2);
        let deadline = Instant::now() + self.grace_period - margin;
        if self.drain_delay.is_zero() {
            // Before clients are told to leave: one that comes back at once is refused, not cut.
            connections.accept_the_last(listener);
            self.draining.cancel();
        } else {
            self.draining.cancel();
            let _ = timeout(self.drain_delay, connections.accept(&listener)).await;
            connections.accept_the_last(listener);
        }

        if timeout(LINGER_TIME, connections.ended()).await.is_ok() {
            return Ok(());
        }
        connections.close_idle();
        match timeout_at(deadline, connections.ended()).await {
            // Connections on which nothing was ever sent are no request.
            Err(_) if connections.has_requests() => Err(GracePeriodExceeded),
            _ => Ok(()),
        }
    }
}
