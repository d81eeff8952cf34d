//! The seeded world in every test run: a few seeds of each fault, and the seeds that once failed.
//!
//! Many seeds are for the `world` binary; here is what a change must not break.

use tests::world::faults::{FAULTS, fault};
use tests::world::template::Template;
use tests::world::{kept, play};

/// Seeds of each fault.
const SEEDS: u64 = 2;

#[test]
fn every_fault_is_survived() {
    let template = Template::found();
    for fault in FAULTS.iter().filter(|fault| fault.owed.is_none()) {
        for seed in 1..=SEEDS {
            let run = play(&template, fault, seed);
            assert_eq!(run.violation, None, "fault {}, seed {seed}", fault.number);
            assert!(run.struck > 0 && run.steps > 0);
        }
    }
}

#[test]
fn seeds_that_once_failed_hold() {
    let template = Template::found();
    for kept in kept::all() {
        let fault = fault(kept.fault).expect("a fault that can be played");
        let run = play(&template, fault, kept.seed);
        assert_eq!(run.violation, None, "fault {}, seed {}: {}", kept.fault, kept.seed, kept.why);
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let (left, right) = (Template::found(), Template::found());
    for fault in FAULTS.iter().filter(|fault| fault.owed.is_none()) {
        let (one, other) = (play(&left, fault, 77), play(&right, fault, 77));
        assert_eq!(one.told, other.told, "fault {}", fault.number);
        assert_eq!(one.trace, other.trace);
    }
}
