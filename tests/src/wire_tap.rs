//! Somebody on the line between phone and endpoint, who writes down every byte and changes none.
//!
//! Understands nothing of what it hears.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Bytes of one connection in one direction.
type Heard = Arc<Mutex<Vec<u8>>>;

/// A tap that forwards to an endpoint.
pub struct WireTap {
    /// Where phones believe the endpoint is.
    pub address: SocketAddr,
    up: Arc<Mutex<Vec<Heard>>>,
    down: Arc<Mutex<Vec<Heard>>>,
}

impl WireTap {
    /// Listens on a free port and forwards to an address.
    ///
    /// # Panics
    /// If there is no free port.
    #[must_use]
    pub fn before(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (up, down) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::<Mutex<Vec<Heard>>>::default());
        let (heard_up, heard_down, endpoint) = (up.clone(), down.clone(), endpoint.to_owned());
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let Ok(there) = TcpStream::connect(&endpoint) else { continue };
                let (Ok(phone_too), Ok(there_too)) = (phone.try_clone(), there.try_clone()) else { continue };
                forward(phone, there_too, &heard_up);
                forward(there, phone_too, &heard_down);
            }
        });
        Self { address, up, down }
    }

    /// What phones said, a connection each.
    #[must_use]
    pub fn said_by_phones(&self) -> Vec<Vec<u8>> {
        copies(&self.up)
    }

    /// What the endpoint said, a connection each.
    #[must_use]
    pub fn said_by_endpoint(&self) -> Vec<Vec<u8>> {
        copies(&self.down)
    }
}

fn copies(heard: &Mutex<Vec<Heard>>) -> Vec<Vec<u8>> {
    heard.lock().expect("no panic").iter().map(|one| one.lock().expect("no panic").clone()).collect()
}

fn forward(mut from: TcpStream, mut to: TcpStream, heard: &Mutex<Vec<Heard>>) {
    let notes = Heard::default();
    heard.lock().expect("no panic").push(notes.clone());
    std::thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            notes.lock().expect("no panic").extend_from_slice(&bytes[..length]);
            if to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
