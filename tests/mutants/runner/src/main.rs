//! Tries mutants: `tests/mutants/run [--changed|--all|NAME…]`.
//!
//! Chooses, counts and prints; how one mutant is tried is told in `trial`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutants::cargo::{Cargo, members};
use mutants::choice::{checked_out, concerned, since};
use mutants::copy::{bring_up_to_date, digest_of_sources, known_files};
use mutants::kept::Kept;
use mutants::shape::{self, Mutant};
use mutants::trial::Workshop;
use mutants::{change, table};

/// Minutes of `--changed`, its share of `tests/run`.
const MINUTES: u64 = 4;
/// Mutants whose killers are looked at together before they are made, where time is short.
const BATCH: usize = 6;

const HELP: &str = "\
mutants - bugs on purpose, made in a copy of the sources, each with the test that must notice it

  tests/mutants/run NAME…                   tries these and renews their rows in docs/mutants.md
  tests/mutants/run --changed [--minutes N] tries those that changes since the commit in docs/mutants.md concern, the latest
                                            changes first, as far as N minutes reach (4 unless said otherwise)
  tests/mutants/run --all [--minutes N]     tries all and writes docs/mutants.md; what was stopped goes on where it was,
                                            as long as the sources are the same

A mutant is a file tests/mutants/NAME.toml. First its killer must pass on the sources as they are; then the mutant is made, what
the killer needs is built, and it must fail. A mutant that no longer applies, does not compile or survives is a failure. So is a
killer that does not end (300 s for a test, 900 s for a world fault), unless its file says in `may_hang` why that is what it
breaks. What was not tried for want of time counts as ignored.";

enum Wanted {
    Changed,
    All,
    Named(Vec<String>),
}

fn wanted() -> Result<Option<(Wanted, Option<u64>)>, String> {
    let (mut changed, mut all, mut names, mut minutes) = (false, false, Vec::new(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--changed" => changed = true,
            "--all" => all = true,
            "--minutes" => {
                let number = arguments.next().and_then(|number| number.parse().ok());
                minutes = Some(number.ok_or("--minutes needs a number")?);
            }
            other if other.starts_with('-') => return Err(format!("{other} is not understood; see --help")),
            name => {
                names.push(name.trim_end_matches(".toml").rsplit('/').next().unwrap_or_default().to_owned())
            }
        }
    }
    match (changed, all, names.is_empty()) {
        (true, false, true) => Ok(Some((Wanted::Changed, Some(minutes.unwrap_or(MINUTES))))),
        (false, true, true) => Ok(Some((Wanted::All, minutes))),
        (false, false, false) => Ok(Some((Wanted::Named(names), minutes))),
        _ => Err("say --changed, --all, or names; see --help".to_owned()),
    }
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
    let _ = std::io::stdout().flush();
}

#[derive(Default)]
struct Count {
    noticed: usize,
    failed: usize,
    left: usize,
}

impl Count {
    fn failed(&mut self, name: &str, why: &str) {
        self.failed += 1;
        say(&format!("test mutant {name} ... FAILED: {}", why.trim()));
    }

    fn noticed(&mut self, name: &str, how: &str) {
        self.noticed += 1;
        say(&format!("test mutant {name} ... ok: {how}"));
    }
}

/// The folder that Cargo builds into.
fn target(root: &Path) -> PathBuf {
    root.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

fn workshop(root: &Path) -> Result<(Workshop, File), String> {
    let problem = |problem: std::io::Error| problem.to_string();
    let target = target(root);
    let (mine, files) = (target.join("mutants"), known_files(root)?);
    let (copy, logs) = (mine.join("tree"), mine.join("log"));
    fs::create_dir_all(&logs).map_err(problem)?;
    let lock = File::create(mine.join("in-use")).map_err(problem)?;
    lock.try_lock().map_err(|_| "mutants are being tried already, in the same target folder".to_owned())?;
    bring_up_to_date(root, &copy, &files).map_err(problem)?;
    let members = members(&copy)?;
    let kept = Kept::of(&mine.join("results"), &digest_of_sources(root, &files).map_err(problem)?)
        .map_err(problem)?;
    let cargo = Cargo::new(&copy, &target, &mine.join("out"), &members);
    let whole_world = mine.join("whole-world");
    Ok((Workshop { root: root.to_owned(), copy, logs, members, cargo, kept, whole_world }, lock))
}

/// Tries mutants one after another as long as there is time; one is tried in any case.
fn try_all<'a>(
    workshop: &Workshop,
    mutants: &[&'a Mutant],
    until: Option<Instant>,
    count: &mut Count,
) -> Vec<&'a Mutant> {
    let (mut noticed, mut any_tried) = (Vec::new(), false);
    let mut left = mutants.to_vec();
    left.retain(|mutant| match change::applied(&workshop.root, mutant) {
        Ok(_) => true,
        Err(why) => {
            count.failed(&mutant.name, &why);
            false
        }
    });
    let is_over = || until.is_some_and(|until| Instant::now() >= until);
    while !(left.is_empty() || is_over() && any_tried) {
        let batch: Vec<&Mutant> =
            left.drain(..left.len().min(if until.is_some() { BATCH } else { usize::MAX })).collect();
        say(&format!(
            "what must notice the next {} has to pass on the sources as they are first",
            batch.len()
        ));
        let holds = workshop.killers_hold(&batch);
        for (tried, mutant) in batch.iter().enumerate() {
            if is_over() && any_tried {
                count.left += batch.len() - tried;
                break;
            }
            any_tried = true;
            let begun = Instant::now();
            let result = match holds.get(&mutant.killer) {
                Some(Ok(with_binary)) => workshop.is_noticed(mutant, *with_binary),
                Some(Err(why)) => Err(why.clone()),
                None => Err("nothing is known of its killer".to_owned()),
            };
            let seconds = begun.elapsed().as_secs();
            match result {
                Ok(how) => {
                    noticed.push(*mutant);
                    count.noticed(&mutant.name, &format!("{how}, {seconds} s"));
                }
                Err(why) => count.failed(&mutant.name, &format!("{why} ({seconds} s)")),
            }
        }
    }
    count.left += left.len();
    noticed
}

/// Those that a change concerns, with one line that says how that was found out.
fn of_changed_files<'a>(workshop: &Workshop, mutants: &'a [Mutant]) -> (Vec<&'a Mutant>, String) {
    let root = &workshop.root;
    let known = fs::read_to_string(table::path(root)).map_err(|_| "docs/mutants.md is not there".to_owned());
    let known = known.and_then(|table| {
        let commit = table::commit_in(&table).ok_or("docs/mutants.md names no commit")?.to_owned();
        since(root, &commit).map(|changes| (commit, changes, table::untried_in(&table)))
    });
    match known {
        Ok((commit, changes, untried)) => {
            let mut chosen = concerned(mutants, Some(&changes), root, &workshop.members);
            // What was never tried comes last: what has changed is the likelier to have come apart.
            let is_chosen = |name: &str| chosen.iter().any(|mutant| mutant.name == name);
            let untried = mutants.iter().filter(|one| untried.contains(&one.name) && !is_chosen(&one.name));
            let untried: Vec<&Mutant> = untried.collect();
            chosen.extend(untried);
            (chosen, format!("files changed since commit {commit}, and those not tried yet"))
        }
        Err(why) => (concerned(mutants, None, root, &workshop.members), format!("all files, since {why}")),
    }
}

fn write_table(workshop: &Workshop, mutants: &[Mutant]) -> Result<(), String> {
    let (commit, differ) = checked_out(&workshop.root)?;
    let date = chrono::Utc::now().format("%Y-%m-%d").to_string();
    let text = table::written(&table::tried_on(&commit, differ, &date), &BTreeSet::new(), mutants);
    fs::write(table::path(&workshop.root), text).map_err(|problem| problem.to_string())
}

fn renew_table(workshop: &Workshop, noticed: &[&Mutant], mutants: &[Mutant]) -> Result<(), String> {
    let path = table::path(&workshop.root);
    let before = match fs::read_to_string(&path) {
        Ok(before) => before,
        Err(_) => {
            let (commit, differ) = checked_out(&workshop.root)?;
            let date = chrono::Utc::now().format("%Y-%m-%d").to_string();
            table::written(&table::tried_on(&commit, differ, &date), &BTreeSet::new(), &[])
        }
    };
    match table::renewed(&before, noticed, mutants) {
        Some(after) if after != before => fs::write(path, after).map_err(|problem| problem.to_string()),
        _ => Ok(()),
    }
}

fn play(wanted: &Wanted, minutes: Option<u64>) -> Result<Count, String> {
    let root = std::env::current_dir().map_err(|problem| problem.to_string())?;
    let until = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let mut count = Count::default();
    let mut mutants = Vec::new();
    let found = shape::all(&root).map_err(|problem| problem.to_string())?;
    if let Wanted::Named(names) = wanted {
        let is_there = |name: &&String| found.iter().any(|(there, _)| there == *name);
        if let Some(name) = names.iter().find(|name| !is_there(name)) {
            return Err(format!("there is no {}/{name}.toml", shape::FOLDER));
        }
    }
    for (name, mutant) in found {
        match mutant {
            Ok(mutant) => mutants.push(mutant),
            Err(why) if !matches!(wanted, Wanted::Named(names) if !names.contains(&name)) => {
                count.failed(&name, &why)
            }
            Err(_) => {}
        }
    }
    let (workshop, _lock) = workshop(&root)?;
    let (mut chosen, of) = match wanted {
        Wanted::Changed => of_changed_files(&workshop, &mutants),
        Wanted::All => (mutants.iter().collect(), "all files".to_owned()),
        Wanted::Named(names) => (
            mutants.iter().filter(|mutant| names.contains(&mutant.name)).collect(),
            "the names given".to_owned(),
        ),
    };
    let wanted_in_all = chosen.len();
    if !matches!(wanted, Wanted::Named(_)) {
        chosen.retain(|mutant| match workshop.noticed_before(mutant) {
            Some(how) => {
                count.noticed(&mutant.name, &format!("{how}, earlier and on the very same sources"));
                false
            }
            None => true,
        });
    }
    let before = count.noticed;
    let noticed = try_all(&workshop, &chosen, until, &mut count);
    say(&format!(
        "mutants of {of}: {wanted_in_all}; tried now: {}, known from earlier: {before}, left to --all: {}",
        chosen.len() - count.left,
        count.left
    ));
    match wanted {
        Wanted::All if count.failed + count.left == 0 => write_table(&workshop, &mutants)?,
        Wanted::All | Wanted::Named(_) => renew_table(&workshop, &noticed, &mutants)?,
        Wanted::Changed => {}
    }
    Ok(count)
}

fn main() -> ExitCode {
    let begun = Instant::now();
    let came_to = match wanted() {
        Ok(Some((wanted, minutes))) => play(&wanted, minutes),
        Ok(None) => {
            say(HELP);
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            return ExitCode::from(2);
        }
    };
    let count = came_to.unwrap_or_else(|why| {
        say(&format!("test mutants ... FAILED: {why}"));
        Count { failed: 1, ..Count::default() }
    });
    let word = if count.failed == 0 { "ok" } else { "FAILED" };
    say(&format!(
        "test result: {word}. {} passed; {} failed; {} ignored; finished in {} s",
        count.noticed,
        count.failed,
        count.left,
        begun.elapsed().as_secs()
    ));
    ExitCode::from(u8::from(count.failed > 0))
}
