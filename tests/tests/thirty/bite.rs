//! Every protection that can be broken on purpose is, and a test notices.
//!
//! Where a switch is thrown stands beside the test of what it breaks; here is that none is forgotten, and those whose tests
//! are elsewhere are broken once more.

use std::collections::BTreeSet;

use tests::source::{Source, files, shipped};

/// Not breakages but costumes, which worlds of their own put on.
const COSTUMES: [&str; 2] = ["OlderApp", "NewerApp"];
/// Switches that only the `world` binary throws, where many seeds have to be played until one bites.
const OF_MANY_SEEDS: [&str; 4] = ["DoNotOfferAgain", "MoveNothing", "NoSavepoint", "WriteUnderOldEpoch"];

/// Names of the switches, as the list of them has them.
fn switches() -> BTreeSet<String> {
    let list = files(&["protocol/src"]).into_iter().find(|file| file.path.ends_with("/sabotage.rs")).unwrap();
    let code = Source::read(&list.text).code;
    let (_, after) = code.split_once("pub enum Sabotage {").unwrap();
    let (inside, _) = after.split_once('}').unwrap();
    inside.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Names of switches that code mentions.
fn named(code: &str) -> BTreeSet<String> {
    let after = code.split("Sabotage::").skip(1);
    after.map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric()).collect()).collect()
}

#[test]
fn every_switch_breaks_shipped_code_and_is_thrown_by_a_test() {
    let switches = switches();
    assert!(switches.len() > 60 && switches.contains("PinsIgnored"), "{switches:?}");
    let breaks = shipped(files(&["protocol/src", "core/src", "endpoint/src"]));
    let breaks: BTreeSet<_> = breaks.iter().flat_map(|file| named(&Source::read(&file.text).code)).collect();
    // Tests are read whole: what they throw stands in test code.
    let throws = files(&["tests/src", "tests/tests", "endpoint/tests"]);
    let throws: BTreeSet<_> = throws.iter().flat_map(|file| named(&file.text)).collect();
    let without = |known: &BTreeSet<String>, except: &[&str]| -> Vec<String> {
        switches
            .iter()
            .filter(|name| !known.contains(*name) && !except.contains(&name.as_str()))
            .cloned()
            .collect()
    };
    assert_eq!(without(&breaks, &[]), [""; 0], "break nothing");
    assert_eq!(
        without(&throws, &[COSTUMES.as_slice(), &OF_MANY_SEEDS].concat()),
        [""; 0],
        "are thrown by no test"
    );
}
