//! What the house looks like, kept true: imports look down, SQL has one home, shipped code does not panic.
//!
//! Reads source as text and knows no behaviour; every check is shown an offender first.

use std::collections::BTreeSet;

use tests::source::{Source, SourceFile, files, root, shipped};

/// Folders of code that reaches a person's device or the endpoint.
const SHIPPED: [&str; 5] = ["protocol/src", "core/src", "endpoint/src", "desk/src", "bindings/src"];

/// Floors of the core and what each may import; nothing may import one beside it.
const FLOORS: [(&str, &[&str]); 9] = [
    ("contract", &[]),
    ("ports", &[]),
    ("domain", &["contract"]),
    ("vault", &["contract", "domain", "ports"]),
    ("store", &["contract", "domain", "ports", "vault"]),
    ("exchange", &["contract", "domain", "ports", "vault", "store"]),
    ("pages", &["contract", "domain", "ports", "vault", "store"]),
    ("commands", &["contract", "domain", "ports", "vault", "store"]),
    ("app", &["contract", "domain", "ports", "vault", "store", "exchange", "pages", "commands"]),
];

/// Calls that end a process or leave a trace of our own work.
const FORBIDDEN: [&str; 11] = [
    ".unwrap()",
    ".expect(",
    ".unwrap_err()",
    "panic!",
    "todo!",
    "unimplemented!",
    "unreachable!",
    "dbg!",
    "println!",
    "print!",
    "eprintln!",
];

/// Where the last three of [`FORBIDDEN`] are allowed: progress for somebody who watches a terminal, and the demo's story.
const MAY_SPEAK: [&str; 2] = ["desk/src/home.rs", "desk/src/demo/"];

/// Beginnings of statements that only a store may say.
const SQL: [&str; 4] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM"];

/// The only folders that say SQL.
const STORES: [&str; 2] = ["core/src/store/", "endpoint/src/store/"];

/// Longest source file, in lines: beyond it a file holds more than one idea.
const LINES_MAX: usize = 500;

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

fn offences(files: &[SourceFile], check: impl Fn(&SourceFile) -> Vec<String>) -> Vec<String> {
    files.iter().flat_map(check).collect()
}

fn none(offences: &[String]) {
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

/// First names of all paths that begin at the crate, by `crate::` or by climbing up to it.
fn floors_named(path_in_crate: &str, code: &str) -> BTreeSet<String> {
    let module = path_in_crate.trim_end_matches(".rs").trim_end_matches("/mod");
    let depth = module.split('/').count();
    let climbed = "super::".repeat(depth);
    let mut named = BTreeSet::new();
    let at_crate = code.match_indices("crate::").map(|(at, found)| at + found.len());
    let at_top = code.match_indices(&climbed).map(|(at, found)| at + found.len());
    for start in at_crate.chain(at_top) {
        let rest = &code[start..];
        match rest.strip_prefix('{') {
            Some(group) => named.extend(first_names(group)),
            None => named.extend(first_names(rest).into_iter().next()),
        }
    }
    named
}

/// Names at the beginning of each branch of a group, or of a single path.
fn first_names(group: &str) -> Vec<String> {
    let (mut names, mut depth, mut name) = (Vec::new(), 0_i32, Some(String::new()));
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.extend(name.take().filter(|name| !name.is_empty()));
                name = Some(String::new());
                continue;
            }
            letter if letter.is_alphanumeric() || letter == '_' => {
                if depth == 0
                    && let Some(name) = &mut name
                {
                    name.push(letter);
                }
                continue;
            }
            letter if letter.is_whitespace() && name.as_ref().is_none_or(String::is_empty) => continue,
            _ => {}
        }
        names.extend(name.take().filter(|name| !name.is_empty()));
        if depth < 0 || letter == ';' {
            break;
        }
    }
    names
}

fn imports_up(file: &SourceFile) -> Vec<String> {
    let Some(inside) = file.path.strip_prefix("core/src/").filter(|inside| *inside != "lib.rs") else {
        return Vec::new();
    };
    let floor = inside.split(['/', '.']).next().unwrap_or_default();
    let Some((_, below)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
        return vec![format!("{} is on no floor", file.path)];
    };
    let named = floors_named(inside, &Source::read(&file.text).code);
    let wrong = |name: &String| {
        let known = FLOORS.iter().any(|(floor, _)| floor == name);
        known && name != floor && !below.contains(&name.as_str())
    };
    named.into_iter().filter(wrong).map(|name| format!("{} imports {name}", file.path)).collect()
}

fn ends_the_process(file: &SourceFile) -> Vec<String> {
    let source = Source::read(&file.text);
    let speaks = MAY_SPEAK.iter().any(|path| file.path.starts_with(path));
    let mut found = Vec::new();
    for call in FORBIDDEN {
        if speaks && call.contains("print") {
            continue;
        }
        for line in source.lines_with(call) {
            // `println!` ends in `print!` and is reported once, as itself.
            let text = source.code.lines().nth(line - 1).unwrap_or_default();
            let whole = text.match_indices(call).any(|(at, _)| {
                call.starts_with('.')
                    || !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            });
            if whole {
                found.push(format!("{}:{line} says {call}", file.path));
            }
        }
    }
    found
}

fn says_sql(file: &SourceFile) -> Vec<String> {
    if STORES.iter().any(|store| file.path.starts_with(store)) {
        return Vec::new();
    }
    let source = Source::read(&file.text);
    let sql = |literal: &str| SQL.iter().any(|keyword| literal.contains(keyword));
    let said = source.literals.iter().filter(|(_, literal)| sql(literal));
    said.map(|(line, _)| format!("{}:{line} says SQL", file.path)).collect()
}

fn says_nothing_of_itself(file: &SourceFile) -> Vec<String> {
    let opens = file.text.starts_with("//! ");
    (!opens).then(|| format!("{} does not open with what it is", file.path)).into_iter().collect()
}

fn too_long(file: &SourceFile) -> Vec<String> {
    let lines = file.text.lines().count();
    (lines > LINES_MAX).then(|| format!("{} has {lines} lines", file.path)).into_iter().collect()
}

/// Crates of ours that a manifest depends on.
fn depends_on(manifest: &str) -> BTreeSet<String> {
    let mut ours = BTreeSet::new();
    let mut in_dependencies = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
            let name = line.trim_matches(['[', ']']).rsplit('.').next().unwrap_or_default();
            if in_dependencies && name.starts_with("fieldfare") {
                ours.insert(name.to_owned());
            }
        } else if in_dependencies {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default().trim_matches('"');
            if name.starts_with("fieldfare") {
                ours.insert(name.to_owned());
            }
            // A path may lead to a crate of ours under another name.
            if line.contains("path =") || line.contains("package =") {
                ours.insert(line.to_owned());
            }
        }
    }
    ours
}

#[test]
fn imports_of_the_core_look_down() {
    for (path, text, named) in [
        ("core/src/contract/x.rs", "use crate::domain::note;", "domain"),
        ("core/src/domain/x/y.rs", "fn a() { crate::ports::clock() }", "ports"),
        ("core/src/vault/x.rs", "use crate::{contract::Problem, store::{Read, Write}};", "store"),
        ("core/src/store/x.rs", "use crate::{\n    contract::Problem,\n    pages,\n};", "pages"),
        ("core/src/pages/x.rs", "use super::super::commands::Work;", "commands"),
        ("core/src/pages/mod.rs", "use super::exchange;", "exchange"),
        ("core/src/exchange/x.rs", "pub(crate) use crate::app::Fieldfare;", "app"),
    ] {
        let told = imports_up(&file(path, text));
        assert_eq!(told, [format!("{path} imports {named}")], "{text}");
    }
    let test_code = "#[cfg(test)]\nmod tests {\n    use crate::app::Fieldfare;\n}";
    for fine in ["use crate::store::Read;", "// crate::app", "use super::app;", test_code] {
        assert!(imports_up(&file("core/src/pages/x.rs", fine)).is_empty(), "{fine}");
    }
    assert_eq!(imports_up(&file("core/src/attic/x.rs", "")), ["core/src/attic/x.rs is on no floor"]);
    none(&offences(&shipped(files(&["core/src"])), imports_up));
}

#[test]
fn the_endpoint_knows_the_protocol_alone() {
    for offender in [
        "[dependencies]\nfieldfare-core.workspace = true\n",
        "[dependencies]\nserde = \"1\"\n\n[dev-dependencies]\nfieldfare-core = { path = \"../core\" }\n",
        "[dependencies.fieldfare-core]\nworkspace = true\n",
        "[dependencies]\nhouse = { path = \"../core\" }\n",
    ] {
        assert!(!depends_on(offender).is_empty(), "{offender}");
    }
    let read = |name: &str| std::fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
    assert_eq!(depends_on(&read("endpoint")), BTreeSet::from(["fieldfare-protocol".to_owned()]));
    assert_eq!(depends_on(&read("protocol")), BTreeSet::new());
    assert_eq!(depends_on(&read("core")), BTreeSet::from(["fieldfare-protocol".to_owned()]));
}

#[test]
fn sql_is_said_in_the_stores_alone() {
    let offender = "fn a() { run(\"SELECT body FROM note\"); }";
    assert_eq!(says_sql(&file("core/src/pages/x.rs", offender)), ["core/src/pages/x.rs:1 says SQL"]);
    let offender = "fn a() { run(r#\"DELETE FROM note\"#); }";
    assert_eq!(says_sql(&file("desk/src/x.rs", offender)), ["desk/src/x.rs:1 says SQL"]);
    let files = shipped(files(&SHIPPED));
    let in_stores = files.iter().filter(|file| STORES.iter().any(|store| file.path.starts_with(store)));
    let said = |file: &SourceFile| says_sql(&SourceFile { path: "x".to_owned(), text: file.text.clone() });
    assert!(in_stores.flat_map(said).count() > 20, "the check does not see the SQL that is there");
    none(&offences(&files, says_sql));
}

#[test]
fn shipped_code_neither_panics_nor_speaks() {
    for (line, call) in [
        ("let a = b.unwrap();", ".unwrap()"),
        ("let a = b.expect(\"c\");", ".expect("),
        ("panic!(\"d\");", "panic!"),
        ("todo!()", "todo!"),
        ("unreachable!()", "unreachable!"),
        ("dbg!(e);", "dbg!"),
        ("println!(\"{name}\");", "println!"),
        ("eprintln!();", "eprintln!"),
    ] {
        let told = ends_the_process(&file("core/src/app/x.rs", &format!("fn a() {{\n{line}\n}}")));
        assert_eq!(told, [format!("core/src/app/x.rs:2 says {call}")], "{line}");
    }
    for fine in ["a.unwrap_or(b)", "// a.unwrap()", "\"panic!\"", "#[cfg(test)]\nfn a() { b.unwrap() }"] {
        assert!(ends_the_process(&file("core/src/app/x.rs", fine)).is_empty(), "{fine}");
    }
    none(&offences(&shipped(files(&SHIPPED)), ends_the_process));
}

#[test]
fn every_file_opens_with_what_it_is() {
    assert_eq!(says_nothing_of_itself(&file("x.rs", "use std::io;\n//! Late.")).len(), 1);
    let everything = files(&["protocol", "core", "endpoint", "desk", "bindings", "tests"]);
    assert!(everything.len() > 150, "only {} files were found", everything.len());
    none(&offences(&everything, says_nothing_of_itself));
}

#[test]
fn no_file_holds_more_than_one_idea_fits_in() {
    assert_eq!(too_long(&file("x.rs", &"//! a\n".repeat(LINES_MAX + 1))).len(), 1);
    assert!(too_long(&file("x.rs", &"//! a\n".repeat(LINES_MAX))).is_empty());
    none(&offences(&files(&["protocol", "core", "endpoint", "desk", "bindings", "tests"]), too_long));
}

/// Keys of reasons that a file gives for holding something back.
fn reasons_given(file: &SourceFile) -> Vec<String> {
    let begins = ["waits.", "segment.", "bundle.", "membership.", "quarantine.", "answers."];
    let literals =
        Source::read(&file.text).literals.into_iter().map(|(_, text)| text.trim_matches('"').to_owned());
    literals
        .filter(|text| begins.iter().any(|begin| text.starts_with(begin)) && !text.contains(' '))
        .collect()
}

#[test]
fn every_reason_for_holding_something_back_has_words() {
    let exchange = shipped(files(&["core/src/exchange", "core/src/vault/handover", "core/src/app"]));
    let words = files(&["core/src/pages"]);
    let words = words.iter().find(|file| file.path.ends_with("reasons.rs")).expect("the words");
    let wordless = |key: &String| !words.text.contains(&format!("\"{key}\" =>"));
    assert!(wordless(&"waits.for_nothing".to_owned()), "this check sees nothing");
    let given: BTreeSet<String> = exchange.iter().flat_map(reasons_given).collect();
    assert!(given.len() > 10, "{given:?}");
    none(&given.into_iter().filter(wordless).collect::<Vec<_>>());
}
