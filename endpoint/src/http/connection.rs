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

use crate::limits::CONNECTIONS_MAX;

/// Accepts so many connections at a time; further ones wait in the operating system's queue.
pub(super) struct Listener {
    inner: TcpListener,
    patience: Duration,
    places: Arc<Semaphore>,
}

impl Listener {
    /// Accepts from a socket that listens already.
    pub(super) fn new(inner: TcpListener, patience: Duration) -> Self {
        Self { inner, patience, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) }
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
                    return (Connection::new(stream, self.patience, place), address);
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

/// A connection with a deadline: from when it opens, and from each write, its peer has so long to bring a request in full
/// or to take what is written. Bytes that trickle in buy no time.
pub(super) struct Connection<S> {
    stream: S,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
    // Held, never read: dropped with the connection, it lets in the next.
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> Connection<S> {
    fn new(stream: S, patience: Duration, place: Option<OwnedSemaphorePermit>) -> Self {
        Self { stream, patience, deadline: Box::pin(tokio::time::sleep(patience)), _place: place }
    }

    fn or_too_late<T>(&mut self, waiting: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if waiting.is_pending() && self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        waiting
    }

    fn after_write(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = written
            && let Some(deadline) = Instant::now().checked_add(self.patience)
        {
            self.deadline.as_mut().reset(deadline);
        }
        self.or_too_late(written, cx)
    }
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Instant;

    use axum::Router;
    use axum::routing::get;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);

    fn serve() -> (tokio::runtime::Runtime, SocketAddr) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inner = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = inner.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "ok"));
        runtime.spawn(async { axum::serve(Listener::new(inner, PATIENCE), router).await });
        (runtime, address)
    }

    #[test]
    fn a_peer_that_trickles_is_hung_up_on() {
        let (_runtime, address) = serve();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let begun = Instant::now();
        let hung_up = loop {
            assert!(begun.elapsed() < PATIENCE * 20, "still listening");
            let written = stream.write_all(b"x");
            match stream.read(&mut [0]) {
                Ok(0) => break begun.elapsed(),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && written.is_ok() => {}
                Err(_) => break begun.elapsed(),
            }
        };
        assert!(hung_up >= PATIENCE - Duration::from_millis(50), "{hung_up:?}");
    }

    #[test]
    fn a_peer_that_asks_again_in_time_stays() {
        let (_runtime, address) = serve();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        for _ in 0..4 {
            std::thread::sleep(PATIENCE / 2);
            stream.write_all(b"GET / HTTP/1.1\r\nhost: endpoint\r\n\r\n").unwrap();
            let mut answer = [0; 512];
            let length = stream.read(&mut answer).unwrap();
            assert!(answer[..length].ends_with(b"ok"));
        }
    }
}
