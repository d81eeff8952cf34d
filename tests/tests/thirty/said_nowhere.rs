//! Secrets cross the door as bytes and are wiped, and nothing that is said of an error repeats what somebody wrote.
//!
//! Looks at types and at source, and makes the core refuse whatever it can be made to refuse.

use std::fmt::Debug;
use std::marker::PhantomData;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Ask, Command, Problem, StaffRole};
use fieldfare_core::vault::{Identity, Invitation, Pin, RecoveryKey, RecoveryShare, RootKey, Secret, Unlock};
use serde::Serialize;
use serde_json::{Value, json};
use tests::contract::{contract, examples};
use tests::near::Near;
use tests::phone::{cheap, make};
use tests::source::{Source, SourceFile, files, shipped};

/// What a type cannot do. An inherent method comes before a trait's where its bound holds.
trait Otherwise {
    fn is_printed(&self) -> bool {
        false
    }
    fn is_encoded(&self) -> bool {
        false
    }
    fn is_copied(&self) -> bool {
        false
    }
}

struct Printed<T>(PhantomData<T>);
struct Encoded<T>(PhantomData<T>);
struct Copied<T>(PhantomData<T>);
impl<T> Otherwise for Printed<T> {}
impl<T> Otherwise for Encoded<T> {}
impl<T> Otherwise for Copied<T> {}
impl<T: Debug> Printed<T> {
    fn is_printed(&self) -> bool {
        true
    }
}
impl<T: Serialize> Encoded<T> {
    fn is_encoded(&self) -> bool {
        true
    }
}
impl<T: Clone> Copied<T> {
    fn is_copied(&self) -> bool {
        true
    }
}

/// What can be done with a type that must not be done with a secret, and whether anything happens when it is let go of.
macro_rules! leaks {
    ($kind:ty) => {{
        let does = [
            ("printed", Printed::<$kind>(PhantomData).is_printed()),
            ("encoded", Encoded::<$kind>(PhantomData).is_encoded()),
            ("copied", Copied::<$kind>(PhantomData).is_copied()),
            ("kept when it is dropped", !std::mem::needs_drop::<$kind>()),
        ];
        let does = does.into_iter().filter(|(_, can)| *can).map(|(what, _)| what);
        (stringify!($kind), does.collect::<Vec<_>>())
    }};
}

#[test]
fn r20_no_secret_can_be_printed_encoded_or_copied_by_accident() {
    assert_eq!(
        leaks!(u8).1,
        ["printed", "encoded", "copied", "kept when it is dropped"],
        "the test sees nothing"
    );
    for (kind, does) in [
        leaks!(Secret<32>),
        leaks!(Pin),
        leaks!(RootKey),
        leaks!(Identity),
        leaks!(Invitation),
        leaks!(RecoveryKey),
        leaks!(RecoveryShare),
        leaks!(Unlock<'static>),
        leaks!(Fieldfare),
    ] {
        assert_eq!(does, [""; 0], "{kind}");
    }
}

/// What a function of the door takes a secret in, by its name.
const SECRETS: [&str; 5] = ["pin", "new_pin", "old_pin", "released", "invitation"];

/// Parameters of the door that hold a secret and are not bytes, or that are not wiped before anything else is done.
fn careless(file: &SourceFile) -> Vec<String> {
    let code = Source::read(&file.text).code;
    let mut careless = Vec::new();
    for (place, _) in code.match_indices("fn ") {
        let item = &code[place..];
        let (Some(open), Some(body)) = (item.find('('), item.find('{')) else { continue };
        let signature = &item[open..body];
        let end = item.find("\n    }\n").unwrap_or(item.len());
        for name in SECRETS {
            let taken =
                signature.split([',', '(']).find_map(|one| one.trim().strip_prefix(&format!("{name}:")));
            let Some(kind) = taken.map(|kind| kind.trim().trim_end_matches(')').trim()) else { continue };
            // Borrowed, somebody else wipes it; an invitation is text, since people paste it.
            if kind.starts_with('&') || kind.starts_with("Zeroizing") {
                continue;
            }
            let wiped = item[body..end].contains(&format!("Zeroizing::new({name})"))
                || item[body..end].contains(&format!("{name}.map(Zeroizing::new)"))
                || item[body..end].contains(&format!("self.opened({name},"));
            let text = kind.starts_with("String") && name != "invitation";
            if text || !wiped {
                careless.push(format!("{}: {name}: {kind}", file.path));
            }
        }
    }
    careless
}

#[test]
fn r20_the_door_takes_secrets_as_bytes_and_wipes_its_copy() {
    let offender = |text: &str| careless(&SourceFile { path: "x".to_owned(), text: text.to_owned() });
    assert_eq!(offender("    fn a(&self, pin: String) {\n        b(pin)\n    }\n"), ["x: pin: String"]);
    assert_eq!(offender("    fn a(pin: Vec<u8>) {\n        b(pin)\n    }\n"), ["x: pin: Vec<u8>"]);
    let fine = "    fn a(pin: Vec<u8>) {\n        let pin = Zeroizing::new(pin);\n    }\n";
    assert_eq!(offender(fine), [""; 0]);
    let door = shipped(files(&["bindings/src"]));
    let taken = door.iter().filter(|file| Source::read(&file.text).code.contains("pin: Vec<u8>")).count();
    assert!(taken > 1, "no PIN crosses the door");
    assert_eq!(door.iter().flat_map(careless).collect::<Vec<_>>(), [""; 0]);
    // Whatever is not wiped by name is wiped when its memory is given back.
    for program in ["bindings/src", "desk/src"] {
        let wipes = |file: &SourceFile| Source::read(&file.text).code.contains("#[global_allocator]");
        assert!(shipped(files(&[program])).iter().any(wipes), "{program} gives memory back as it is");
    }
}

/// The only places that write what a developer's format says of a value: names of our own tables.
const MAY_FORMAT: [&str; 1] = ["core/src/store/revive.rs"];

fn says_what_it_holds(file: &SourceFile) -> Vec<String> {
    if MAY_FORMAT.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let source = Source::read(&file.text);
    let literals = source.literals.iter().filter(|(_, text)| text.contains("?}"));
    literals.map(|(line, _)| format!("{}:{line}", file.path)).collect()
}

#[test]
fn r21_shipped_code_never_writes_a_value_as_a_developer_would_see_it() {
    let offender = SourceFile { path: "x".to_owned(), text: "fn a() { b(\"{page:?}\") }".to_owned() };
    assert_eq!(says_what_it_holds(&offender), ["x:1"]);
    let shipped = shipped(files(&["protocol/src", "core/src", "endpoint/src", "desk/src", "bindings/src"]));
    assert_eq!(shipped.iter().flat_map(says_what_it_holds).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn r21_no_command_and_no_question_can_be_printed_with_what_it_holds() {
    let contract = contract();
    for mut command in examples(&contract, "commands") {
        plant_everywhere(&mut command);
        let Ok(read) = serde_json::from_value::<Command>(command.clone()) else { continue };
        assert!(!format!("{read:?}").contains(CANARY), "{command}");
    }
    for mut ask in examples(&contract, "asks") {
        plant_everywhere(&mut ask);
        let Ok(read) = serde_json::from_value::<Ask>(ask.clone()) else { continue };
        assert!(!format!("{read:?}").contains(CANARY), "{ask}");
    }
}

const CANARY: &str = "Grumbletide";

/// Puts the canary in the place of every free text.
fn plant_everywhere(value: &mut Value) {
    for place in free_texts(value) {
        if let Some(text) = value.pointer_mut(&place) {
            *text = json!(CANARY);
        }
    }
}

/// Where in a command or a question texts stand that are no name of it.
fn free_texts(value: &Value) -> Vec<String> {
    fn below(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(at.to_owned()),
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(place, item)| below(item, &format!("{at}/{place}"), found));
            }
            Value::Object(fields) => {
                let free = fields.iter().filter(|(name, _)| *name != "do" && *name != "page");
                free.for_each(|(name, item)| below(item, &format!("{at}/{name}"), found));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    below(value, "", &mut found);
    found
}

/// Everything that is said of a problem, in every form in which it leaves the core.
fn said(problem: &Problem) -> String {
    let encoded = serde_json::to_string(problem).unwrap();
    format!("{problem} {problem:?} {encoded} {} {}", problem.name(), problem.next_step())
}

#[test]
fn r21_no_refusal_repeats_what_a_command_or_a_question_said() {
    let near = Near::found();
    let robin = near.join("robin", StaffRole::Mentor);
    let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "We met."}));
    let goal = make(&robin, json!({"do": "set_goal", "case": case, "words": "To swim"}));
    let contract = contract();
    let (mut refused, mut names) = (0, std::collections::BTreeSet::new());
    let mut told = |problem: Problem, from: &Value| {
        refused += 1;
        names.insert(problem.name());
        assert!(
            !said(&problem).to_lowercase().contains(&CANARY.to_lowercase()),
            "{from}: {}",
            said(&problem)
        );
    };
    for mut example in [examples(&contract, "commands"), examples(&contract, "asks")].concat() {
        for (name, id) in [("case", &case), ("note", &note), ("goal", &goal)] {
            if let Some(field) = example.get_mut(name) {
                *field = json!(id);
            }
        }
        for place in free_texts(&example) {
            for words in
                [CANARY.to_owned(), CANARY.repeat(5_000), format!("\u{0}{CANARY},{CANARY}\n1"), String::new()]
            {
                let mut planted = example.clone();
                *planted.pointer_mut(&place).unwrap() = json!(words);
                if planted.get("do").is_some() {
                    let Ok(command) = serde_json::from_value::<Command>(planted.clone()) else { continue };
                    if let Err(problem) = robin.run(command) {
                        told(problem, &example);
                    }
                } else {
                    let Ok(ask) = serde_json::from_value::<Ask>(planted.clone()) else { continue };
                    if let Err(problem) = robin.page(&ask) {
                        told(problem, &example);
                    }
                }
            }
        }
    }
    let unlock = |pin: &str| Fieldfare::unlock(&near.home("wren"), near.ports("wren"), pin).err();
    let join = |text: &str| {
        Fieldfare::join(&near.home("wren"), near.ports("wren"), tests::phone::PIN, cheap(), text).err()
    };
    for words in [CANARY.to_owned(), format!("fieldfare-invitation:{CANARY}"), CANARY.repeat(5_000)] {
        let problems =
            [unlock(&words), join(&words), robin.help(&words).err(), robin.change_pin(&words, &words).err()];
        for problem in problems.into_iter().flatten() {
            told(problem, &json!("a secret"));
        }
    }
    assert!(refused > 50 && names.len() > 8, "{refused} refusals: {names:?}");
}
