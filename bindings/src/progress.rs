//! Progress of an exchange, told to whoever watches it.
//!
//! The exchange does not depend on anybody listening: it goes on when the listener throws or hangs.

use std::sync::Arc;

use fieldfare_core::contract::{Exchanged, Problem};

use crate::lent::Lent;

/// Hears how far an exchange has come.
#[uniffi::export(foreign)]
pub trait ExchangeProgress: Send + Sync {
    /// Called after each round trip with everything since the exchange began. Must not call back in.
    fn so_far(&self, exchanged: Exchanged);
}

/// A listener of one exchange.
pub(crate) struct Listener {
    lent: Option<Lent<dyn ExchangeProgress>>,
    failed: bool,
}

impl Listener {
    pub(crate) fn new(progress: Option<Arc<dyn ExchangeProgress>>) -> Self {
        Self { lent: progress.map(Lent::new), failed: false }
    }

    /// Tells it how far the exchange has come. One that has failed is not told again.
    pub(crate) fn tell(&mut self, exchanged: &Exchanged) {
        if let Some(lent) = self.lent.as_ref().filter(|_| !self.failed) {
            let exchanged = exchanged.clone();
            self.failed = lent.ask(move |progress| progress.so_far(exchanged)).is_err();
        }
    }

    /// Says whether it failed, once the exchange has ended well.
    pub(crate) fn end(&self) -> Result<(), Problem> {
        if self.failed { Err(Problem::PortFailed { port: "progress".to_owned() }) } else { Ok(()) }
    }
}
