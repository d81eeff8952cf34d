//! Test doubles of the ports: a clock that stands still, randomness that repeats, a hardware key that can fail.
//!
//! Built for tests alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::ports::{Clock, Entropy, HardwareKey, HardwareKeyProblem, NoEntropy};
use crate::vault::secret::mac;

/// A clock that shows what it was set to.
pub(crate) struct FixedClock(pub(crate) AtomicI64);

impl FixedClock {
    pub(crate) fn at(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    pub(crate) fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// SHA-256 in counter mode over a seed: the same bytes in every run, never the same twice within one.
pub(crate) struct FixedEntropy {
    seed: u8,
    counter: AtomicU64,
}

impl FixedEntropy {
    pub(crate) fn new(seed: u8) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, Ordering::SeqCst);
            let block = fieldfare_protocol::hash::Hash::of(&[&[self.seed], &counter.to_be_bytes()]);
            chunk.copy_from_slice(&block.0[..chunk.len()]);
        }
        Ok(())
    }
}

/// Randomness that has run out.
pub(crate) struct SpentEntropy;

impl Entropy for SpentEntropy {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

/// The calls that a [`MemoryHardwareKey`] can be told to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyCall {
    Mac,
    Create,
    Delete,
    Failures,
    SetFailures,
    Kept,
    Keep,
}

#[derive(Default)]
struct MemoryState {
    key: Option<[u8; 32]>,
    made: u8,
    failures: u32,
    kept: Vec<u8>,
    fails_at: Option<(usize, HardwareKeyProblem)>,
    faults: Vec<(KeyCall, HardwareKeyProblem)>,
    calls: Vec<KeyCall>,
}

type Watcher = Box<dyn Fn(&str, u32, &[u8]) + Send + Sync>;

/// A hardware key in memory. Every key it makes is another one, as in real hardware.
#[derive(Default)]
pub(crate) struct MemoryHardwareKey {
    state: Mutex<MemoryState>,
    watcher: Mutex<Option<Watcher>>,
}

impl MemoryHardwareKey {
    /// Fails `call` with `problem` until [`Self::recover`].
    pub(crate) fn fail(&self, call: KeyCall, problem: HardwareKeyProblem) {
        self.state.lock().unwrap().faults.push((call, problem));
    }

    pub(crate) fn recover(&self) {
        let mut state = self.state.lock().unwrap();
        state.faults.clear();
        state.fails_at = None;
    }

    /// Fails one call, whichever it is, after so many others.
    pub(crate) fn fail_after(&self, calls: usize, problem: HardwareKeyProblem) {
        self.state.lock().unwrap().fails_at = Some((calls, problem));
    }

    /// Replaces the key, as a test's fixed one.
    pub(crate) fn with_key(key: [u8; 32]) -> Self {
        let double = Self::default();
        double.state.lock().unwrap().key = Some(key);
        double
    }

    pub(crate) fn holds_a_key(&self) -> bool {
        self.state.lock().unwrap().key.is_some()
    }

    pub(crate) fn calls(&self) -> Vec<KeyCall> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Calls `watch` with the label, the failure count and what is kept whenever a MAC is asked for.
    pub(crate) fn watch(&self, watch: impl Fn(&str, u32, &[u8]) + Send + Sync + 'static) {
        *self.watcher.lock().unwrap() = Some(Box::new(watch));
    }

    fn enter(&self, call: KeyCall) -> Result<std::sync::MutexGuard<'_, MemoryState>, HardwareKeyProblem> {
        let mut state = self.state.lock().unwrap();
        state.calls.push(call);
        if let Some((left, problem)) = state.fails_at {
            state.fails_at = left.checked_sub(1).map(|left| (left, problem));
            if left == 0 {
                return Err(problem);
            }
        }
        match state.faults.iter().find(|(fault, _)| *fault == call) {
            Some((_, problem)) => Err(*problem),
            None => Ok(state),
        }
    }
}

impl HardwareKey for MemoryHardwareKey {
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        let state = self.enter(KeyCall::Mac)?;
        let key = state.key.ok_or(HardwareKeyProblem::NotFound)?;
        if let Some(watch) = &*self.watcher.lock().unwrap() {
            watch(&label, state.failures, &state.kept);
        }
        Ok(mac(&key, &[label.as_bytes(), &[0], &message]).expose().to_vec())
    }

    fn create(&self) -> Result<(), HardwareKeyProblem> {
        let mut state = self.enter(KeyCall::Create)?;
        if state.key.is_none() {
            state.made += 1;
            state.key = Some([state.made; 32]);
            state.failures = 0;
            state.kept.clear();
        }
        Ok(())
    }

    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        self.enter(KeyCall::Delete)?.key = None;
        Ok(())
    }

    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        let state = self.enter(KeyCall::Failures)?;
        state.key.map(|_| state.failures).ok_or(HardwareKeyProblem::NotFound)
    }

    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        let mut state = self.enter(KeyCall::SetFailures)?;
        state.key.ok_or(HardwareKeyProblem::NotFound)?;
        state.failures = count;
        Ok(())
    }

    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        let state = self.enter(KeyCall::Kept)?;
        state.key.map(|_| state.kept.clone()).ok_or(HardwareKeyProblem::NotFound)
    }

    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        let mut state = self.enter(KeyCall::Keep)?;
        state.key.ok_or(HardwareKeyProblem::NotFound)?;
        state.kept = bytes;
        Ok(())
    }
}
