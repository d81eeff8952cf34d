//! What a page offers is taken and what it bars is refused for the same reason: every command, by everybody, in every state.
//!
//! Cases that real phones have lived; see [`tests::rulebook`] for how they are tried.

use std::collections::BTreeSet;

use fieldfare_core::contract::{HandOver, Problem, StaffRole};
use serde_json::json;
use tests::near::Near;
use tests::phone::{level, make, page, run};
use tests::rulebook::{COMMANDS, Rulebook, State, Trial, Tried};
use tests::screen::{saving, signing};

const EVERYBODY: [StaffRole; 4] =
    [StaffRole::Administrator, StaffRole::Mentor, StaffRole::Supervisor, StaffRole::Safeguarding];

/// The key of the reason for which a command was refused.
fn reason(problem: &Problem) -> Option<&str> {
    match problem {
        Problem::NotAllowed { reason, .. } => reason.as_deref(),
        Problem::WithoutContact { .. } => Some("device.without_contact"),
        Problem::ScaleWithoutPack => Some("scale.no_pack"),
        Problem::Empty { field } if field == "body" => Some("note.empty"),
        _ => None,
    }
}

fn agree(tried: &Tried) -> bool {
    match (&tried.why_not, &tried.ran) {
        (None, Ok(_)) => true,
        (Some(key), Err(problem)) => reason(problem) == Some(key.as_str()),
        _ => false,
    }
}

fn name(trial: &Trial) -> &str {
    trial.command["do"].as_str().unwrap()
}

/// Tries everything, and returns the keys by which anything was barred.
fn tried_by(holder: &str) -> BTreeSet<String> {
    let book = Rulebook::of(holder);
    let trials = book.trials();
    let named: BTreeSet<&str> = trials.iter().map(name).collect();
    let missing: Vec<_> = COMMANDS.iter().filter(|command| !named.contains(*command)).collect();
    assert!(missing.is_empty(), "no trial of {missing:?}");
    let (mut wrong, mut seen, mut taken) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for state in State::all() {
        for role in EVERYBODY {
            for trial in &trials {
                let tried = book.try_out(trial, role, state);
                if !agree(&tried) {
                    let (why_not, ran) = (&tried.why_not, &tried.ran);
                    wrong.push(format!("{role:?} {state:?} {}: {why_not:?} {ran:?}", trial.command));
                }
                if tried.ran.is_ok() {
                    taken.insert(name(trial).to_owned());
                }
                seen.extend(tried.why_not);
            }
        }
    }
    assert!(wrong.is_empty(), "{} in all, first:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    let never: Vec<_> = COMMANDS.iter().filter(|command| !taken.contains(**command)).collect();
    assert!(never.is_empty(), "nobody was ever offered {never:?}");
    seen
}

#[test]
fn p03_what_a_page_bars_is_refused_and_what_it_offers_is_taken_from_a_mentor() {
    let seen = tried_by("robin");
    for key in [
        "case.handed_on",
        "case.legal_hold",
        "case.struck",
        "device.without_contact",
        "goal.ended",
        "goal.no_step",
        "goal.not_ended",
        "goal.struck",
        "note.attachments_full",
        "note.empty",
        "note.not_signed",
        "note.signed",
        "note.struck",
        "role.administrator_only",
        "role.supervisors_handle",
        "role.supervisors_hold",
        "scale.no_pack",
        "value.for_good",
        "young_person.struck",
    ] {
        assert!(seen.contains(key), "{key} barred nothing; seen: {seen:?}");
    }
}

#[test]
fn p03_what_a_page_bars_is_refused_and_what_it_offers_is_taken_from_somebody_who_works_on_no_case() {
    let seen = tried_by("rowan");
    for key in ["role.mentors_hand_on", "concern.not_yours"] {
        assert!(seen.contains(key), "{key} barred nothing; seen: {seen:?}");
    }
}

#[test]
fn p03_a_mentor_who_has_handed_a_case_on_learns_from_every_command_that_they_have() {
    let near = Near::found();
    let (robin, wren) = (near.join("robin", StaffRole::Mentor), near.join("wren", StaffRole::Mentor));
    let rowan = near.join("rowan", StaffRole::Supervisor);
    level(&[&robin, &wren, &rowan]);
    let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "half a"}));
    let young_person = page(&robin, json!({"page": "case", "case": case}))["young_person"].clone();
    level(&[&robin, &rowan]);
    let who = |app| page(app, json!({"page": "mentor"}))["person"].clone();
    run(&robin, json!({"do": "transfer_case", "case": case, "from": who(&robin), "to": who(&wren)})).unwrap();
    level(&[&robin, &rowan, &wren, &robin]);
    for command in [
        json!({"do": "begin_note", "case": case}),
        saving(&note, "half a", "half a word"),
        signing(&note, "half a"),
        json!({"do": "set_risk", "case": case, "level": "very_high"}),
        json!({"do": "describe_young_person", "young_person": young_person, "name": "Jo"}),
    ] {
        let refused = run(&robin, command.clone()).unwrap_err();
        assert_eq!(reason(&refused), Some("case.handed_on"), "{command}");
        assert!(refused.to_string().contains("raise a concern"), "{refused}");
    }
    let attached = robin.attach(note.parse().unwrap(), "a.jpg", "image/jpeg", &mut [7; 10].as_slice());
    assert_eq!(reason(&attached.unwrap_err()), Some("case.handed_on"));
    let start: HandOver =
        serde_json::from_value(json!({"case": case, "scale": "ons4", "company": [], "manner": "alone"}))
            .unwrap();
    let Err(not_handed_over) = robin.hand_over(&start) else { panic!("the phone was handed over") };
    assert_eq!(reason(&not_handed_over.problem), Some("case.handed_on"));
    let _concern = make(
        &not_handed_over.app,
        json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed home"}),
    );
}

#[test]
fn p04_a_mentor_neither_lifts_a_hold_nor_closes_a_concern_by_deciding_between_two_values() {
    let near = Near::found();
    let (robin, rowan) = (near.join("robin", StaffRole::Mentor), near.join("rowan", StaffRole::Supervisor));
    let lead = near.join("lead", StaffRole::Safeguarding);
    level(&[&robin, &rowan, &lead]);
    let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let raise = json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed home"});
    let concern = make(&robin, raise);
    level(&[&robin, &rowan, &lead]);
    for (by, held, state) in [(&rowan, true, "taken_on"), (&lead, false, "closed")] {
        run(by, json!({"do": "set_legal_hold", "case": case, "held": held})).unwrap();
        let handle = json!({"do": "handle_concern", "concern": concern, "state": state, "words": "rang"});
        run(by, handle).unwrap();
    }
    level(&[&rowan, &lead, &robin, &rowan]);
    let values = |app| page(app, json!({"page": "case", "case": case}))["also_recorded"].clone();
    let decide = |app, field: &str, wanted: &str| {
        let values = values(app);
        let row =
            values.as_array().unwrap().iter().find(|row| row["field"] == field && row["value"] == wanted);
        let row = row.unwrap_or_else(|| panic!("no {wanted}: {values}")).clone();
        let (record, value_id) = (&row["record"], &row["value_id"]);
        let command = json!({"do": "decide", "record": record, "field": field, "value_id": value_id});
        (row["why_not"].as_str().map(str::to_owned), run(app, command).map(drop))
    };
    for (field, wanted, key) in
        [("legal_hold", "lifted", "role.supervisors_hold"), ("state", "closed", "role.supervisors_handle")]
    {
        let (why_not, ran) = decide(&robin, field, wanted);
        assert_eq!((why_not.as_deref(), reason(&ran.unwrap_err())), (Some(key), Some(key)), "{field}");
    }
    let shown = page(&robin, json!({"page": "case", "case": case}));
    assert_eq!((&shown["legal_hold"], &shown["concerns"][0]["state"]), (&json!(true), &json!("taken_on")));
    // Those who may, do.
    assert_eq!(decide(&rowan, "legal_hold", "lifted"), (None, Ok(())));
    assert_eq!(decide(&rowan, "state", "closed"), (None, Ok(())));
}

/// Commands that are about no record in particular, and why.
const ABOUT_NOTHING: [(&str, &str); 2] = [
    ("import_services", "a table is about as many services as it has rows"),
    ("rotate_keys", "without a case it is about everything that is read here"),
];

#[test]
fn p08_the_audit_names_record_and_person_of_every_command() {
    let book = Rulebook::of("robin");
    let me = book.person().to_string();
    let (mut named, mut wrong) = (BTreeSet::new(), Vec::new());
    for trial in book.trials() {
        for role in EVERYBODY {
            let tried = book.try_out(&trial, role, State::default());
            let Ok(made) = tried.ran else { continue };
            named.insert(name(&trial).to_owned());
            let (line, wanted) = (tried.line, made.or(trial.about.clone()));
            let excused = ABOUT_NOTHING.iter().any(|(command, _)| *command == name(&trial));
            let record = line["record"].as_str().map(str::to_owned);
            let same = line["what"] == trial.command["do"] && line["person"] == me && line["by"] == "robin";
            if !same || record != wanted || (wanted.is_none() && !excused) {
                wrong.push(format!("{}: {line}, not {wanted:?}", trial.command));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<_> = COMMANDS.iter().filter(|command| !named.contains(**command)).collect();
    assert!(missing.is_empty(), "never carried out: {missing:?}");
}
