//! Running what must fail, and reading whether it did.
//!
//! A killer has failed only if it says so itself: one that was not run, crashed or did not end has shown nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::{Ended, run};

/// Longest run of one test. The slowest that kills a mutant takes a tenth of it on two busy cores.
pub const TEST_SECONDS_MAX: u64 = 300;
/// Longest run of a world fault with all its seeds.
pub const FAULT_SECONDS_MAX: u64 = 900;
/// What a test says that looks for the binary where there is none.
const ASKS_FOR_THE_BINARY: &str = "the binary is built first";

/// What a killer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It ran and found nothing wrong.
    Passed,
    /// It ran and failed; a world fault says at which seed.
    Failed(Option<u64>),
    /// It did not end within this many seconds.
    Hung(u64),
    /// It wanted the binary, and none was given to it.
    WantsBinary,
    /// It was not run or did not come to a result.
    Unclear(String),
}

/// Runs one test by its full path, in the folder of its package.
///
/// # Errors
/// The program cannot be started.
pub fn test(program: &Path, test: &str, folder: &Path, log: &Path) -> std::io::Result<Verdict> {
    let mut command = Command::new(program);
    command.args(["--exact", test]).current_dir(folder);
    command.env("CARGO_MANIFEST_DIR", folder);
    let errors = log.with_extension("errors");
    let ended = run(&mut command, Duration::from_secs(TEST_SECONDS_MAX), log, &errors)?;
    let (said, complained) = (text(log), text(&errors));
    fs::write(log, format!("{said}{complained}"))?;
    fs::remove_file(errors)?;
    let verdict = of_test(ended, &said, test);
    let wants_binary = verdict == Verdict::Failed(None) && (said + &complained).contains(ASKS_FOR_THE_BINARY);
    Ok(if wants_binary { Verdict::WantsBinary } else { verdict })
}

/// Plays a fault of the world with seeds from 1 on, until one shows a violation.
///
/// # Errors
/// The program cannot be started.
pub fn fault(program: &Path, fault: u8, seeds: u64, log: &Path) -> std::io::Result<Verdict> {
    let mut command = Command::new(program);
    command.args([
        "--until-noticed",
        "--first",
        "1",
        "--seeds",
        &seeds.to_string(),
        "--fault",
        &fault.to_string(),
    ]);
    let output = log.with_extension("output");
    let ended = run(&mut command, Duration::from_secs(FAULT_SECONDS_MAX), &output, log)?;
    fs::remove_file(output)?;
    Ok(of_fault(ended, &text(log)))
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn of_test(ended: Ended, said: &str, test: &str) -> Verdict {
    let has = |line: &str| said.lines().any(|said| said.starts_with(line));
    match ended {
        Ended::OutOfTime => Verdict::Hung(TEST_SECONDS_MAX),
        Ended::Signal(signal) => {
            Verdict::Unclear(format!("{test} crashed with signal {signal}, which shows nothing"))
        }
        Ended::Status(_) if has("running 0 tests") => {
            Verdict::Unclear(format!("no test is called {test}; name it as `-- --list` prints it"))
        }
        Ended::Status(0) if has("test result: ok. 1 passed; 0 failed;") => Verdict::Passed,
        Ended::Status(0) => Verdict::Unclear(format!("{test} was ignored; name one that runs")),
        Ended::Status(_) if has("test result: FAILED. 0 passed; 1 failed;") => Verdict::Failed(None),
        Ended::Status(status) => Verdict::Unclear(format!("{test} ended with {status} and without a result")),
    }
}

fn of_fault(ended: Ended, said: &str) -> Verdict {
    // fault 3, seed 7: why; see: …
    let seed =
        |line: &str| line.strip_prefix("fault ")?.split_once(", seed ")?.1.split(':').next()?.parse().ok();
    match (ended, said.lines().find_map(seed)) {
        (Ended::OutOfTime, _) => Verdict::Hung(FAULT_SECONDS_MAX),
        (Ended::Status(0), None) => Verdict::Passed,
        (Ended::Status(1), Some(seed)) => Verdict::Failed(Some(seed)),
        _ => Verdict::Unclear(format!(
            "the world ended without a result: {}",
            said.lines().last().unwrap_or_default()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_test_that_ran_and_failed_has_noticed() {
        let failed = "running 1 test\ntest a ... FAILED\ntest result: FAILED. 0 passed; 1 failed; 0 ignored;";
        assert_eq!(of_test(Ended::Status(101), failed, "a"), Verdict::Failed(None));
        let passed = "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored;";
        assert_eq!(of_test(Ended::Status(0), passed, "a"), Verdict::Passed);
        let none = "running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored;";
        let ignored = "running 1 test\ntest result: ok. 0 passed; 0 failed; 1 ignored;";
        for (ended, said) in [
            (Ended::Status(0), none),
            (Ended::Status(0), ignored),
            (Ended::Status(101), "running 1 test"),
            (Ended::Status(127), ""),
            (Ended::Signal(11), "running 1 test"),
        ] {
            assert!(matches!(of_test(ended, said, "a"), Verdict::Unclear(_)), "{said}");
        }
        assert_eq!(of_test(Ended::OutOfTime, "running 1 test", "a"), Verdict::Hung(TEST_SECONDS_MAX));
    }

    #[test]
    fn a_fault_tells_the_seed_that_noticed() {
        let said = "fault 3, seed 7: two heads; see: world --replay 7 --fault 3\nfault 3 (x): struck 9 times, 0.1 s\n";
        assert_eq!(of_fault(Ended::Status(1), said), Verdict::Failed(Some(7)));
        assert_eq!(of_fault(Ended::Status(0), "fault 3 (x): struck 9 times"), Verdict::Passed);
        assert!(matches!(of_fault(Ended::Status(2), "there is no such fault"), Verdict::Unclear(_)));
        assert!(matches!(of_fault(Ended::Signal(6), said), Verdict::Unclear(_)));
    }
}
