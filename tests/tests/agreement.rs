//! Devices that work at random, and seldom exchange, agree in the end: same digests, same pages.
//!
//! Seeded and in one process, over a real endpoint; the failing seed and its steps are the bug report. Identifiers are
//! drawn anew in every run, so of two equal stamps another may win.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Done, Problem, StaffRole};
use serde_json::{Value, json};
use tests::casework::chance::Chance;
use tests::phone::{self, Service, TestClock};
use tests::screen;

const STEPS: usize = 150;
const SEEDS: [u64; 6] = [1, 2, 3, 5, 8, 13];

/// Every command but the administrator's own; a kind that never succeeds in any seed is not being tested.
const KINDS: [&str; 26] = [
    "open_case",
    "describe_young_person",
    "set_cohort",
    "set_risk",
    "add_mentor",
    "decide",
    "begin_note",
    "save_draft",
    "describe_note",
    "sign_note",
    "add_addendum",
    "delete_draft",
    "set_goal",
    "describe_goal",
    "add_step",
    "finish_step",
    "record_progress",
    "review_goal",
    "achieve_goal",
    "let_go_of_goal",
    "reopen_goal",
    "record_check_in",
    "raise_concern",
    "handle_concern",
    "import_services",
    "set_crisis_card",
];

/// What exists, by name, wherever it was made. A device that has not heard of it yet is refused.
#[derive(Default)]
struct Known {
    cases: Vec<String>,
    young_people: Vec<String>,
    notes: Vec<String>,
    goals: Vec<String>,
    steps: Vec<String>,
    concerns: Vec<String>,
    people: Vec<String>,
    /// Bodies as a screen showed them some time ago, by device and note.
    screens: BTreeMap<(usize, String), String>,
}

struct World {
    seed: u64,
    chance: Chance,
    known: Known,
    told: Vec<String>,
    done: BTreeSet<String>,
    carried_out: usize,
}

impl World {
    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.chance.below(choices.len())]
    }

    fn one_of(&mut self, names: &[String]) -> String {
        // Sometimes nothing that exists: a name that nobody gave.
        if names.is_empty() || self.chance.below(40) == 0 {
            return "0123456789abcdef0123456789abcdef".to_owned();
        }
        // The first few are worked on most, so that devices meet.
        let within = if self.chance.below(3) == 0 { names.len() } else { names.len().min(3) };
        names[self.chance.below(within)].clone()
    }

    fn words(&mut self) -> String {
        const WORDS: [&str; 12] = [
            "harbour", "bread", "sister", "pier", "quiet", "Zoë", "🏊", "court", "late", "gym", "mum", "swim",
        ];
        let count = 1 + self.chance.below(4);
        (0..count).map(|_| WORDS[self.chance.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    /// A text with something put in, taken out or replaced, at the boundary of a character.
    fn edited(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.chance.below(letters.len() + 1);
        let gone = self.chance.below(4).min(letters.len() - at);
        let new: Vec<char> = if self.chance.below(4) == 0 { vec![] } else { self.words().chars().collect() };
        letters.splice(at..at + gone, new);
        letters.into_iter().collect()
    }

    fn command(&mut self, apps: &[Fieldfare], who: usize) -> Value {
        let kind = self.pick(&KINDS);
        let words = self.words();
        let case = self.one_of(&self.known.cases.clone());
        let note = self.one_of(&self.known.notes.clone());
        let goal = self.one_of(&self.known.goals.clone());
        let mut command = match kind {
            "open_case" if self.known.cases.len() >= 5 => {
                json!({"do": "set_cohort", "case": case, "cohort": "prevent"})
            }
            "open_case" => {
                json!({"name": words, "born_on": "2010-05-01", "cohort": "protect", "opened_on": "2026-01-05"})
            }
            "describe_young_person" => {
                let who = self.one_of(&self.known.young_people.clone());
                match self.chance.below(3) {
                    0 => json!({"young_person": who, "name": words}),
                    1 => json!({"young_person": who, "add_circumstances": [self.words()]}),
                    _ => json!({"young_person": who, "pronouns": self.pick(&["she", "they", "he"]),
                        "remove_circumstances": [self.words()]}),
                }
            }
            "set_cohort" => json!({"case": case, "cohort": self.pick(&["protect", "prevent"])}),
            "set_risk" => json!({"case": case, "level": self.pick(&["low", "medium", "high", "very_high"])}),
            "add_mentor" => json!({"case": case, "mentor": self.one_of(&self.known.people.clone())}),
            "decide" => return self.decision(apps, who, &case),
            "begin_note" => json!({"case": case, "place": self.pick(&["car", "cafe"]), "body": words,
                "began_at_ms": 1_600_000_000_000_i64 + self.chance.below(1_000_000_000) as i64}),
            "save_draft" => return self.typing(apps, who, &note),
            "describe_note" => match self.chance.below(4) {
                0 => json!({"note": note, "minutes": 1 + self.chance.below(480)}),
                1 => json!({"note": note, "remove_tags": [self.pick(&["a", "b", "c"])]}),
                2 => json!({"note": note, "agreed": words, "planned": self.chance.below(2) == 0}),
                _ => json!({"note": note, "add_tags": [self.pick(&["a", "b", "c"])]}),
            },
            // Rarely, or nothing is left to type into.
            "sign_note" | "delete_draft" if self.chance.below(3) > 0 => {
                json!({"do": "begin_note", "case": case, "body": words})
            }
            "sign_note" => screen::signing(&note, &Self::stored(apps, who, &note)),
            "delete_draft" => json!({"note": note, "reason": words}),
            "add_addendum" => json!({"note": note, "words": words}),
            "set_goal" => json!({"case": case, "words": words, "review_on": "2020-01-01"}),
            "describe_goal" => {
                json!({"goal": goal, "words": words, "review_on": self.pick(&["2020-02-02", "2099-01-01"])})
            }
            "add_step" | "record_progress" => json!({"goal": goal, "words": words}),
            "finish_step" => {
                json!({"step": self.one_of(&self.known.steps.clone()), "done_on": self.pick(&["2026-01-06", "2026-01-07"])})
            }
            "review_goal" => json!({"goal": goal, "words": words, "next_review_on": "2099-03-03"}),
            "achieve_goal" | "reopen_goal" => json!({"goal": goal}),
            "let_go_of_goal" => json!({"goal": goal, "reason": words}),
            "record_check_in" => {
                json!({"case": case, "scale": "ons4", "company": ["mentor"], "manner": "alone",
                "answers": [self.chance.below(11), null, self.chance.below(11)], "taken_on": self.pick(&["2026-01-08", "2026-02-08"])})
            }
            "raise_concern" => json!({"case": case, "about": "threat", "words": words}),
            "handle_concern" => json!({"concern": self.one_of(&self.known.concerns.clone()), "words": words,
                "state": self.pick(&["taken_on", "closed", "raised"])}),
            "import_services" => {
                json!({"table": format!("name,offers,ages_as_published,areas_as_published,contact_as_published,checked_on\n\
                Club {},{words},11-17,Maidstone,020 7946 0001,2025-03-01\n", self.chance.below(3))})
            }
            "set_crisis_card" => json!({"words": words}),
            other => panic!("no generator for {other}"),
        };
        if command.get("do").is_none() {
            command["do"] = json!(kind);
        }
        command
    }

    /// What a note says on a device; nothing if it is not there.
    fn stored(apps: &[Fieldfare], who: usize, note: &str) -> String {
        let ask = serde_json::from_value(json!({"page": "note", "note": note})).unwrap();
        let body = apps[who].page(&ask).ok().map(|page| {
            let page = serde_json::to_value(page).unwrap();
            page["body"].as_str().unwrap().to_owned()
        });
        body.unwrap_or_default()
    }

    /// Typing into a draft as it stands on the screen, which may be older than what is stored.
    fn typing(&mut self, apps: &[Fieldfare], who: usize, note: &str) -> Value {
        let stored = Self::stored(apps, who, note);
        let screen = (who, note.to_owned());
        let stale = self.known.screens.get(&screen).cloned();
        let before = if self.chance.below(3) == 0 { stale.unwrap_or(stored.clone()) } else { stored.clone() };
        let after = self.edited(&before);
        self.known.screens.insert(screen, stored);
        screen::saving(note, &before, &after)
    }

    /// A decision between values that a page shows, if there are any.
    fn decision(&mut self, apps: &[Fieldfare], who: usize, case: &str) -> Value {
        let ask = serde_json::from_value(json!({"page": "case", "case": case})).unwrap();
        let page = apps[who].page(&ask).map(|page| serde_json::to_value(page).unwrap()).unwrap_or_default();
        let values = page["also_recorded"].as_array().cloned().unwrap_or_default();
        if values.is_empty() {
            return json!({"do": "set_risk", "case": case, "level": self.pick(&["low", "medium", "high"])});
        }
        let value = &values[self.chance.below(values.len())];
        json!({"do": "decide", "record": value["record"], "field": value["field"], "value_id": value["value_id"]})
    }

    /// A case that all three read, with something of every kind, so that they can disagree from the first step on.
    fn begin(&mut self, apps: &[Fieldfare]) {
        let case = self.make(apps, 0, &json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
        let mentor = self.known.people[1].clone();
        for command in [
            json!({"do": "add_mentor", "case": case, "mentor": mentor}),
            json!({"do": "begin_note", "case": case, "body": "We walked to the harbour."}),
            json!({"do": "begin_note", "case": case, "body": "A signed one."}),
            json!({"do": "set_goal", "case": case, "words": "swim a mile"}),
            json!({"do": "raise_concern", "case": case, "about": "missing", "words": "not at home"}),
        ] {
            self.make(apps, 0, &command);
        }
        let (note, goal) = (self.known.notes[1].clone(), self.known.goals[0].clone());
        self.make(apps, 0, &screen::signing(&note, "A signed one."));
        self.make(apps, 0, &json!({"do": "add_step", "goal": goal, "words": "buy goggles"}));
        phone::level(&[&apps[0], &apps[1], &apps[2]]);
        self.done.clear();
    }

    /// Runs a command that must succeed, and returns what it made, if anything.
    fn make(&mut self, apps: &[Fieldfare], who: usize, command: &Value) -> String {
        let done = phone::run(&apps[who], command.clone()).unwrap();
        self.remember(apps, who, &done).unwrap_or_default()
    }

    fn step(&mut self, apps: &[Fieldfare]) {
        let who = self.chance.below(apps.len());
        if self.chance.below(8) == 0 {
            self.told.push(format!("{who} exchanges"));
            apps[who].exchange(|_| ()).unwrap_or_else(|problem| panic!("{}: {problem:?}", self.trace()));
            return;
        }
        let command = self.command(apps, who);
        self.told.push(format!("{who} {command}"));
        let done = match phone::run(&apps[who], command.clone()) {
            Ok(done) => done,
            // What a person may be told when two devices know different things; anything else is our bug.
            Err(
                Problem::NoSuch { .. }
                | Problem::NotAllowed { .. }
                | Problem::Empty { .. }
                | Problem::RevisionUnknown,
            ) => return,
            Err(problem) => panic!("{}: {problem:?}", self.trace()),
        };
        self.carried_out += 1;
        self.remember(apps, who, &done);
    }

    fn remember(&mut self, apps: &[Fieldfare], who: usize, done: &Done) -> Option<String> {
        self.done.insert(done.did.clone());
        let made = done.made?.to_string();
        let names = match done.did.as_str() {
            "open_case" => {
                let page = phone::page(&apps[who], json!({"page": "case", "case": made}));
                self.known.young_people.push(page["young_person"].as_str().unwrap().to_owned());
                &mut self.known.cases
            }
            "begin_note" => &mut self.known.notes,
            "set_goal" => &mut self.known.goals,
            "add_step" => &mut self.known.steps,
            "raise_concern" => &mut self.known.concerns,
            _ => return Some(made),
        };
        names.push(made.clone());
        Some(made)
    }

    fn trace(&self) -> String {
        let last = self.told.len().saturating_sub(25);
        format!(
            "seed {}, after {} steps, the last of them:\n{}\n",
            self.seed,
            self.told.len(),
            self.told[last..].join("\n")
        )
    }
}

/// A page without what differs between devices by right; `None` where the device does not have it.
fn page(app: &Fieldfare, ask: &Value) -> Option<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in ["sent", "delivered_at_ms", "actions", "unsent", "came_in"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let page = app.page(&serde_json::from_value(ask.clone()).unwrap());
    match page {
        Ok(page) => {
            let mut page = serde_json::to_value(page).unwrap();
            strip(&mut page);
            // What is best depends on everything that the device holds; what is found does not.
            if let Some(found) = page.get_mut("found").and_then(Value::as_array_mut) {
                found.sort_by_key(|one| one["note"].to_string());
            }
            Some(page)
        }
        Err(Problem::NoSuch { .. }) => None,
        Err(problem) => panic!("{ask}: {problem:?}"),
    }
}

/// The first place where two pages differ, in words.
fn difference(ours: &Value, theirs: &Value, place: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(name, value)| difference(value, &b[name], &format!("{place}.{name}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(at, (a, b))| difference(a, b, &format!("{place}[{at}]")))
        }
        _ => (ours != theirs).then(|| format!("{place}\n  here:  {ours}\n  there: {theirs}")),
    }
}

/// Asserts that everybody who has a vault or a page has the same, and returns how many were compared.
fn compare(world: &World, apps: &[&Fieldfare]) -> (usize, usize) {
    let mut digests: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for app in apps {
        for (vault, digest) in app.digests().unwrap() {
            digests.entry(vault).or_default().push(digest);
        }
    }
    for (vault, of_members) in &digests {
        let alike = of_members.iter().all(|digest| *digest == of_members[0]);
        assert!(alike, "{}vault {vault} differs: {of_members:?}", world.trace());
    }
    let known = &world.known;
    let named = |page: &str, field: &str, names: &[String]| {
        names.iter().map(|name| json!({"page": page, field: name})).collect::<Vec<_>>()
    };
    let mut asks = named("case", "case", &known.cases);
    asks.extend(named("note", "note", &known.notes));
    asks.extend(named("goal", "goal", &known.goals));
    asks.extend(named("timeline", "case", &known.cases));
    asks.extend(named("young_person", "young_person", &known.young_people));
    asks.extend(known.cases.iter().map(|case| json!({"page": "check_ins", "case": case, "scale": "ons4"})));
    asks.extend(known.cases.iter().map(|case| json!({"page": "search", "case": case, "words": "har"})));
    asks.extend([json!({"page": "services"}), json!({"page": "staff"})]);
    let mut compared = 0;
    for ask in &asks {
        let drawn: Vec<_> = apps.iter().filter_map(|app| page(app, ask)).collect();
        // A search of a case that is not here finds nothing, and says so.
        let drawn: Vec<_> = match ask["page"].as_str() {
            Some("search") => drawn.into_iter().filter(|page| page["found"] != json!([])).collect(),
            _ => drawn,
        };
        for other in drawn.iter().skip(1) {
            let told = difference(&drawn[0], other, "");
            assert!(told.is_none(), "{}{ask}\n{}", world.trace(), told.unwrap_or_default());
            compared += 1;
        }
    }
    (digests.values().filter(|of_members| of_members.len() > 1).count(), compared)
}

fn person(app: &Fieldfare) -> String {
    phone::page(app, json!({"page": "mentor"}))["person"].as_str().unwrap().to_owned()
}

fn play(seed: u64) -> BTreeSet<String> {
    let service = Service::found();
    let mut world = World {
        seed,
        chance: Chance::new(seed),
        known: Known::default(),
        told: Vec::new(),
        done: BTreeSet::new(),
        carried_out: 0,
    };
    let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let now_ms = i64::try_from(now_ms).unwrap();
    let mut apps = Vec::new();
    for (name, role, wrong_by_ms) in [
        ("robin", StaffRole::Mentor, 0),
        ("wren", StaffRole::Mentor, 5 * 3_600_000),
        ("sandy", StaffRole::Supervisor, -3_600_000),
    ] {
        let app = service.join_with(name, role, TestClock::at(now_ms + wrong_by_ms) as Arc<_>);
        world.known.people.push(person(&app));
        apps.push(app);
    }
    for app in &apps {
        app.exchange(|_| ()).unwrap();
    }
    world.begin(&apps);
    let late = STEPS / 3 + world.chance.below(STEPS / 3);
    for step in 0..STEPS {
        if step == late {
            let role = if seed.is_multiple_of(2) { StaffRole::Supervisor } else { StaffRole::Mentor };
            let app = service.join("late", role);
            world.told.push("late joins".to_owned());
            world.known.people.push(person(&app));
            apps.push(app);
        }
        world.step(&apps);
    }
    // Whoever came late works on a case of each seed, so that somebody reads a history they were not there for.
    let mentor = world.known.people[3].clone();
    let case = world.known.cases[0].clone();
    let everybody: Vec<&Fieldfare> = apps.iter().chain([&service.administrator]).collect();
    phone::level(&everybody);
    phone::run(&apps[2], json!({"do": "add_mentor", "case": case, "mentor": mentor})).unwrap();
    phone::level(&everybody);
    for (who, app) in everybody.iter().enumerate() {
        let exchanged = app.exchange(|_| ()).unwrap();
        assert_eq!((exchanged.sent, exchanged.received), (0, 0), "{}{who} is not quiet", world.trace());
        let waiting = phone::page(app, json!({"page": "exchange"}));
        assert_eq!(
            (&waiting["waiting"], &waiting["set_aside"]),
            (&json!([]), &json!([])),
            "{}",
            world.trace()
        );
    }
    assert!(world.carried_out >= STEPS / 4, "{}only {} were carried out", world.trace(), world.carried_out);
    let (vaults, pages) = compare(&world, &everybody);
    assert!(vaults >= 2 && pages >= 20, "{}only {vaults} vaults and {pages} pages", world.trace());
    let late_sees = page(&apps[3], &json!({"page": "case", "case": case}));
    assert!(late_sees.is_some(), "{}whoever came late sees nothing", world.trace());
    world.done
}

#[test]
fn devices_that_work_at_random_agree_in_the_end() {
    let mut done = BTreeSet::new();
    for seed in SEEDS {
        done.extend(play(seed));
    }
    let missing: Vec<_> = KINDS.iter().filter(|kind| !done.contains(**kind)).collect();
    assert!(missing.is_empty(), "no seed carried out {missing:?}");
}

#[test]
fn a_device_that_has_not_exchanged_is_told_apart() {
    let service = Service::found();
    let (robin, sandy) =
        (service.join("robin", StaffRole::Mentor), service.join("sandy", StaffRole::Supervisor));
    let chance = Chance::new(0);
    let (told, done) = (Vec::new(), BTreeSet::new());
    let mut world = World { seed: 0, chance, known: Known::default(), told, done, carried_out: 0 };
    robin.exchange(|_| ()).unwrap();
    let case = phone::make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
    let note = phone::make(&robin, json!({"do": "begin_note", "case": case, "body": "quiet"}));
    world.known.cases.push(case);
    world.known.notes.push(note.clone());
    phone::level(&[&robin, &sandy]);
    assert!(compare(&world, &[&robin, &sandy]).1 > 0);
    screen::save(&robin, &note, "loud").unwrap();
    let compared =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compare(&world, &[&robin, &sandy])));
    assert!(compared.is_err(), "a note that differs was not found");
}
