//! The table of requirements names every test there is, and none that there is not.
//!
//! Reads SECURITY.md and source as text; renew the table's last column with `FIELDFARE_WRITE_TABLE=1`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tests::source::{files, root};

/// Folders in which a test may stand.
const FOLDERS: [&str; 6] = ["protocol", "core", "endpoint", "desk", "bindings", "tests"];
/// How many requirements there are.
const REQUIREMENTS: usize = 30;
/// What stands in the last column of a requirement that nothing shows yet.
const NOTHING: &str = "–";

/// One row: number, what must be true, who sees to it, where it stands, tests.
type Row = [String; 5];

fn path() -> PathBuf {
    root().join("SECURITY.md")
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        Row::try_from(cells).ok().filter(|row| row[0].parse::<usize>().is_ok())
    };
    text.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

/// Names of tests by the number that they begin with.
fn tests_in(text: &str) -> Vec<(usize, String)> {
    let after_attribute = text.split("#[test]").skip(1);
    let name = |after: &str| {
        let rest = after.split("fn ").nth(1)?;
        let name = rest.split('(').next()?;
        let number = name.strip_prefix('r')?.split('_').next()?;
        (number.len() == 2).then_some(())?;
        Some((number.parse().ok()?, name.to_owned()))
    };
    after_attribute.filter_map(name).collect()
}

fn all_tests() -> BTreeMap<usize, BTreeSet<String>> {
    let mut tests: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for file in files(&FOLDERS) {
        for (number, name) in tests_in(&file.text) {
            tests.entry(number).or_default().insert(name);
        }
    }
    tests
}

/// What the last column of a requirement says.
fn cell(tests: Option<&BTreeSet<String>>) -> String {
    let Some(tests) = tests else { return NOTHING.to_owned() };
    tests.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Numbers of the requirements that the list of a phone's duties speaks of.
fn duties(text: &str) -> BTreeSet<usize> {
    let said = text.lines().filter_map(|line| line.strip_prefix("- [ ] r"));
    said.filter_map(|line| line.split(':').next())
        .flat_map(|numbers| numbers.split(", r").map(str::to_owned).collect::<Vec<_>>())
        .map(|number| number.parse().unwrap_or_else(|_| panic!("{number} is no requirement")))
        .collect()
}

#[test]
fn the_table_names_every_test_of_every_requirement() {
    assert_eq!(
        tests_in("#[test]\nfn r07_a() {}\n#[test]\n#[ignore]\nfn rest() {}"),
        [(7, "r07_a".to_owned())]
    );
    let (text, tests) = (std::fs::read_to_string(path()).unwrap(), all_tests());
    let rows = rows(&text);
    let numbers: Vec<usize> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(numbers, (1..=REQUIREMENTS).collect::<Vec<_>>());
    assert!(tests.keys().all(|number| numbers.contains(number)), "{:?}", tests.keys());
    if std::env::var_os("FIELDFARE_WRITE_TABLE").is_some() {
        let mut written = text.clone();
        for [number, must, who, today, before] in &rows {
            let begin = format!("| {number} | {must} | {who} | {today} | ");
            let after = cell(tests.get(&number.parse().unwrap()));
            written = written.replace(&format!("{begin}{before} |"), &format!("{begin}{after} |"));
        }
        std::fs::write(path(), written).unwrap();
        return;
    }
    for (row, number) in rows.iter().zip(numbers) {
        assert_eq!(
            row[4],
            cell(tests.get(&number)),
            "the tests of r{number:02}; FIELDFARE_WRITE_TABLE=1 renews them"
        );
        let shown = row[4] != NOTHING;
        assert!(shown || row[3].starts_with("not yet"), "r{number:02} is claimed and not shown");
    }
}

#[test]
fn whatever_a_phone_has_to_see_to_is_on_its_list() {
    let text = std::fs::read_to_string(path()).unwrap();
    assert_eq!(duties("- [ ] r03, r17: let go\n- [ ] r20: wipe"), BTreeSet::from([3, 17, 20]));
    let of_phones: BTreeSet<usize> = rows(&text)
        .iter()
        .filter(|row| row[2].contains("phone"))
        .map(|row| row[0].parse().unwrap())
        .collect();
    assert!(of_phones.len() > 5, "{of_phones:?}");
    assert_eq!(duties(&text), of_phones);
}
