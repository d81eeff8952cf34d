//! What a phone lends: its hardware key, its clock, whether it has a signal. Asked with a bound on the time it takes.
//!
//! A port is the app's own code. It may throw, block or answer nonsense, and none of that may hold the core up or bring it
//! down.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fieldfare_core::contract::Problem;
use fieldfare_core::ports::{
    Answer, Call, Clock, Connectivity, HardwareKey, HardwareKeyProblem, KEPT_BYTES_MAX, SystemClock,
    Transport, TransportProblem,
};

use crate::fault;

/// Longest wait for an answer of the phone's own code, in seconds. Secure hardware takes about one.
const PORT_WAIT_S_MAX: u64 = 10;

/// Length of the hardware key's answer, in bytes.
const MAC_BYTES: usize = 32;

/// A port, asked one question at a time.
pub(crate) struct Lent<P: ?Sized> {
    port: Arc<P>,
    /// Held while it is asked; who has not answered in time keeps it, and is not asked again until it has.
    turn: Arc<AtomicBool>,
}

/// The port threw, or did not answer in time.
pub(crate) struct Failed;

impl<P: ?Sized + Send + Sync + 'static> Lent<P> {
    pub(crate) fn new(port: Arc<P>) -> Self {
        Self { port, turn: Arc::default() }
    }

    /// Asks on a thread of its own, since nothing else can be left behind when it does not come back.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&P) -> T + Send + 'static,
    ) -> Result<T, Failed> {
        let until = Instant::now() + Duration::from_secs(PORT_WAIT_S_MAX);
        while self.turn.swap(true, Ordering::Acquire) {
            if Instant::now() > until {
                return Err(Failed);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let (port, turn) = (self.port.clone(), self.turn.clone());
        let (tell, told) = mpsc::sync_channel(1);
        let asked = std::thread::Builder::new().name("fieldfare-port".to_owned()).spawn(move || {
            fault::asks_the_phone();
            let answer = catch_unwind(AssertUnwindSafe(|| question(&port)));
            turn.store(false, Ordering::Release);
            let _ = tell.send(answer);
        });
        if asked.is_err() {
            self.turn.store(false, Ordering::Release);
            return Err(Failed);
        }
        match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Failed),
        }
    }
}

/// The phone's hardware key. Whatever it fails with that is not one of its three problems means: not now.
pub(crate) struct LentKey(Lent<dyn HardwareKey>);

impl LentKey {
    pub(crate) fn new(key: Arc<dyn HardwareKey>) -> Self {
        Self(Lent::new(key))
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&(dyn HardwareKey + 'static)) -> Result<T, HardwareKeyProblem> + Send + 'static,
    ) -> Result<T, HardwareKeyProblem> {
        self.0.ask(question).unwrap_or(Err(HardwareKeyProblem::Transient))
    }
}

impl HardwareKey for LentKey {
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        let mac = self.ask(move |key| key.mac(label, message))?;
        if mac.len() == MAC_BYTES { Ok(mac) } else { Err(HardwareKeyProblem::Transient) }
    }

    fn create(&self) -> Result<(), HardwareKeyProblem> {
        self.ask(|key| key.create())
    }

    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        self.ask(|key| key.delete())
    }

    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        self.ask(|key| key.failures())
    }

    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        self.ask(move |key| key.set_failures(count))
    }

    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        let kept = self.ask(|key| key.kept())?;
        if kept.len() <= KEPT_BYTES_MAX { Ok(kept) } else { Err(HardwareKeyProblem::Transient) }
    }

    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        self.ask(move |key| key.keep(bytes))
    }
}

/// The phone's clock, read once when a call comes in at the door, before anything is held: a clock that throws then stops
/// that call and nothing else.
pub(crate) struct LentClock {
    lent: Option<Lent<dyn Clock>>,
    read: Mutex<(i64, Instant)>,
}

impl LentClock {
    pub(crate) fn new(clock: Option<Arc<dyn Clock>>) -> Self {
        Self { lent: clock.map(Lent::new), read: Mutex::new((SystemClock.now_ms(), Instant::now())) }
    }

    /// Reads the phone's clock.
    pub(crate) fn look(&self) -> Result<(), Problem> {
        if let Some(lent) = &self.lent {
            let failed = |_| Problem::PortFailed { port: "clock".to_owned() };
            let now_ms = lent.ask(|clock| clock.now_ms()).map_err(failed)?;
            *self.read.lock().unwrap_or_else(PoisonError::into_inner) = (now_ms, Instant::now());
        }
        Ok(())
    }
}

impl Clock for LentClock {
    fn now_ms(&self) -> i64 {
        if self.lent.is_none() {
            return SystemClock.now_ms();
        }
        let (read_ms, at) = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read_ms.saturating_add(i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}

/// The phone's view of its network. It is a hint: one that fails does not hold a concern back.
pub(crate) struct LentConnectivity(Lent<dyn Connectivity>);

impl LentConnectivity {
    pub(crate) fn new(port: Arc<dyn Connectivity>) -> Self {
        Self(Lent::new(port))
    }
}

impl Connectivity for LentConnectivity {
    fn has_signal(&self) -> bool {
        self.0.ask(|port| port.has_signal()).unwrap_or(true)
    }
}

/// Our transport, which does not try where the phone says that there is no signal, and stops when it is told to.
pub(crate) struct LentTransport<T> {
    transport: T,
    connectivity: Option<Arc<LentConnectivity>>,
    stopped: Arc<AtomicBool>,
}

impl<T> LentTransport<T> {
    pub(crate) fn new(
        transport: T,
        connectivity: Option<Arc<LentConnectivity>>,
        stopped: Arc<AtomicBool>,
    ) -> Self {
        Self { transport, connectivity, stopped }
    }
}

impl<T: Transport> Transport for LentTransport<T> {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(TransportProblem::Stopped);
        }
        if !self.connectivity.as_ref().is_none_or(|port| port.has_signal()) {
            return Err(TransportProblem::Unreachable);
        }
        self.transport.post(call)
    }
}
