//! Plays the seeded world: every fault with many seeds, one JSON line a fault.
//!
//! Chooses what is played and counts; what is done and what must hold is the world's.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::json;
use tests::world::faults::{FAULTS, Fault};
use tests::world::template::Template;
use tests::world::{Run, play};

/// How many seeds are played unless somebody says so.
const SEEDS: u64 = 10;

const HELP: &str = "\
world - a seeded, hostile world of phones and one endpoint

  world [--first SEED] [--seeds N] [--fault NUMBER] [--jobs N]
      Plays every fault (or one) with N seeds (default 10) from SEED (default 1) on.
      Prints {\"fault\":..,\"runs\":..,\"steps\":..,\"violations\":..} for each.
  world --full [--first SEED] [--seeds N]
      Plays the fault of much at once as large as a phone must bear it (default 1 seed): 100,000 edits in a case,
      500 cases, 10,000 segments. Making them takes minutes.
  world --until-noticed ...
      The same, but every fault ends with the first seed that does not hold.
  world --replay SEED --fault NUMBER
      Plays one seed and tells everything that happened.

Ends with 1 if anything did not hold, with fault, seed and reason on the standard error.";

struct Wanted {
    first: u64,
    seeds: Option<u64>,
    fault: Option<u8>,
    jobs: usize,
    until_noticed: bool,
    full: bool,
    replay: Option<u64>,
}

fn wanted() -> Result<Option<Wanted>, String> {
    let mut wanted = Wanted {
        first: 1,
        seeds: None,
        fault: None,
        jobs: 1,
        until_noticed: false,
        full: false,
        replay: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut number = || {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a number"))?;
            value.parse::<u64>().map_err(|_| format!("{name} needs a number, not {value}"))
        };
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--until-noticed" => wanted.until_noticed = true,
            "--full" => wanted.full = true,
            "--first" => wanted.first = number()?,
            "--seeds" => wanted.seeds = Some(number()?),
            "--fault" => wanted.fault = Some(u8::try_from(number()?).unwrap_or(u8::MAX)),
            "--jobs" => wanted.jobs = usize::try_from(number()?).unwrap_or(1).clamp(1, 64),
            "--replay" => wanted.replay = Some(number()?),
            other => return Err(format!("{other} is not understood; see --help")),
        }
    }
    Ok(Some(wanted))
}

fn say(line: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Plays one fault with all seeds; returns how many did not hold.
fn runs(template: &Template, fault: &Fault, wanted: &Wanted) -> u64 {
    let next = AtomicU64::new(wanted.first);
    let seeds = wanted.seeds.unwrap_or(if wanted.full { 1 } else { SEEDS });
    let end = wanted.first.saturating_add(seeds);
    let (runs, steps, struck) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let begun = Instant::now();
    let failed: Mutex<Vec<Run>> = Mutex::default();
    let played = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= end {
                return;
            }
            let run = play(template, fault, seed);
            runs.fetch_add(1, Ordering::SeqCst);
            steps.fetch_add(run.steps, Ordering::SeqCst);
            struck.fetch_add(run.struck, Ordering::SeqCst);
            if run.violation.is_some() {
                if wanted.until_noticed {
                    next.store(end, Ordering::SeqCst);
                }
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(run);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..wanted.jobs {
            scope.spawn(played);
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|run| run.seed);
    for run in &failed {
        let why = run.violation.as_ref().map_or("", |violation| violation.0.as_str());
        let (number, seed) = (fault.number, run.seed);
        tell(&format!("fault {number}, seed {seed}: {why}; see: world --replay {seed} --fault {number}"));
    }
    let violations = failed.len() as u64;
    let (runs, steps) = (runs.load(Ordering::SeqCst), steps.load(Ordering::SeqCst));
    say(&json!({"fault": fault.number, "runs": runs, "steps": steps, "violations": violations}));
    let seconds = begun.elapsed().as_secs_f64();
    let struck = struck.load(Ordering::SeqCst);
    tell(&format!("fault {} ({}): struck {struck} times, {seconds:.1} s", fault.number, fault.name));
    violations
}

fn replay(template: &Template, fault: &Fault, seed: u64) -> u64 {
    let run = play(template, fault, seed);
    for line in &run.told {
        tell(line);
    }
    tell(&format!("{:?}, trace {}", run.violation, run.trace));
    u64::from(run.violation.is_some())
}

fn main() -> ExitCode {
    let wanted = match wanted() {
        Ok(Some(wanted)) => wanted,
        Ok(None) => {
            let _ = writeln!(std::io::stdout(), "{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            tell(&why);
            return ExitCode::from(2);
        }
    };
    // A panic inside a world is a violation of its run, told with the seed.
    std::panic::set_hook(Box::new(|_| {}));
    let template = Template::found();
    let chosen: Vec<Fault> = FAULTS
        .iter()
        .filter(|fault| wanted.fault.is_none_or(|number| number == fault.number))
        .filter_map(|fault| if wanted.full { fault.in_full() } else { Some(*fault) })
        .collect();
    if chosen.is_empty() {
        tell("there is no such fault");
        return ExitCode::from(2);
    }
    let bad: u64 = chosen
        .iter()
        .map(|fault| match wanted.replay {
            Some(seed) => replay(&template, fault, seed),
            None => runs(&template, fault, &wanted),
        })
        .sum();
    ExitCode::from(u8::from(bad > 0))
}
