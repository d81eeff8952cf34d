//! While a hand-over stands the records are closed, and nothing beside the store says whom it is about.

use fieldfare_core::contract::{Ask, Command, Problem};
use serde_json::{Value, json};
use tests::binary::finish;
use tests::contract::{contract, examples};
use tests::phone::PIN;
use tests::scan::{Wanted, found_below};

use tests::handover::{NAME, NOTE, Scene, answers_first};

/// Commands and pages of the contract, as the contract itself lists them.
fn everything() -> (Vec<Value>, Vec<Value>) {
    let contract = contract();
    let (commands, asks) = (examples(&contract, "commands"), examples(&contract, "asks"));
    assert!(commands.len() > 20 && asks.len() > 10, "{} commands, {} pages", commands.len(), asks.len());
    (commands, asks)
}

#[test]
fn r16_every_command_and_page_of_the_contract_answers_locked() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    let (commands, asks) = everything();
    for command in &commands {
        let read: Command = serde_json::from_value(command.clone()).unwrap();
        assert_eq!(handed.run(&read).err(), Some(Problem::Locked), "{command}");
    }
    for ask in &asks {
        let read: Ask = serde_json::from_value(ask.clone()).unwrap();
        assert_eq!(handed.page(&read).err(), Some(Problem::Locked), "{ask}");
    }
}

#[test]
fn r16_the_binary_answers_locked_to_everything_but_the_pin() {
    let scene = Scene::new();
    drop(scene.hand_over());
    let device = scene.without_pin();
    let (commands, asks) = everything();
    for command in &commands {
        assert_eq!(device.run(command).problem(), "locked", "{command}");
    }
    for mut ask in asks {
        let name = ask["page"].as_str().unwrap().to_owned();
        ask.as_object_mut().unwrap().remove("page");
        assert_eq!(device.ask(&name, &ask).problem(), "locked", "{name}");
    }
    for (action, arguments) in [
        ("exchange", vec![]),
        ("invite", vec!["--name", "A", "--role", "mentor"]),
        ("remove", vec!["--device", &scene.case]),
        ("attach", vec!["--note", &scene.note, "/dev/null"]),
        ("attachment", vec!["--id", &scene.note, "--to", "/dev/null/x"]),
        ("export", vec!["--case", &scene.case, "--to", "/dev/null/x"]),
        ("run", vec!["-"]),
    ] {
        assert_eq!(device.act(action, &arguments).problem(), "locked", "{action}");
    }
    // A wrong PIN is a wrong PIN, and counts; the right one is the way out.
    let wrong = tests::device::Device { pin: "918273".to_owned(), ..device.clone() };
    assert_eq!(wrong.ask("today", &json!({})).problem(), "wrong_pin");
    assert!(device.home.join("handover").exists());
    let right = tests::device::Device { pin: PIN.to_owned(), ..device.clone() };
    assert_eq!(right.page("case", &json!({"case": scene.case}))["summary"]["young_person"], NAME);
    assert!(!device.home.join("handover").exists());
    let ran = finish(&mut device.command("handover", &[]), b"");
    assert_ne!(ran.status, 0);
}

/// What nobody who holds the phone may find in any file: names, words, identifiers, the PIN.
fn wanted(scene: &Scene) -> Vec<Wanted> {
    let id = |text: &str| -> Vec<u8> {
        (0..32).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    vec![
        Wanted::word("name", NAME),
        Wanted::word("note", NOTE),
        Wanted::word("PIN", PIN),
        Wanted::word("staff", "robin"),
        Wanted::word("organisation", "Test Mentoring"),
        Wanted::key("case", &id(&scene.case)),
        Wanted::key("note's identifier", &id(&scene.note)),
    ]
}

/// Where in the contents of the home anything wanted is. The home's own path names the mentor in these tests.
fn found_in_files(scene: &Scene) -> Vec<String> {
    let files = tests::scan::files_below(&scene.home);
    let wanted = wanted(scene);
    let looked = files.iter().flat_map(|(path, bytes)| {
        wanted.iter().filter(|one| one.is_in(bytes)).map(move |one| format!("{}: {path}", one.what))
    });
    looked.collect()
}

#[test]
fn r17_no_file_of_the_home_names_anybody() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 3, 4);
    let ticket = std::fs::read(scene.home.join("handover")).unwrap();
    assert!(String::from_utf8_lossy(&ticket).contains("made-up sentence 7"), "this is not the ticket");
    assert_eq!(found_in_files(&scene), [""; 0]);
    assert!(found_below(&scene.home, &[Wanted::word("words", "made-up sentence")], &[]).len() == 1);
}

#[test]
fn r17_equal_and_different_answers_look_alike() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 2, 4);
    tests::handover::does(&handed, json!({"step": "skip"}));
    let steps: Vec<Vec<u8>> = scene.boxed()[24..].chunks(64).map(<[u8]>::to_vec).collect();
    assert_eq!(steps.len(), 4);
    assert!(steps.iter().all(|step| step.len() == 64), "a step tells by its length what it is");
    assert_ne!(steps[1][5..], steps[2][5..], "two equal answers look the same");
}
