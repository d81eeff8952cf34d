//! Connections that are bounded in number and do not wait for ever for a peer that has gone quiet or dawdles.
//!
//! Knows nothing of HTTP but this: whoever is written to has said enough, and starts anew.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use crate::limits::{CONNECTIONS_MAX, PATIENCE_S};

/// Accepts so many connections at a time; further ones wait in the operating system's queue.
pub(super) struct Listener {
    inner: TcpListener,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Accepts from a socket that listens already.
    pub(super) fn new(inner: TcpListener) -> Self {
        Self { inner, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let place = Arc::clone(&self.places).acquire_owned().await.ok();
            match self.inner.accept().await {
                Ok((stream, address)) => {
                    // Delays the reply at worst; no reason to turn anybody away.
                    let _ = stream.set_nodelay(true);
                    return (Connection::new(stream, place), address);
                }
                // Usually out of file handles; one that closes soon frees the next.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

/// A connection with a deadline: from when it opens, and from each write, its peer has 60 seconds to bring a request in
/// full or to take what is written. Bytes that trickle in buy no time.
pub(super) struct Connection<S> {
    stream: S,
    deadline: Pin<Box<Sleep>>,
    // Held, never read: dropped with the connection, it lets in the next.
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> Connection<S> {
    fn new(stream: S, place: Option<OwnedSemaphorePermit>) -> Self {
        Self { stream, deadline: Box::pin(tokio::time::sleep(patience())), _place: place }
    }

    fn or_too_late<T>(&mut self, waiting: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if waiting.is_pending() && self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        waiting
    }

    fn after_write(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = written {
            if let Some(deadline) = Instant::now().checked_add(patience()) {
                self.deadline.as_mut().reset(deadline);
            }
        }
        self.or_too_late(written, cx)
    }
}

fn patience() -> Duration {
    Duration::from_secs(PATIENCE_S)
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.or_too_late(read, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.after_write(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.after_write(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.or_too_late(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.or_too_late(shut, cx)
    }
}
