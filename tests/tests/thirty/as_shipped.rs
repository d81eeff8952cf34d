//! The binary that tests and demo use is the one that ships, with the same features of every crate.
//!
//! Asks Cargo what it builds; the binary is not run here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tests::binary;
use tests::source::root;

/// The README's command.
const BUILD: [&str; 5] = ["build", "--release", "--locked", "--bin", "fieldfare"];
/// The only feature that a crate of ours has: derives for other languages, on in the door alone.
const FEATURES: [(&str, &str); 1] = [("fieldfare-core", "foreign")];

/// Features of each crate by its name.
type Features = BTreeMap<String, BTreeSet<String>>;

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).current_dir(root()).args(arguments).arg("--offline").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    value.as_array().into_iter().flatten().map(text)
}

/// What Cargo built a program from, and where the program is.
fn built(messages: &str) -> (Option<PathBuf>, Features) {
    let (mut program, mut features) = (None, Features::new());
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        // `…#name@1.2.3`, or `…/folder/name#1.2.3`.
        let id = text(&message["package_id"]);
        let (path, name) = id.rsplit_once('#').unwrap();
        let name = name.split_once('@').map_or_else(|| path.rsplit('/').next().unwrap(), |(name, _)| name);
        features.entry(name.to_owned()).or_default().extend(texts(&message["features"]));
        program = program.or(message["executable"].as_str().map(PathBuf::from));
    }
    (program, features)
}

/// What Cargo would build the package of the binary from by itself.
fn alone(tree: &str) -> Features {
    let mut features = Features::new();
    for line in tree.lines() {
        // `name v1.2.3 (/its/folder)|feature,feature (*)`
        let Some((package, its)) = line.trim_end_matches(" (*)").split_once('|') else { continue };
        let name = package.split(' ').next().unwrap_or_default();
        let its = its.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned);
        features.entry(name.to_owned()).or_default().extend(its);
    }
    features
}

/// Both lists, where they differ.
fn differences(one: &Features, other: &Features) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = |name: &&&String| one.get(**name) != other.get(**name);
    names
        .iter()
        .filter(differ)
        .map(|name| format!("{name}: {:?}, {:?}", one.get(*name), other.get(*name)))
        .collect()
}

#[test]
fn the_binary_that_tests_use_is_the_one_that_ships() {
    let message = |features: &str| {
        format!(
            "{{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///a/core#fieldfare-core@0.1.0\",\"features\":[{features}],\"executable\":null}}"
        )
    };
    let with = built(&message("\"foreign\"")).1;
    assert_eq!(differences(&with, &alone("fieldfare-core v0.1.0 (/a/core)|foreign (*)")), [""; 0]);
    assert_eq!(differences(&with, &alone("fieldfare-core v0.1.0 (/a/core)|")).len(), 1);

    let used = std::fs::read(binary::path()).unwrap();
    let (program, features) = built(&cargo(&[BUILD.as_slice(), &["--message-format", "json"]].concat()));
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "fieldfare",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "-f",
        "{p}|{f}",
    ]);
    assert!(features.len() > 100, "{features:?}");
    assert_eq!(
        differences(&features, &alone(&tree)),
        [""; 0],
        "built with other features than it has by itself"
    );
    let ships = std::fs::read(program.expect("a program")).unwrap();
    assert!(used == ships, "tests used another binary; build it first: cargo {}", BUILD.join(" "));
}

#[test]
fn nothing_in_what_ships_is_switched_on_by_tests() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]))
            .unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let of = |package: &Value| -> Vec<(String, String)> {
        let name = text(&package["name"]);
        let its = package["features"].as_object().into_iter().flatten();
        its.map(|(feature, _)| (name.clone(), feature.clone())).collect()
    };
    let shipped = packages.iter().filter(|package| text(&package["name"]).starts_with("fieldfare"));
    let there: Vec<(String, String)> = shipped.flat_map(of).collect();
    let known: Vec<(String, String)> =
        FEATURES.iter().map(|(name, feature)| ((*name).to_owned(), (*feature).to_owned())).collect();
    assert_eq!(there, known, "features of shipped crates");
}
