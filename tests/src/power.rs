//! A machine's power and disk as a test plays them: they fail at a moment that the test chose.
//!
//! Moments are counted before and after everything that becomes durable. What is written is not known here.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldfare_core::ports::Disk;

/// How a machine was supplied while it did something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// The moment at which its power fails, counted from 0; never if there is none.
    pub fails_at: Option<u32>,
    /// Moments that have passed.
    pub passed: u32,
}

impl Supply {
    /// Whether the power has failed; it stays so.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.fails_at.is_some_and(|at| self.passed > at)
    }
}

#[derive(Default)]
struct State {
    supply: Supply,
    refused: Option<ErrorKind>,
    full_with: Option<PathBuf>,
}

/// The power and the disk of one machine.
#[derive(Default)]
pub struct Power {
    state: Mutex<State>,
    is_of_one_thread: bool,
}

impl Power {
    /// Power that does not fail, and a disk that takes everything.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The same where one thread plays every process, so that nobody lets go of a file while another one waits.
    #[must_use]
    pub fn of_one_thread() -> Arc<Self> {
        Arc::new(Self { is_of_one_thread: true, ..Self::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something while the power fails at a moment, and tells what became of it; afterwards it is back.
    pub fn supplied<T>(&self, fails_at: Option<u32>, act: impl FnOnce() -> T) -> (T, Supply) {
        struct Back<'p>(&'p Power);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.state().supply = Supply::default();
            }
        }
        self.state().supply = Supply { fails_at, passed: 0 };
        let _back = Back(self);
        let done = act();
        let supply = self.state().supply;
        (done, supply)
    }

    /// Lets the disk take nothing, because it is full or read-only; or everything again.
    pub fn refuse_writes(&self, refused: Option<ErrorKind>) {
        self.state().refused = refused;
    }

    /// Fills the disk: nothing can be written for as long as this file lies on it, and nothing large at all. Or makes room.
    pub fn fill_with(&self, file: Option<&Path>) {
        self.state().full_with = file.map(Path::to_owned);
    }

    /// A moment passes.
    fn pass(&self) -> io::Result<()> {
        let mut state = self.state();
        state.supply.passed = state.supply.passed.saturating_add(1);
        if state.supply.has_failed() { Err(ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

impl Disk for Power {
    fn begin_write(&self) -> io::Result<()> {
        self.pass()?;
        let state = self.state();
        if state.full_with.as_ref().is_some_and(|file| file.exists()) {
            return Err(ErrorKind::StorageFull.into());
        }
        state.refused.map_or(Ok(()), |why| Err(why.into()))
    }

    fn room_for(&self, _: u64) -> io::Result<()> {
        let state = self.state();
        match state.refused {
            None if state.full_with.is_some() => Err(ErrorKind::StorageFull.into()),
            refused => refused.map_or(Ok(()), |why| Err(why.into())),
        }
    }

    fn end_write(&self) -> io::Result<()> {
        self.pass()
    }

    fn has_stopped(&self) -> bool {
        self.state().supply.has_failed()
    }

    /// A program that was started beside holds every open file for as long as it takes to begin.
    fn waits(&self) -> bool {
        !self.is_of_one_thread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_fails_when_it_is_meant_to_and_comes_back() {
        let power = Power::new();
        let (kinds, supply) = power.supplied(Some(1), || {
            [power.begin_write(), power.end_write(), power.begin_write()]
                .map(|done| done.err().map(|e| e.kind()))
        });
        assert_eq!(kinds, [None, Some(ErrorKind::Interrupted), Some(ErrorKind::Interrupted)]);
        assert!(supply.has_failed() && !power.has_stopped());
        power.refuse_writes(Some(ErrorKind::StorageFull));
        assert_eq!(power.begin_write().unwrap_err().kind(), ErrorKind::StorageFull);
        assert!(power.end_write().is_ok());
        power.refuse_writes(None);
        assert!(power.begin_write().is_ok());
    }
}
