//! The trials: every command at least once, and those that depend on a record on records in every state.
//!
//! Each with the page that says whether it is offered.

use fieldfare_core::contract::{Ask, StaffRole};
use fieldfare_core::pages::{self, View};
use serde_json::{Value, json};

use super::{Place, Rulebook, Trial};

impl Rulebook {
    /// Every command at least once, and those that depend on a record on records in every state.
    ///
    /// # Panics
    /// If a page does not draw.
    #[must_use]
    pub fn trials(&self) -> Vec<Trial> {
        let mut trials = self.on_cases();
        trials.extend(self.on_notes());
        trials.extend(self.on_goals());
        trials.extend(self.on_concerns());
        trials.extend(self.for_everybody());
        trials.extend(self.decisions());
        trials
    }

    fn on_cases(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let case = || json!({"page": "case", "case": lived.ash});
        let in_case = |command: Value| Trial {
            command,
            page: case(),
            place: Place::Actions,
            about: Some(lived.ash.clone()),
        };
        let ash = &lived.ash;
        let answers = json!([3, null, 4]);
        let check_in = json!({"do": "record_check_in", "case": ash, "scale": "ons4", "answers": answers,
            "company": ["mentor"], "manner": "alone"});
        let licensed = json!({"do": "record_check_in", "case": ash, "scale": "swemwbs",
            "answers": [1, 2, 3, 4, 5, 1, 2], "company": [], "manner": "alone"});
        let form = |scale: &str| json!({"page": "check_in_form", "case": ash, "scale": scale});
        let start = Place::Own("/start");
        vec![
            Trial {
                command: json!({"do": "open_case", "name": "Sky", "cohort": "prevent"}),
                page: json!({"page": "caseload"}),
                place: Place::Actions,
                about: None,
            },
            Trial {
                command: json!({"do": "describe_young_person", "young_person": lived.young_person,
                    "pronouns": "they/them"}),
                page: json!({"page": "young_person", "young_person": lived.young_person}),
                place: Place::Actions,
                about: Some(lived.young_person.clone()),
            },
            in_case(json!({"do": "set_cohort", "case": ash, "cohort": "prevent"})),
            in_case(json!({"do": "set_risk", "case": ash, "level": "high"})),
            in_case(json!({"do": "set_legal_hold", "case": ash, "held": true})),
            in_case(json!({"do": "set_legal_hold", "case": ash, "held": false})),
            in_case(json!({"do": "add_mentor", "case": ash, "mentor": lived.colleague})),
            in_case(json!({"do": "transfer_case", "case": ash, "from": "$mentor", "to": lived.supervisor})),
            in_case(json!({"do": "rotate_keys", "case": ash})),
            in_case(json!({"do": "begin_note", "case": ash, "body": "We met."})),
            in_case(json!({"do": "set_goal", "case": ash, "words": "sleep"})),
            in_case(json!({"do": "raise_concern", "case": ash, "about": "other", "words": "seen again"})),
            in_case(check_in.clone()),
            Trial { place: start.clone(), page: form("ons4"), ..in_case(check_in) },
            Trial { place: start, page: form("swemwbs"), ..in_case(licensed) },
        ]
    }

    fn on_notes(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let mut trials = Vec::new();
        let notes = [&lived.draft, &lived.empty, &lived.signed, &lived.struck, &lived.full, &lived.merged];
        for note in notes {
            for command in [
                json!({"do": "save_draft", "note": note, "revision": "$shown", "body": "We met. All is well."}),
                json!({"do": "describe_note", "note": note, "place": "home"}),
                json!({"do": "sign_note", "note": note, "revision": "$shown", "body": "$shown"}),
                json!({"do": "look_at_note", "note": note, "revision": "$shown"}),
                json!({"do": "take_out_came_in", "note": note, "revision": "$shown", "stretch": 1}),
                json!({"do": "add_addendum", "note": note, "words": "later"}),
                json!({"do": "delete_draft", "note": note}),
                json!({"do": "attach", "note": note}),
            ] {
                let page = json!({"page": "note", "note": note});
                trials.push(Trial { command, page, place: Place::Actions, about: Some(note.clone()) });
            }
        }
        for photo in [&lived.photo, &lived.photo_struck] {
            trials.push(Trial {
                command: json!({"do": "remove_attachment", "attachment": photo}),
                page: json!({"page": "note", "note": lived.draft}),
                place: Place::Row("attachments", "attachment", photo.clone()),
                about: Some(photo.clone()),
            });
        }
        trials
    }

    fn on_goals(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let mut trials = Vec::new();
        let mut on = |goal: &String, command: Value, about: &String| {
            let page = json!({"page": "goal", "goal": goal});
            trials.push(Trial { command, page, place: Place::Actions, about: Some(about.clone()) });
        };
        for goal in [&lived.goal, &lived.goal_ended, &lived.goal_new, &lived.goal_struck] {
            on(goal, json!({"do": "describe_goal", "goal": goal, "why": "for fun"}), goal);
            on(goal, json!({"do": "add_step", "goal": goal, "words": "go"}), goal);
            on(goal, json!({"do": "record_progress", "goal": goal, "words": "some"}), goal);
            on(goal, json!({"do": "review_goal", "goal": goal, "words": "well"}), goal);
            on(goal, json!({"do": "achieve_goal", "goal": goal}), goal);
            on(goal, json!({"do": "let_go_of_goal", "goal": goal, "reason": "another"}), goal);
            on(goal, json!({"do": "reopen_goal", "goal": goal}), goal);
        }
        for (goal, step) in [
            (&lived.goal, &lived.step),
            (&lived.goal_struck, &lived.step_of_struck),
            (&lived.goal_new, &lived.step_struck),
        ] {
            on(goal, json!({"do": "finish_step", "step": step}), step);
        }
        trials
    }

    fn on_concerns(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let mut trials = Vec::new();
        for concern in [&lived.concern, &lived.concern_closed] {
            let handle =
                json!({"do": "handle_concern", "concern": concern, "state": "taken_on", "words": "rang"});
            let add = json!({"do": "add_to_concern", "concern": concern, "words": "and again"});
            let (own, about) = (json!({"page": "concern", "concern": concern}), Some(concern.clone()));
            let on = |command: &Value, page: Value, place: Place| Trial {
                command: command.clone(),
                page,
                place,
                about: about.clone(),
            };
            let row = Place::Row("concerns", "concern", concern.clone());
            trials.push(on(&handle, json!({"page": "case", "case": lived.ash}), row));
            trials.push(on(&handle, own.clone(), Place::Actions));
            trials.push(on(&add, own, Place::Actions));
        }
        trials
    }

    fn for_everybody(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let organisation = Some(self.me.organisation.to_string());
        let on = |command: Value, about: Option<String>| Trial {
            command,
            page: json!({"page": "staff"}),
            place: Place::Actions,
            about,
        };
        let table = "name,offers,ages_as_published,areas_as_published,contact_as_published,checked_on\n\
            Boxing,Boxing,10-17,Kent,a@b.example,2026-01-01\n";
        vec![
            on(
                json!({"do": "name_supervisor", "person": lived.mentor, "supervisor": lived.supervisor}),
                Some(lived.mentor.clone()),
            ),
            on(json!({"do": "rotate_keys"}), None),
            on(json!({"do": "set_crisis_card", "words": "Ring the duty line."}), organisation.clone()),
            on(json!({"do": "set_auto_lock", "background_s": 60, "untouched_s": 60}), organisation.clone()),
            on(json!({"do": "set_lease", "erases": false}), organisation),
            Trial { page: json!({"page": "scales"}), ..on(pack(), None) },
            Trial {
                page: json!({"page": "services"}),
                ..on(json!({"do": "import_services", "table": table}), None)
            },
        ]
    }

    /// Every value that stands beside another, on the page of the case and on that of a note that was signed twice.
    fn decisions(&self) -> Vec<Trial> {
        let lived = &self.lived;
        let view = View { me: self.me, role: StaffRole::Supervisor, now_ms: self.now_ms() };
        let mut trials = Vec::new();
        for ask in
            [json!({"page": "case", "case": lived.kit}), json!({"page": "note", "note": lived.disputed})]
        {
            let wanted: Ask = serde_json::from_value(ask.clone()).expect("a page of the contract");
            let drawn = self.store.read(|read| pages::draw(read, &view, &wanted)).expect("a page");
            let drawn = serde_json::to_value(drawn).expect("JSON");
            for value in drawn["also_recorded"].as_array().expect("rows") {
                let (record, field) = (&value["record"], &value["field"]);
                let value_id = &value["value_id"];
                trials.push(Trial {
                    command: json!({"do": "decide", "record": record, "field": field, "value_id": value_id}),
                    page: ask.clone(),
                    place: Place::Value,
                    about: record.as_str().map(str::to_owned),
                });
            }
        }
        trials
    }
}

/// A made-up pack.
fn pack() -> Value {
    let items: Vec<String> = (1..=7).map(|number| format!("Made-up sentence {number}")).collect();
    let options: Vec<Value> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("made-up {answer}")})).collect();
    json!({"do": "add_scale_pack", "pack": {"scale": "swemwbs", "language": "en-GB", "items": items,
        "options": options, "notice": "© Made-up owner", "licence_reference": "REF-1",
        "licensee": "A made-up charity", "licensed_on": "2026-03-31"}})
}
