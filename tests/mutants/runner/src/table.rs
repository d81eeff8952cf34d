//! `docs/mutants.md`: every mutant with what it breaks and what notices it, and which of them were not tried yet.
//!
//! Writes and reads that one document.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::shape::Mutant;

/// Where the table lies.
#[must_use]
pub fn path(root: &Path) -> PathBuf {
    root.join("docs/mutants.md")
}

const BEGINS: &str = "\
# Mutants

Bugs on purpose, each made in a copy of the sources, and the test or the fault of the seeded world that then fails. Written by
`tests/mutants/run`; [CONTRIBUTING.md](../CONTRIBUTING.md) says how to add one.

";
const COMMIT: &str = "Changes are counted from commit `";
const UNTRIED: &str = "Not tried since they were written: ";
const ALL_BUT: &str = "A mutant that was tried was noticed, or it would not stand here as tried.";
const ALL_TRIED: &str = "Every one was noticed when it was tried last.";
const HEAD: &str = "| Mutant | What it breaks | Where | What notices it |\n|---|---|---|---|\n";

/// The line that says from which commit on changes are counted, and of which day it is.
#[must_use]
pub fn tried_on(commit: &str, differ: usize, date: &str) -> String {
    let on_top = match differ {
        0 => String::new(),
        files => format!(", with {files} changed files not committed yet"),
    };
    format!("{COMMIT}{commit}`{on_top}, of {date}.")
}

/// The line in a table that says so.
#[must_use]
pub fn said_of(table: &str) -> Option<&str> {
    table.lines().find(|line| line.starts_with(COMMIT))
}

/// The commit that a table names.
#[must_use]
pub fn commit_in(table: &str) -> Option<&str> {
    said_of(table)?.strip_prefix(COMMIT)?.split('`').next()
}

/// Names of the mutants that a table says were not tried yet.
#[must_use]
pub fn untried_in(table: &str) -> BTreeSet<String> {
    let line = table.lines().find_map(|line| line.strip_prefix(UNTRIED));
    let quoted = line.unwrap_or_default().split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Names of the mutants in a table.
pub fn names_in(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next())
}

/// A mutant's row.
#[must_use]
pub fn row(mutant: &Mutant) -> String {
    let mut files: Vec<String> = mutant.changes.iter().map(|change| format!("`{}`", change.file)).collect();
    files.dedup();
    format!("| `{}` | {} | {} | {} |\n", mutant.name, mutant.breaks, files.join(", "), mutant.killer)
}

/// A whole table of all mutants that there are.
#[must_use]
pub fn written(tried_on: &str, untried: &BTreeSet<String>, there: &[Mutant]) -> String {
    let names: Vec<String> = untried.iter().map(|name| format!("`{name}`")).collect();
    let tried =
        if names.is_empty() { ALL_TRIED.to_owned() } else { format!("{UNTRIED}{}", names.join(", ")) };
    let mut rows: Vec<String> = there.iter().map(row).collect();
    rows.sort();
    format!("{BEGINS}{tried_on} {ALL_BUT}\n\n{tried}\n\n{HEAD}{}", rows.concat())
}

/// The table after some mutants were noticed. Whichever has no row yet, or one that says something else, counts as untried
/// until it is noticed.
#[must_use]
pub fn renewed(table: &str, noticed: &[&Mutant], there: &[Mutant]) -> Option<String> {
    let said = said_of(table)?;
    let said = said.strip_suffix(ALL_BUT).unwrap_or(said).trim_end();
    let before = untried_in(table);
    let is_untried = |mutant: &&Mutant| {
        let is_noticed = noticed.iter().any(|other| other.name == mutant.name);
        !is_noticed && (before.contains(&mutant.name) || !table.contains(&row(mutant)))
    };
    let untried = there.iter().filter(is_untried).map(|mutant| mutant.name.clone()).collect();
    Some(written(said, &untried, there))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(name: &str, breaks: &str) -> Mutant {
        let text = format!(
            "breaks = \"{breaks}\"\n[[change]]\nfile = \"a.rs\"\nbefore = '''\na\n'''\nafter = ''\n[killed_by]\nfault = 3\n"
        );
        Mutant::read(name, &text).unwrap()
    }

    #[test]
    fn a_table_is_read_as_it_was_written_and_renewed_row_by_row() {
        let before = [mutant("a", "One."), mutant("c", "Three."), mutant("gone", "Gone.")];
        let table = written(&tried_on("0a1b", 0, "2026-11-23"), &BTreeSet::from(["a".to_owned()]), &before);
        assert_eq!(commit_in(&table), Some("0a1b"));
        assert_eq!(names_in(&table).collect::<Vec<_>>(), ["a", "c", "gone"]);
        assert_eq!(untried_in(&table), BTreeSet::from(["a".to_owned()]));
        // One is new and was noticed, one is new and was not, one says something else than it did.
        let there = [mutant("a", "One."), mutant("b", "Two."), mutant("c", "Other."), mutant("d", "Four.")];
        let table = renewed(&table, &[&there[1]], &there).unwrap();
        let names = names_in(&table).collect::<String>();
        assert_eq!((commit_in(&table), names.as_str()), (Some("0a1b"), "abcd"));
        assert_eq!(untried_in(&table).into_iter().collect::<String>(), "acd");
        assert!(table.contains("| `c` | Other. | `a.rs` | world fault 3 |\n") && !table.contains("Three."));
        let all = renewed(&table, &there.each_ref(), &there).unwrap();
        assert!(untried_in(&all).is_empty() && all.contains(ALL_TRIED) && said_of(&all) == said_of(&table));
        assert_eq!(renewed("", &[], &there), None);
    }
}
