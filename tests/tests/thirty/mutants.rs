//! Every mutant still applies and names what must notice it; no requirement and no fault is without one.
//!
//! Reads files and builds nothing: that each is noticed is shown by `tests/mutants/run`.

use std::collections::{BTreeMap, BTreeSet};

use mutants::cargo::{Member, members};
use mutants::change::applied;
use mutants::choice::files_of;
use mutants::shape::{FOLDER, Killer, Mutant, REQUIREMENTS, all};
use mutants::table;
use tests::source::{files, root};
use tests::world::faults::FAULTS;

/// Folders of what is shipped.
const SHIPPED: [&str; 5] = ["protocol", "core", "endpoint", "desk", "bindings"];
/// How many faults of the seeded world there are.
const FAULTS_KNOWN: usize = 30;

/// Every mutant there is.
fn there() -> Vec<Mutant> {
    let read = all(&root()).unwrap();
    let wrong: Vec<String> = read
        .iter()
        .filter_map(|(name, mutant)| mutant.as_ref().err().map(|why| format!("{FOLDER}/{name}.toml: {why}")))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    read.into_iter().filter_map(|(_, mutant)| mutant.ok()).collect()
}

fn none(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

fn invented(file: &str, before: &str, killed_by: &str) -> Mutant {
    let text = format!(
        "breaks = \"Nothing.\"\n[[change]]\nfile = \"{file}\"\nbefore = '''\n{before}\n'''\nafter = ''\n[killed_by]\n{killed_by}\n"
    );
    Mutant::read("invented", &text).unwrap()
}

/// Names of the tests in a text.
fn tests_in(text: &str) -> BTreeSet<&str> {
    let name = |after: &'_ str| -> Option<usize> { after.find("fn ").map(|at| at + 3) };
    let after_attribute = text.split("#[test]").skip(1);
    after_attribute.filter_map(|after| after[name(after)?..].split(['(', '<']).next()).collect()
}

/// Why nothing can notice a mutant, if that is so.
fn has_no_killer(mutant: &Mutant, members: &[Member]) -> Option<String> {
    let killer = &mutant.killer;
    let exists = match killer {
        Killer::Test { test, .. } => {
            let name = test.rsplit("::").next().unwrap_or_default();
            let in_it = files_of(killer, &root(), members);
            let is_in = |file: &tests::source::SourceFile| {
                let told = in_it
                    .iter()
                    .any(|path| file.path == *path || (path.ends_with('/') && file.path.starts_with(path)));
                told && tests_in(&file.text).contains(name)
            };
            files(&[SHIPPED.as_slice(), &["tests"]].concat()).iter().any(is_in)
        }
        Killer::Fault { fault, .. } => {
            FAULTS.iter().any(|known| known.number == *fault && known.owed.is_none())
        }
    };
    (!exists).then(|| format!("{}: there is no {killer}", mutant.name))
}

#[test]
fn every_mutant_applies_to_the_sources_as_they_are() {
    let gone = invented("core/src/lib.rs", "a line that stands nowhere", "fault = 1");
    assert!(applied(&root(), &gone).unwrap_err().contains("no longer stand"));
    let mutants = there();
    assert!(!mutants.is_empty(), "there is no mutant at all");
    let wrong: Vec<String> = mutants
        .iter()
        .filter_map(|mutant| applied(&root(), mutant).err().map(|why| format!("{}: {why}", mutant.name)))
        .collect();
    none(&wrong);
}

#[test]
fn whatever_must_notice_a_mutant_exists() {
    let members = members(&root()).unwrap();
    let test =
        |target: &str, test: &str| format!("package = \"tests\"\ntarget = \"{target}\"\ntest = \"{test}\"");
    let sees = |killed_by: &str| has_no_killer(&invented("a", "b", killed_by), &members).is_none();
    assert!(sees(&test("thirty", "mutants::whatever_must_notice_a_mutant_exists")) && sees("fault = 1"));
    assert!(
        !sees(&test("thirty", "mutants::there")) && !sees(&test("thirtyone", "a")) && !sees("fault = 99")
    );
    let wrong: Vec<String> = there().iter().filter_map(|mutant| has_no_killer(mutant, &members)).collect();
    none(&wrong);
}

#[test]
fn every_requirement_and_every_fault_is_shown_to_bite() {
    let mutants = there();
    let proven: BTreeSet<u8> = mutants.iter().flat_map(Mutant::proves).collect();
    let without: Vec<String> = (1..=REQUIREMENTS)
        .filter(|number| !proven.contains(number))
        .map(|number| format!("r{number:02}"))
        .collect();
    let bitten: BTreeSet<u8> = mutants
        .iter()
        .filter_map(|mutant| match mutant.killer {
            Killer::Fault { fault, .. } => Some(fault),
            Killer::Test { .. } => None,
        })
        .collect();
    assert_eq!(FAULTS.len(), FAULTS_KNOWN);
    let faults = FAULTS.iter().map(|fault| fault.number).filter(|number| !bitten.contains(number));
    let without: Vec<String> =
        without.into_iter().chain(faults.map(|number| format!("fault {number}"))).collect();
    assert!(without.is_empty(), "without a mutant: {}", without.join(", "));
}

#[test]
fn no_bug_on_purpose_stands_in_what_ships() {
    // In two halves, since this file must not say it either.
    let word = ["sabo", "tage"].concat();
    let says = |text: &str| text.to_lowercase().contains(&word);
    assert!(says(&format!("use crate::{}{};", "Sabo", "tage")));
    let manifests = SHIPPED.map(|folder| format!("{folder}/Cargo.toml"));
    let manifests =
        manifests.into_iter().map(|path| (std::fs::read_to_string(root().join(&path)).unwrap(), path));
    let sources = files(&SHIPPED).into_iter().map(|file| (file.text, file.path));
    let wrong: Vec<String> = sources
        .chain(manifests)
        .filter(|(text, _)| says(text))
        .map(|(_, path)| format!("{path} says {word}"))
        .collect();
    none(&wrong);
}

#[test]
fn the_table_of_mutants_lists_exactly_those_that_there_are() {
    let table = std::fs::read_to_string(table::path(&root())).unwrap_or_default();
    assert!(
        table::commit_in(&table).is_some(),
        "docs/mutants.md names no commit; tests/mutants/run --all writes it"
    );
    let listed: BTreeMap<&str, usize> = table::names_in(&table).fold(BTreeMap::new(), |mut listed, name| {
        *listed.entry(name).or_default() += 1;
        listed
    });
    assert!(listed.values().all(|times| *times == 1), "{listed:?}");
    let mutants = there();
    let there: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
    let listed: BTreeSet<&str> = listed.into_keys().collect();
    let (new, gone) = (there.difference(&listed), listed.difference(&there));
    let wrong: Vec<String> = new
        .map(|name| format!("{name} is not in docs/mutants.md; tests/mutants/run {name} adds it"))
        .chain(gone.map(|name| format!("{name} is gone; tests/mutants/run --all leaves it out")))
        .collect();
    none(&wrong);
    for mutant in &mutants {
        let row = table::row(mutant);
        assert!(
            table.contains(&row),
            "docs/mutants.md is older than its row; tests/mutants/run {} renews it",
            mutant.name
        );
    }
}
