//! Processes that are killed without a word, again and again: the phone's, the endpoint's, in the middle of anything.
//!
//! Real processes, real files. What was answered has to be there afterwards; what was not is whole or absent.

mod births;
mod old_home;
mod scene;
mod told;

use std::panic::{AssertUnwindSafe, catch_unwind};

use fieldfare_core::vault::LockRules;
use serde::{Deserialize, Serialize};

pub use scene::Scene;

/// Rounds in one organisation; then a new one is founded, so that looking through it stays quick.
const ROUNDS_OF_A_SCENE: u64 = 250;

/// What was done and what came of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Rounds begun.
    pub rounds: u64,
    /// Processes of a device that were killed.
    pub kills_phone: u64,
    /// Those of them that were killed with work under way.
    pub kills_phone_at_work: u64,
    /// Processes of an endpoint that were killed.
    pub kills_endpoint: u64,
    /// Kills of a device that was just being founded, joined or brought up to date.
    pub kills_at_birth: u64,
    /// Commands whose answer was read.
    pub acknowledged: u64,
    /// Promises that were broken.
    pub lost: u64,
}

impl Tally {
    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.kills_phone += other.kills_phone;
        self.kills_phone_at_work += other.kills_phone_at_work;
        self.kills_endpoint += other.kills_endpoint;
        self.kills_at_birth += other.kills_at_birth;
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
    }
}

/// Goes through so many rounds. A promise that is broken ends them: its seed is printed and its homes are kept.
#[must_use]
pub fn rounds(count: u64, seed: u64, rules: LockRules) -> Tally {
    let mut all = Tally::default();
    while all.rounds < count && all.lost == 0 {
        let scene_seed = seed.wrapping_add(all.rounds);
        let mut scene = Scene::begin(scene_seed, rules);
        let left = (count - all.rounds).min(ROUNDS_OF_A_SCENE);
        let kept = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..left {
                scene.round();
            }
            scene.look_at_everything();
        }));
        if kept.is_err() {
            scene.tally.lost += 1;
            let kept = scene.keep();
            eprintln!("seed {scene_seed}, round {}: homes in {}", scene.tally.rounds, kept.display());
        }
        all.add(&scene.tally);
    }
    all
}
