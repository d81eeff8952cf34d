//! Kills processes round after round and prints what came of it, as one JSON line: `kill --rounds N [--seed S]`.
//!
//! Ends with 1 if anything that was promised is not there. The binary `fieldfare` has to be built beside it first:
//! `cargo build --release --locked --bin fieldfare`.

use std::process::{Command, ExitCode, Stdio};

use tests::kills::{self, Tally};
use tests::phone::cheap;

/// Organisations that go through their rounds side by side, each in a process of its own: a process that is being started
/// holds copies of whatever files its parent has open, also the lock of another home.
const SIDE_BY_SIDE: u64 = 4;
/// Asks this program to go through its rounds by itself.
const ALONE: &str = "--alone";

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
    let begun = std::time::Instant::now();
    let all = if arguments.iter().any(|argument| argument == ALONE) {
        kills::rounds(rounds, seed, cheap())
    } else {
        side_by_side(rounds, seed)
    };
    let mut line = serde_json::to_value(all).expect("JSON");
    line["seconds"] = begun.elapsed().as_secs().into();
    println!("{line}");
    if all.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn side_by_side(rounds: u64, seed: u64) -> Tally {
    let program = std::env::current_exe().expect("this program has a path");
    let start = |number: u64| {
        let share = rounds / SIDE_BY_SIDE + u64::from(number < rounds % SIDE_BY_SIDE);
        let mut command = Command::new(&program);
        command.args([ALONE, "--rounds", &share.to_string(), "--seed"]);
        command.arg((seed + number * 1_000_000).to_string()).stdout(Stdio::piped());
        command.spawn().expect("this program starts")
    };
    let children: Vec<_> = (0..SIDE_BY_SIDE).map(start).collect();
    let mut all = Tally::default();
    for child in children {
        let output = child.wait_with_output().expect("this program ends");
        let one: Option<Tally> = serde_json::from_slice(&output.stdout).ok();
        all.add(&one.unwrap_or(Tally { lost: 1, ..Tally::default() }));
    }
    all
}
