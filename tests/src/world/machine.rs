//! What a phone and an endpoint of the world are lent: one time for all, seeded randomness, a key that costs nothing.
//!
//! Everything here follows from the seed. What is lent to a phone outlives its crashes, as hardware does.

use std::io;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::ports::{Clock, Disk as _, Entropy, HardwareKey, HardwareKeyProblem, NoEntropy};
use fieldfare_endpoint::Surroundings;
use fieldfare_protocol::hash::Hash;

use crate::casework::chance::Chance;
use crate::power::Power;

/// Where every world begins: 5 January 2026, 09:00 UTC, in milliseconds since 1970.
pub const BEGIN_MS: i64 = 1_767_603_600_000;

/// The true time of a world, in milliseconds since 1970. Stands still unless somebody lets it pass.
#[derive(Debug)]
pub struct Time(AtomicI64);

impl Time {
    /// The time at the beginning.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(BEGIN_MS)))
    }

    /// Now.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// A phone's clock: the true time and how far it is off.
#[derive(Debug)]
pub struct PhoneClock {
    time: Arc<Time>,
    ahead_ms: AtomicI64,
    stopped_at_ms: AtomicI64,
}

impl PhoneClock {
    /// A clock that is right.
    #[must_use]
    pub fn new(time: Arc<Time>) -> Arc<Self> {
        Arc::new(Self { time, ahead_ms: AtomicI64::new(0), stopped_at_ms: AtomicI64::new(0) })
    }

    /// Sets how far the clock is ahead of the true time.
    pub fn set_ahead(&self, ms: i64) {
        self.ahead_ms.store(ms, Ordering::SeqCst);
    }

    /// Stops the clock where it stands, or lets it go on.
    pub fn stop(&self, stopped: bool) {
        let at = if stopped { self.now_ms().max(1) } else { 0 };
        self.stopped_at_ms.store(at, Ordering::SeqCst);
    }
}

impl Clock for PhoneClock {
    fn now_ms(&self) -> i64 {
        match self.stopped_at_ms.load(Ordering::SeqCst) {
            0 => self.time.now_ms().saturating_add(self.ahead_ms.load(Ordering::SeqCst)),
            stopped_at_ms => stopped_at_ms,
        }
    }
}

/// Randomness that a seed decides.
pub struct SeededEntropy(Mutex<Chance>);

impl SeededEntropy {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Chance::new(seed))))
    }

    fn draw(&self, bytes: &mut [u8]) {
        let mut chance = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for part in bytes.chunks_mut(8) {
            let drawn = chance.bits().to_le_bytes();
            for (to, from) in part.iter_mut().zip(drawn) {
                *to = from;
            }
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.draw(bytes);
        Ok(())
    }
}

/// A hardware key that answers at once. Its secret follows from a name, so that a copied home finds it again.
#[derive(Debug)]
pub struct CheapKey {
    name: String,
    failures: AtomicU32,
}

impl CheapKey {
    /// The key of a phone.
    #[must_use]
    pub fn new(name: &str) -> Arc<Self> {
        Arc::new(Self { name: name.to_owned(), failures: AtomicU32::new(0) })
    }
}

impl HardwareKey for CheapKey {
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        Ok(Hash::of(&[self.name.as_bytes(), &[0], label.as_bytes(), &[0], &message]).0.to_vec())
    }

    fn create(&self) -> Result<(), HardwareKeyProblem> {
        Ok(())
    }

    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        Ok(())
    }

    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        Ok(self.failures.load(Ordering::SeqCst))
    }

    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        self.failures.store(count, Ordering::SeqCst);
        Ok(())
    }

    /// Nothing: a phone of this world takes what it is given for a copy only when the endpoint shows it.
    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        Ok(Vec::new())
    }

    fn keep(&self, _: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        Ok(())
    }
}

/// What the endpoint is lent.
pub struct Around {
    time: Arc<Time>,
    entropy: Arc<SeededEntropy>,
    /// Its power and its disk.
    pub power: Arc<Power>,
}

impl Around {
    /// The true time and randomness of its own.
    #[must_use]
    pub fn new(time: Arc<Time>, seed: u64) -> Arc<Self> {
        Arc::new(Self { time, entropy: SeededEntropy::new(seed), power: Power::of_one_thread() })
    }
}

impl Surroundings for Around {
    fn now_ms(&self) -> i64 {
        self.time.now_ms()
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        self.entropy.draw(bytes);
        true
    }

    fn begin_write(&self) -> io::Result<()> {
        self.power.begin_write()
    }

    fn end_write(&self) -> io::Result<()> {
        self.power.end_write()
    }
}
