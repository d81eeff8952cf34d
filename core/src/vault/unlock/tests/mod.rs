//! The lock as a thief, a fault and a crash meet it.
//!
//! Every try is stretched at the floor of its cost; the default is proven beside the stretching itself.

mod copies;
mod founding;
mod tries;
mod trouble;
mod wipes;

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::ports::HardwareKeyProblem::{Invalidated, NotFound, Transient};
use crate::vault::doubles::{FixedClock, FixedEntropy, KeyCall, MemoryHardwareKey};
use crate::vault::kdf::KdfCost;

const RIGHT: &str = "739184";
const WRONG: &str = "739185";
const START_MS: i64 = 1_700_000_000_000;

struct Phone {
    _folder: TempDir,
    home: PathBuf,
    clock: FixedClock,
    entropy: FixedEntropy,
    key: MemoryHardwareKey,
    root: [u8; 32],
}

fn pin(text: &str) -> Pin {
    Pin::entered(text).unwrap_or_else(|_| panic!())
}

fn rules(tries_max: u8) -> LockRules {
    LockRules::new(KdfCost::FLOOR, tries_max).unwrap()
}

impl Phone {
    fn with_tries_max(tries_max: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let (entropy, key) = (FixedEntropy::new(1), MemoryHardwareKey::default());
        let root = found(&home, &pin(RIGHT), rules(tries_max), &entropy, Hardware::with_key(&key))
            .unwrap_or_else(|_| panic!());
        let root = *root.secret().expose();
        key.calls();
        Self { _folder: folder, home, clock: FixedClock::at(START_MS), entropy, key, root }
    }

    fn new() -> Self {
        Self::with_tries_max(10)
    }

    fn begin(&self, text: &str) -> Result<Unlock<'_>, UnlockProblem> {
        Unlock::begin(&self.home, &pin(text), &self.clock, Hardware::with_key(&self.key))
    }

    fn problem(&self, text: &str) -> UnlockProblem {
        self.begin(text).err().unwrap_or_else(|| panic!("it opened"))
    }

    fn opens(&self) -> bool {
        self.begin(RIGHT).is_ok_and(|unlock| *unlock.root_key().secret().expose() == self.root)
    }

    fn fail(&self, times: u32) {
        for _ in 0..times {
            self.clock.pass(3600);
            assert!(matches!(self.problem(WRONG), UnlockProblem::WrongPin { .. }));
        }
    }

    fn file(&self) -> PathBuf {
        self.home.join(ENVELOPE_FILE)
    }

    fn counts(&self) -> (u32, u32) {
        (Envelope::parse(&std::fs::read(self.file()).unwrap()).unwrap().tries().failures, {
            let failures = self.key.failures();
            self.key.calls();
            failures.unwrap()
        })
    }
}
