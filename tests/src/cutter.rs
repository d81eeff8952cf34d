//! Somebody on the line between phone and endpoint who cuts it after so many bytes.
//!
//! Understands nothing of what passes, and changes and doubles none of it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the phone to the endpoint.
    Up,
    /// From the endpoint to the phone.
    Down,
}

/// What passed since the line was last set, and where it is to be cut.
#[derive(Default)]
struct Line {
    cut: Option<(Way, usize)>,
    up: usize,
    down: usize,
}

/// A line that can be cut.
pub struct Cutter {
    /// Where phones believe the endpoint is.
    pub address: SocketAddr,
    line: Arc<Mutex<Line>>,
}

impl Cutter {
    /// Listens on a free port and forwards to an address.
    ///
    /// # Panics
    /// If there is no free port.
    #[must_use]
    pub fn before(endpoint: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let line = Arc::<Mutex<Line>>::default();
        let shared = line.clone();
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let Ok(there) = TcpStream::connect(endpoint) else { continue };
                for stream in [&phone, &there] {
                    let _ = stream.set_nodelay(true);
                }
                let (Ok(phone_too), Ok(there_too)) = (phone.try_clone(), there.try_clone()) else { continue };
                forward(Way::Up, phone, there_too, shared.clone());
                forward(Way::Down, there, phone_too, shared.clone());
            }
        });
        Self { address, line }
    }

    /// Cuts the line once so many bytes have gone one way from now on. Once cut, the line is whole again.
    pub fn cut_after(&self, way: Way, bytes: usize) {
        *lock(&self.line) = Line { cut: Some((way, bytes)), ..Line::default() };
    }

    /// Leaves the line whole and counts from zero.
    pub fn mend(&self) {
        *lock(&self.line) = Line::default();
    }

    /// Bytes that have passed each way since the line was last set, up first.
    #[must_use]
    pub fn passed(&self) -> (usize, usize) {
        let line = lock(&self.line);
        (line.up, line.down)
    }

    /// Whether a cut is still to come.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        lock(&self.line).cut.is_none()
    }
}

fn lock(line: &Mutex<Line>) -> std::sync::MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(way: Way, mut from: TcpStream, mut to: TcpStream, line: Arc<Mutex<Line>>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            let (passes, cut) = {
                let mut line = lock(&line);
                let passed = if way == Way::Up { line.up } else { line.down };
                let cut = line.cut.filter(|(cut_way, at)| *cut_way == way && passed + length > *at);
                let passes = cut.map_or(length, |(_, at)| at.saturating_sub(passed));
                let count = if way == Way::Up { &mut line.up } else { &mut line.down };
                *count += passes;
                if cut.is_some() {
                    line.cut = None;
                }
                (passes, cut.is_some())
            };
            if to.write_all(&bytes[..passes]).is_err() || cut {
                break;
            }
        }
        // Both ends hear of it at once, as when a signal is lost and found again.
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}
