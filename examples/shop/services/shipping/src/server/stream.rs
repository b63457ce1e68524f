use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long the other side of a connection may take.
#[derive(Clone, Copy)]
pub struct Timeouts {
    /// From the first byte of a request to the end of its header.
    pub header: Duration,
    /// From there to the end of the answer.
    pub request: Duration,
    /// Between requests.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            request: Duration::from_secs(60),
            // Longer than gateways keep idle connections (mostly 60 to 75 s): the side that sends
            // should close, or a request may meet a connection that is just being closed.
            idle: Duration::from_secs(90),
        }
    }
}

/// Where a connection stands, and until when it may stay there.
pub(super) struct Pace {
    timeouts: Timeouts,
    phase: Mutex<(Phase, Instant)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Header,
    Request,
}

impl Pace {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self { timeouts, phase: Mutex::new((Phase::Header, Instant::now() + timeouts.header)) }
    }

    /// A request has begun; it ends when the value that is returned is dropped.
    pub(super) fn request(self: &Arc<Self>) -> UnderWay {
        self.enter(Phase::Request);
        UnderWay(Arc::clone(self))
    }

    fn enter(&self, phase: Phase) {
        let time = match phase {
            Phase::Idle => self.timeouts.idle,
            Phase::Header => self.timeouts.header,
            Phase::Request => self.timeouts.request,
        };
        *self.lock() = (phase, Instant::now() + time);
    }

    fn bytes_arrived(&self) {
        if self.lock().0 == Phase::Idle {
            self.enter(Phase::Header);
        }
    }

    fn until(&self) -> Instant {
        self.lock().1
    }

    fn lock(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct UnderWay(Arc<Pace>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// A connection that fails when the other side takes too long. hyper has a limit of its own for
/// headers, but it runs between requests, too, where clients may take longer.
pub(super) struct TimedStream<S> {
    inner: S,
    pace: Arc<Pace>,
    timer: Pin<Box<Sleep>>,
}

impl<S> TimedStream<S> {
    pub(super) fn new(inner: S, pace: Arc<Pace>) -> Self {
        let timer = Box::pin(sleep_until(pace.until()));
        Self { inner, pace, timer }
    }

    /// Lets a pending operation fail when its time is over.
    fn in_time<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            return result;
        }
        if self.timer.deadline() != self.pace.until() {
            self.timer.as_mut().reset(self.pace.until());
        }
        ready!(self.timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pace.bytes_arrived();
        }
        self.in_time(cx, result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.in_time(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(cx, bytes);
        self.in_time(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        self.in_time(cx, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
