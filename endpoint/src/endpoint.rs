//! The door of the crate: start an endpoint on a folder and an address, wait, stop.
//!
//! Owns the threads; knows nothing of what is asked or kept.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fieldfare_protocol::exchange::Generation;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::folder::Folder;
use crate::http;
use crate::keeper::Keeper;
use crate::limits::{DISK_THREADS_MAX, SOCKET_THREADS, STOP_S_MAX};
use crate::problem::{StartProblem, Trouble};
use crate::surroundings::{Machine, random};

/// Where an endpoint listens unless told otherwise: this machine alone, on any free port.
pub const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What an endpoint needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder of its data, made if there is none.
    pub data: PathBuf,
    /// Where it listens, without TLS: keep it on the loopback interface, behind a proxy. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Bytes that the organisation may fill; beyond it only what is urgent is taken. As much as the disk holds if absent.
    pub quota_bytes: Option<u64>,
}

/// A running endpoint. Dropping it stops it without waiting for requests under way; no acknowledged segment is lost.
///
/// Not to be called from asynchronous code: every method may block.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    generation: Generation,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<()>,
    runtime: Runtime,
}

impl Endpoint {
    /// Opens or makes the data and returns once the endpoint listens.
    ///
    /// # Errors
    /// [`StartProblem`] says what is in the way and what to do about it.
    pub fn start(settings: Settings) -> Result<Self, StartProblem> {
        let keeper = Keeper::open(Folder::hold(&settings.data)?, Arc::new(Machine))?;
        let keeper = keeper.with_quota(settings.quota_bytes);
        let generation = keeper.generation;
        let listener = listen(settings.listen)?;
        let address = listener.local_addr().map_err(|error| not_listening(settings.listen, &error))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(SOCKET_THREADS)
            .max_blocking_threads(DISK_THREADS_MAX)
            .thread_name("fieldfare-endpoint")
            .enable_all()
            .build()
            .map_err(|error| StartProblem::Threads(error.kind()))?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)
        };
        let listener = listener.map_err(|error| not_listening(address, &error))?;
        let (stopping, stop) = watch::channel(false);
        let serving = runtime.spawn(http::serve(listener, Arc::new(keeper), stop));
        Ok(Self { address, generation, stopping, serving, runtime })
    }

    /// Where it listens, with the port that it was given.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// This life of its data.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Blocks until the process is asked to end, by Ctrl-C or SIGTERM. Call [`Endpoint::stop`] next.
    pub fn wait(&self) {
        self.runtime.block_on(async {
            tokio::select! {
                () = interrupted() => {}
                () = terminated() => {}
            }
        });
    }

    /// Takes no more requests, answers those under way, closes the data and frees the folder.
    ///
    /// Returns after 10 seconds at the latest, and loses nothing even then: what was not answered was not promised.
    pub fn stop(self) {
        let Self { stopping, serving, runtime, .. } = self;
        stopping.send_replace(true);
        let patience = Duration::from_secs(STOP_S_MAX / 2);
        // Whoever has not finished by then is cut off, which a device survives at any byte.
        let _ = runtime.block_on(async { tokio::time::timeout(patience, serving).await });
        runtime.shutdown_timeout(patience);
    }
}

/// Marks the data of a stopped endpoint as put back from a backup: a new generation, at which every device uploads again
/// whatever the backup lacks. To be called once after each restore, before the endpoint starts.
///
/// A backup is a copy of the folder of a stopped endpoint, and is put back into an empty folder: an `endpoint.db` beside
/// the `endpoint.db-wal` of another day is damaged data.
///
/// # Errors
/// [`StartProblem`], as when starting.
pub fn restored(data: &Path) -> Result<Generation, StartProblem> {
    let keeper = Keeper::open(Folder::hold(data)?, Arc::new(Machine))?;
    let generation = Generation(random(&Machine)?);
    keeper.change(|write, _| -> Result<(), Trouble> { write.set_generation(generation) })?;
    Ok(generation)
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartProblem> {
    let listener = TcpListener::bind(address).map_err(|error| not_listening(address, &error))?;
    listener.set_nonblocking(true).map_err(|error| not_listening(address, &error))?;
    Ok(listener)
}

fn not_listening(address: SocketAddr, error: &io::Error) -> StartProblem {
    match error.kind() {
        io::ErrorKind::AddrInUse => StartProblem::AddressInUse { address },
        kind => StartProblem::Address { address, kind },
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the signal ends the process by itself, which is safe too.
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
