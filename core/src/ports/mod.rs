//! What a phone lends to the core: time, randomness, a hardware-bound key, its disk, and a way to the endpoint.
//!
//! Traits and their errors only. Which phone, which key store and which network stand behind them is not known here.

mod address;
mod clock;
mod connectivity;
mod disk;
mod entropy;
mod hardware_key;
mod https;
mod pinned;
mod stretching;
mod transport;

pub use address::{EndpointAddress, KeyPin, PINS_MAX, PINS_MIN, check_address};
pub use clock::{Clock, SystemClock};
pub use connectivity::Connectivity;
pub use disk::{Disk, SystemDisk};
pub use entropy::{Entropy, NoEntropy, SystemEntropy};
pub use hardware_key::{HardwareKey, HardwareKeyProblem, KEPT_BYTES_MAX};
pub use https::HttpsTransport;
pub use stretching::{Argon2id, PinStretching};
pub use transport::{Answer, Call, Transport, TransportProblem};

use std::sync::Arc;

/// Everything that is lent, passed as one.
#[derive(Clone)]
pub struct Ports {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Holds the key that never leaves this phone.
    pub hardware_key: Arc<dyn HardwareKey>,
    /// Says whether what is written lasts.
    pub disk: Arc<dyn Disk>,
    /// Makes guessing a PIN dear.
    pub stretching: Arc<dyn PinStretching>,
    /// Reaches the endpoint.
    pub transport: Arc<dyn Transport>,
}
