//! What was lived: two cases of one mentor, whose records came into every state that commands can bring about.
//!
//! In the second, people recorded things without knowing of each other.

use fieldfare_core::contract::StaffRole;
use serde_json::json;

use crate::near::Near;
use crate::phone::{level, make, page, run};
use crate::screen;

/// Names of the records.
pub(super) struct Lived {
    pub(super) near: Near,
    pub(super) ash: String,
    pub(super) kit: String,
    pub(super) young_person: String,
    pub(super) mentor: String,
    pub(super) colleague: String,
    pub(super) supervisor: String,
    pub(super) draft: String,
    pub(super) empty: String,
    pub(super) signed: String,
    pub(super) struck: String,
    pub(super) merged: String,
    pub(super) full: String,
    pub(super) disputed: String,
    pub(super) photo: String,
    pub(super) photo_struck: String,
    pub(super) goal: String,
    pub(super) step: String,
    pub(super) goal_ended: String,
    pub(super) goal_new: String,
    pub(super) goal_struck: String,
    pub(super) step_of_struck: String,
    pub(super) step_struck: String,
    pub(super) concern: String,
    pub(super) concern_closed: String,
}

impl Lived {
    /// Lives it.
    pub(super) fn new() -> Self {
        let near = Near::found();
        let robin = near.join("robin", StaffRole::Mentor);
        let wren = near.join("wren", StaffRole::Mentor);
        let rowan = near.join("rowan", StaffRole::Supervisor);
        let lead = near.join("lead", StaffRole::Safeguarding);
        level(&[&near.administrator, &robin, &wren, &rowan, &lead]);
        let open = |name: &str| make(&robin, json!({"do": "open_case", "name": name, "cohort": "protect"}));
        let (ash, kit) = (open("Ash"), open("Kit"));
        let begin =
            |case: &str, body: &str| make(&robin, json!({"do": "begin_note", "case": case, "body": body}));
        let (draft, empty, disputed) = (begin(&ash, "We met."), begin(&ash, ""), begin(&kit, "We met."));
        let (signed, full) = (begin(&ash, "We met."), begin(&ash, "Photos."));
        let (twice, again) = (begin(&kit, "We met."), begin(&kit, "To be taken back."));
        let (struck, merged) = (begin(&ash, "The wrong day."), begin(&ash, "We met."));
        screen::sign(&robin, &signed).expect("a signature");
        run(&robin, json!({"do": "delete_draft", "note": struck})).expect("taken back");
        let photo_of = |note: &str| {
            let note = note.parse().expect("a note");
            let made = robin.attach(note, "a.jpg", "image/jpeg", &mut [7; 10].as_slice());
            made.expect("attached").made.expect("a record").to_string()
        };
        let (photo, photo_struck) = (photo_of(&draft), photo_of(&draft));
        run(&robin, json!({"do": "remove_attachment", "attachment": photo_struck})).expect("taken back");
        (0..20).for_each(|_| drop(photo_of(&full)));
        let goal_of = |words: &str| make(&robin, json!({"do": "set_goal", "case": ash, "words": words}));
        let step_of = |goal: &str| make(&robin, json!({"do": "add_step", "goal": goal, "words": "ask"}));
        let (goal, goal_ended) = (goal_of("swim"), goal_of("read"));
        let (goal_new, goal_struck) = (goal_of("cook"), goal_of("run"));
        let (step, step_of_struck, step_struck) = (step_of(&goal), step_of(&goal_struck), step_of(&goal_new));
        run(&robin, json!({"do": "achieve_goal", "goal": goal_ended})).expect("achieved");
        let raise = |case: &str| {
            let command = json!({"do": "raise_concern", "case": case, "about": "threat", "words": "seen"});
            make(&robin, command)
        };
        let (concern, concern_closed, concern_disputed) = (raise(&ash), raise(&ash), raise(&kit));
        level(&[&robin, &rowan, &lead, &robin]);
        let handle = |by, concern: &str, state: &str| {
            let command =
                json!({"do": "handle_concern", "concern": concern, "state": state, "words": "done"});
            run(by, command).expect("handled");
        };
        handle(&rowan, &concern_closed, "closed");
        // And what they did without knowing of each other.
        handle(&rowan, &concern_disputed, "taken_on");
        handle(&lead, &concern_disputed, "closed");
        let hold = |by, held: bool| {
            run(by, json!({"do": "set_legal_hold", "case": kit, "held": held})).expect("said");
        };
        hold(&rowan, true);
        hold(&lead, false);
        for (by, risk, place) in [(&robin, "high", "home"), (&rowan, "low", "school")] {
            run(by, json!({"do": "set_risk", "case": kit, "level": risk})).expect("a level");
            run(by, json!({"do": "describe_note", "note": disputed, "place": place})).expect("a place");
            let body = format!("We met {place}.");
            let revision = screen::revision(&twice, "We met.");
            let sign = json!({"do": "sign_note", "note": twice, "revision": revision, "body": body});
            run(by, sign).expect("a signature");
        }
        screen::save(&rowan, &again, "Not at all.").expect("saved");
        // One of them reads what the other put into a draft that both typed into.
        screen::save(&rowan, &merged, "We met in the park.").expect("saved");
        screen::save(&robin, &merged, "We met. He was calm.").expect("saved");
        run(&robin, json!({"do": "delete_draft", "note": again})).expect("taken back");
        level(&[&robin, &rowan, &lead, &robin, &rowan]);
        let who = |app| page(app, json!({"page": "mentor"}))["person"].as_str().expect("a name").to_owned();
        let (mentor, colleague, supervisor) = (who(&robin), who(&wren), who(&rowan));
        let young_person = page(&robin, json!({"page": "case", "case": ash}))["young_person"].clone();
        let young_person = young_person.as_str().expect("a name").to_owned();
        drop((robin, wren, rowan, lead));
        Self {
            near,
            ash,
            kit,
            young_person,
            merged,
            mentor,
            colleague,
            supervisor,
            draft,
            empty,
            signed,
            struck,
            full,
            disputed: twice,
            photo,
            photo_struck,
            goal,
            step,
            goal_ended,
            goal_new,
            goal_struck,
            step_of_struck,
            step_struck,
            concern,
            concern_closed,
        }
    }
}
