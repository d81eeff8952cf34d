//! Kills processes round after round and prints what came of it, as one JSON line: `kill --rounds N [--seed S]`.
//!
//! Ends with 1 if anything that was promised is not there. The binary `fieldfare` has to be built beside it first, with the
//! whole workspace: `cargo build --release --workspace --bins`.

use std::process::ExitCode;

use fieldfare_core::vault::{KdfCost, LockRules};
use serde_json::json;
use tests::kills::{self, Tally};

/// Organisations that go through their rounds side by side.
const SIDE_BY_SIDE: u64 = 4;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let Some(rounds) = number("--rounds") else {
        eprintln!("usage: kill --rounds N [--seed S]");
        return ExitCode::FAILURE;
    };
    let seed = number("--seed").unwrap_or(2026);
    // A lock that costs next to nothing: it is not what is tried here, and it is opened thirty thousand times.
    let rules = LockRules::new(KdfCost::NONE, 10).expect("ten tries are allowed");
    let begun = std::time::Instant::now();
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let share = |number| rounds / SIDE_BY_SIDE + u64::from(number < rounds % SIDE_BY_SIDE);
        let threads: Vec<_> = (0..SIDE_BY_SIDE)
            .map(|number| scope.spawn(move || kills::rounds(share(number), seed + number * 1_000_000, rules)))
            .collect();
        for thread in threads {
            all.add(&thread.join().unwrap_or(Tally { lost: 1, ..Tally::default() }));
        }
    });
    let line = json!({
        "rounds": all.rounds,
        "kills_phone": all.kills_phone,
        "kills_phone_at_work": all.kills_phone_at_work,
        "kills_endpoint": all.kills_endpoint,
        "kills_at_birth": all.kills_at_birth,
        "acknowledged": all.acknowledged,
        "lost": all.lost,
        "seconds": begun.elapsed().as_secs(),
    });
    println!("{line}");
    if all.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
