//! A phone that works with canaries, locks, and waits to have its memory looked through: `locked SEED [HOW] [NOTES]`, where
//! HOW is `locked`, or `handed` for a phone that is handed over instead.
//!
//! Prints where its home is once it has worked, locks at the first line of its input, and ends with its input.

use std::io::{BufRead as _, Write as _};

use fieldfare_core::app::{Fieldfare, Handover};
use fieldfare_core::contract::{HandOver, StaffRole};
use serde_json::json;
use tests::canary;
use tests::near::Near;
use tests::phone::{cheap, make, page, run};
use tests::screen;

/// As in every process that reaches a person.
#[global_allocator]
static WIPED_WHEN_FREED: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let seed = arguments.get(1).and_then(|seed| seed.parse().ok()).expect("a seed");
    let notes = arguments.get(3).and_then(|notes| notes.parse().ok()).unwrap_or(20);
    match arguments.get(2).map(String::as_str) {
        Some("handed") => live(seed, notes, hand_over),
        _ => live(seed, notes, Fieldfare::lock),
    }
}

fn live(seed: u64, notes: u32, end: fn(Fieldfare)) {
    let near = Near::found();
    let invitation = near.administrator.invite("Robin", StaffRole::Mentor).expect("an invitation");
    let home = near.home("robin");
    let phone = Fieldfare::join(&home, near.ports("robin"), &canary::pin(seed), cheap(), &invitation);
    let phone = phone.expect("joining");
    work(&phone, seed, notes);
    receive(&near, &phone, seed);
    say(&home.to_string_lossy());
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("a line");
    end(phone);
    // The administrator's home is in this process, too, and shares what everybody in the organisation may read.
    near.administrator.lock();
    say("locked");
    let _ = std::io::stdin().lock().read_line(&mut line);
}

/// Hands the phone over for its only case, and answers the first question.
fn hand_over(phone: Fieldfare) {
    let handed = begun(phone);
    // What has returned by now lies on the stack below, until other calls have been there.
    for json in [json!({"step": "next"}), json!({"step": "answer", "answer": 7})] {
        let step = serde_json::from_value(json).expect("a step");
        // Refused if the store stayed open, since somebody works with the home then; what memory holds will tell.
        drop(handed.step(&step));
    }
}

#[inline(never)]
fn begun(phone: Fieldfare) -> Handover {
    let case = page(&phone, json!({"page": "caseload"}))["cases"][0]["case"].clone();
    let start = json!({"case": case, "scale": "ons4", "company": ["mentor"], "manner": "alone"});
    let start: HandOver = serde_json::from_value(start).expect("a start");
    phone.hand_over(&start).map_err(|refused| refused.problem).expect("it begins")
}

/// Everything that leaves words in memory: writing, typing, signing, searching, looking, sending.
fn work(phone: &Fieldfare, seed: u64, notes: u32) {
    let word = |number| canary::word(seed, number);
    let case = make(phone, json!({"do": "open_case", "name": word(0), "cohort": "protect", "area": word(1)}));
    for number in 0..notes {
        let body = format!("{number} We talked about {}. {}", word(2), "It was a long way home. ".repeat(60));
        let note = make(phone, json!({"do": "begin_note", "case": case, "body": body}));
        screen::save(phone, &note, &format!("{body} And {}.", word(3))).expect("typing");
        screen::sign(phone, &note).expect("signing");
        run(phone, json!({"do": "add_addendum", "note": note, "words": word(4)})).expect("an addendum");
        drop(page(phone, json!({"page": "note", "note": note})));
    }
    let _goal = make(phone, json!({"do": "set_goal", "case": case, "words": word(5)}));
    let _concern =
        make(phone, json!({"do": "raise_concern", "case": case, "about": "other", "words": word(6)}));
    drop(page(phone, json!({"page": "search", "words": word(2)})));
    drop(page(phone, json!({"page": "case", "case": case})));
    drop(page(phone, json!({"page": "timeline", "case": case})));
    phone.exchange(|_| ()).expect("an exchange");
}

/// What a colleague wrote comes in, too.
fn receive(near: &Near, phone: &Fieldfare, seed: u64) {
    let wren = near.join("wren", StaffRole::Supervisor);
    for _ in 0..2 {
        phone.exchange(|_| ()).expect("an exchange");
        wren.exchange(|_| ()).expect("an exchange");
    }
    let case = page(phone, json!({"page": "caseload"}))["cases"][0]["case"].clone();
    let body = format!("{} {}", canary::word(seed, 7), "She waited at the bridge. ".repeat(60));
    let _note = make(&wren, json!({"do": "begin_note", "case": case, "body": body}));
    for app in [&wren, phone] {
        app.exchange(|_| ()).expect("an exchange");
    }
    wren.lock();
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("somebody listens");
}
