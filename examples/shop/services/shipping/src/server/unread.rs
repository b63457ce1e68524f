use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

const MAX_BYTES: usize = 256 * 1024;
const MAX_TIME: Duration = Duration::from_secs(1);

/// A request's body which, when it is dropped too early, is handed over to [`Unread`].
pub(super) struct Watched {
    body: Option<Incoming>,
    unread: Option<oneshot::Sender<Incoming>>,
}

/// What the handler left of a body.
pub(super) struct Unread(oneshot::Receiver<Incoming>);

pub(super) fn watch(body: Incoming) -> (Watched, Unread) {
    let (sender, receiver) = oneshot::channel();
    (Watched { body: Some(body), unread: Some(sender) }, Unread(receiver))
}

impl Unread {
    /// Reads the rest before the answer goes out, unless that is too much, and says whether it was
    /// read. If it was not, hyper closes the connection after the answer.
    pub(super) async fn read(mut self) -> bool {
        match self.0.try_recv() {
            Ok(body) => {
                let rest = Limited::new(body, MAX_BYTES).collect();
                matches!(timeout(MAX_TIME, rest).await, Ok(Ok(_)))
            }
            Err(_) => true,
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Some(unread)) = (body, self.unread.take()) {
            let _ = unread.send(body);
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Incoming::size_hint)
    }
}
