//! `docs/mutants.md`: every mutant with what it breaks and what notices it, and the commit on which all of them were tried.
//!
//! Writes and reads that one document.

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
const COMMIT: &str = "All of them were tried on commit `";
const HEAD: &str = "| Mutant | What it breaks | Where | What notices it |\n|---|---|---|---|\n";

/// The line that says on which commit and day all were tried.
#[must_use]
pub fn tried_on(commit: &str, differ: usize, date: &str) -> String {
    let on_top = match differ {
        0 => String::new(),
        files => format!(", with {files} changed files not committed yet"),
    };
    format!(
        "{COMMIT}{commit}`{on_top}, on {date}, and every one was noticed; a row may have been renewed since."
    )
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

/// A whole table.
#[must_use]
pub fn written(tried_on: &str, rows: &[String]) -> String {
    format!("{BEGINS}{tried_on}\n\n{HEAD}{}", rows.concat())
}

/// The table with the rows of these mutants renewed, and without rows of mutants that are gone.
#[must_use]
pub fn renewed(table: &str, noticed: &[&Mutant], there: &[Mutant]) -> Option<String> {
    let said = said_of(table)?;
    let is_there = |name: &str| there.iter().any(|mutant| mutant.name == name);
    let is_new = |name: &str| noticed.iter().any(|mutant| mutant.name == name);
    let mut rows: Vec<String> = table
        .lines()
        .filter(|line| names_in(line).any(|name| is_there(name) && !is_new(name)))
        .map(|line| format!("{line}\n"))
        .chain(noticed.iter().map(|mutant| row(mutant)))
        .collect();
    rows.sort();
    Some(written(said, &rows))
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
        let there = [mutant("a", "One."), mutant("b", "Two."), mutant("c", "Three.")];
        let rows: Vec<String> = [&there[0], &there[2], &mutant("gone", "Gone.")].map(row).into();
        let table = written(&tried_on("0a1b", 0, "2026-11-23"), &rows);
        assert_eq!(commit_in(&table), Some("0a1b"));
        assert_eq!(names_in(&table).collect::<Vec<_>>(), ["a", "c", "gone"]);
        let table = renewed(&table, &[&there[1], &mutant("c", "Other.")], &there).unwrap();
        assert_eq!(
            (commit_in(&table), names_in(&table).collect::<String>()),
            (Some("0a1b"), "abc".to_owned())
        );
        assert!(table.contains("| `c` | Other. | `a.rs` | world fault 3 |\n") && !table.contains("Three."));
        assert_eq!(renewed("", &[], &there), None);
    }
}
