//! What Fieldfare is made of besides its own code: every crate of the lock file, and the libraries that crates bring along.
//!
//! Reads the lock file and what Cargo says of each crate; fetches nothing itself. The list is CycloneDX, without a date, so that
//! the same lock gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::source::root;

/// Where the list of components lies.
#[must_use]
pub fn path() -> PathBuf {
    root().join("docs/sbom.cdx.json")
}

/// A crate by name and version.
pub type Name = (String, String);

/// The programs and libraries that reach anybody.
const SHIPPED: [&str; 2] = ["fieldfare", "fieldfare-bindings"];

/// Every crate of others in the lock file, with the digest of its archive.
///
/// # Panics
/// If the lock file is not one.
#[must_use]
pub fn locked() -> BTreeMap<Name, String> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    let field = |block: &str, name: &str| {
        let begins = format!("{name} = \"");
        let line = block.lines().find_map(|line| line.strip_prefix(&begins))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    let blocks = text.split("[[package]]").skip(1).filter(|block| block.contains("\nsource = "));
    let one = |block: &str| {
        let [name, version, checksum] =
            ["name", "version", "checksum"].map(|name| field(block, name).expect("a field of a crate"));
        ((name, version), checksum)
    };
    blocks.map(one).collect()
}

/// The version of SQLCipher that is built into the store.
///
/// # Panics
/// If there is none: then nothing would be sealed.
#[must_use]
pub fn cipher_version() -> String {
    let connection = rusqlite::Connection::open_in_memory().expect("a database");
    let version: String =
        connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).expect("a version");
    version.split(' ').next().unwrap_or_default().to_owned()
}

/// Makes the list from what Cargo knows of every crate.
///
/// # Panics
/// If Cargo does not answer.
#[must_use]
pub fn list() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo");
    let known: Value = serde_json::from_slice(&output.stdout).expect("what cargo knows");
    let (locked, shipped) = (locked(), shipped(&known));
    let mut components: BTreeMap<Name, Value> = BTreeMap::new();
    for package in items(&known["packages"]) {
        let name: Name = (text(&package["name"]), text(&package["version"]));
        let Some(checksum) = locked.get(&name) else { continue };
        let scope = if shipped.contains(&text(&package["id"])) { "required" } else { "excluded" };
        let (crate_name, version) = &name;
        let component = json!({
            "type": "library",
            "name": crate_name,
            "version": version,
            "purl": format!("pkg:cargo/{crate_name}@{version}"),
            "scope": scope,
            "hashes": [{"alg": "SHA-256", "content": checksum}],
            "licenses": [{"expression": spdx(&text(&package["license"]))}],
        });
        components.insert(name, component);
    }
    let mut all: Vec<Value> = components.into_values().collect();
    all.push(brought_along("sqlcipher", &cipher_version(), "BSD-3-Clause"));
    for (name, version) in locked.keys() {
        // Crates that build another library say which after a plus.
        let Some((_, inside)) = version.split_once('+') else { continue };
        match name.as_str() {
            "openssl-src" => all.push(brought_along("openssl", inside, "Apache-2.0")),
            "zstd-sys" => all.push(brought_along("zstd", inside.trim_start_matches("zstd."), "BSD-3-Clause")),
            _ => {}
        }
    }
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "fieldfare"}},
        "components": all,
    })
}

/// The list as it is kept: one component a line.
#[must_use]
pub fn written(list: &Value) -> String {
    let mut head = list.clone();
    head["components"] = json!([]);
    let head = head.to_string();
    let lines: Vec<String> = items(&list["components"]).iter().map(Value::to_string).collect();
    head.replace("\"components\":[]", &format!("\"components\":[\n{}\n]", lines.join(",\n"))) + "\n"
}

fn brought_along(name: &str, version: &str, licence: &str) -> Value {
    json!({"type": "library", "name": name, "version": version, "scope": "required",
        "licenses": [{"expression": licence}]})
}

/// Crates that a shipped program is built from, by their identifiers; not what only tests or builds need.
fn shipped(known: &Value) -> BTreeSet<String> {
    let nodes: BTreeMap<String, &Value> =
        items(&known["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let packages = items(&known["packages"]).iter();
    let begin = packages.filter(|package| SHIPPED.contains(&text(&package["name"]).as_str()));
    let mut next: Vec<String> = begin.map(|package| text(&package["id"])).collect();
    assert_eq!(next.len(), SHIPPED.len(), "what is shipped has another name");
    let mut reached = BTreeSet::new();
    while let Some(id) = next.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        for dependency in items(&nodes[&id]["deps"]) {
            if items(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()) {
                next.push(text(&dependency["pkg"]));
            }
        }
    }
    reached
}

/// An older spelling of a choice, as it is written today.
fn spdx(licence: &str) -> String {
    licence.replace('/', " OR ")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a licence expression can be met with licences of a list alone.
#[must_use]
pub fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, allowed);
    met && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let met = either(words, at, allowed);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        // An exception takes nothing away from the licence.
        *at += 2;
    }
    allowed.contains(&word)
}
