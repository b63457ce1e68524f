use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::debug;

use super::stream::{Pace, TimedStream, Timeouts};
use super::unread::watch;

const MAX_HEADER_BYTES: usize = 32 * 1024;
const LAST_LOOK: Duration = Duration::from_millis(500);

/// What every connection needs to be served.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) router: Router,
    pub(super) timeouts: Timeouts,
    /// Counts requests under way.
    pub(super) requests: TaskTracker,
    /// Cancelled when connections are to end after the request that is under way on them.
    pub(super) closing: CancellationToken,
}

impl Connection {
    pub(super) async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let pace = Arc::new(Pace::new(self.timeouts));
        let io = TokioIo::new(TimedStream::new(stream, Arc::clone(&pace)));
        let service = service_fn(|request: Request<Incoming>| {
            let under_way = (pace.request(), self.requests.token());
            let (head, body) = request.into_parts();
            let (body, unread) = watch(body);
            let answer = self.router.clone().oneshot(Request::from_parts(head, Body::new(body)));
            Box::pin(async {
                let mut answer = answer.await?;
                if !unread.read().await {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(header::CONNECTION, close);
                }
                // A request is under way until its answer is written, when hyper drops the body.
                Ok::<_, Infallible>(answer.map(|body| {
                    body.map_frame(move |frame| {
                        let _ = &under_way;
                        frame
                    })
                }))
            })
        });

        let mut connection =
            http1::Builder::new().max_header_size(MAX_HEADER_BYTES).serve_connection(io, service);
        let ended = tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(ended),
            () = self.closing.cancelled() => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                Pin::new(&mut connection).graceful_shutdown();
                poll_fn(|cx| connection.poll_without_shutdown(cx)).await
            }
        };
        match ended {
            Ok(()) => {
                let stream = connection.into_parts().io.into_inner();
                tokio::spawn(close(stream));
            }
            // The client left, or was too slow; what it sent is not worth more than this.
            Err(error) => debug!(%error, "a connection ended early"),
        }
    }
}

/// Closes our side and gives the client a moment to close its own. If it is still sending, closing
/// both at once would reset the connection, and the client may never see the answer.
async fn close(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    if stream.shutdown().await.is_ok() {
        let mut dropped = [0; 4096];
        let read_to_end = async { while matches!(stream.read(&mut dropped).await, Ok(1..)) {} };
        let _ = timeout(LAST_LOOK, read_to_end).await;
    }
}
