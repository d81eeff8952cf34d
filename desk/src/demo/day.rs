//! The day: a shared case, hours without signal on both phones, edits that did not know of each other, and the signal.
//!
//! Everything is written by commands and read from pages, as a phone would.

use std::time::Instant;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::Problem;
use serde_json::{Value, json};

use super::cast::Cast;
use super::invented::Invented;
use super::parts::{list, make, page, run, text};
use super::story::{Failure, Story};

/// The case that both mentors work on, and what the day leaves in it.
pub(super) struct SharedCase {
    pub(super) case: String,
    note: String,
    goal: String,
    worry: &'static str,
}

/// Mo opens a case, begins a note and a goal, and lets Ash work on it.
pub(super) fn open_a_shared_case(
    story: &mut Story,
    cast: &Cast,
    invented: &mut Invented,
) -> Result<SharedCase, Failure> {
    story.chapter("Two mentors share a case");
    let name = invented.name();
    let case = make(
        &cast.mo,
        json!({"do": "open_case", "name": name, "born_on": "2011-05-04", "cohort": "protect", "risk": "medium"}),
    )?;
    let staff = page(&cast.mo, json!({"page": "staff"}))?;
    let ash = list(&staff, "/staff").iter().find(|row| row["name"] == "Ash").map(|row| text(row, "/person"));
    run(&cast.mo, json!({"do": "add_mentor", "case": case, "mentor": ash.unwrap_or_default()}))?;
    let note = make(
        &cast.mo,
        json!({"do": "begin_note", "case": case, "contact": "one_to_one", "planned": true,
            "body": format!("We met at {}.", invented.place())}),
    )?;
    let goal = make(
        &cast.mo,
        json!({"do": "set_goal", "case": case, "words": invented.hope(), "review_on": "2026-03-31"}),
    )?;
    for device in [&cast.mo, &cast.ash, &cast.supervisor] {
        device.exchange(|_| ())?;
    }
    let seen = [&cast.ash, &cast.supervisor]
        .into_iter()
        .all(|device| page(device, json!({"page": "case", "case": case})).is_ok());
    story.claim(&format!("{name}'s case is on Mo's phone, on Ash's and on Sam's desk"), seen);
    let hidden = page(&cast.administrator, json!({"page": "case", "case": case})).is_err();
    story.claim("the administrator, who enrols devices, cannot read it", hidden);
    Ok(SharedCase { case, note, goal, worry: invented.worry() })
}

/// Both phones write for a day while the endpoint is gone.
pub(super) fn without_signal(
    story: &mut Story,
    cast: &mut Cast,
    invented: &mut Invented,
    shared: &SharedCase,
) -> Result<(), Failure> {
    story.chapter("The signal goes");
    cast.endpoint.vanish()?;
    let SharedCase { case, note, goal, worry } = shared;
    let body = text(&page(&cast.mo, json!({"page": "note", "note": note}))?, "/body").to_owned();
    let mo_writes = format!("{body} He was quieter than last week.");
    let ash_writes = format!("On Monday: {body}");
    for words in [format!("{body} He was qui"), mo_writes.clone()] {
        save(&cast.mo, note, &words)?;
    }
    save(&cast.ash, note, &ash_writes)?;
    run(
        &cast.mo,
        json!({"do": "describe_note", "note": note, "place": "cafe", "minutes": 50, "add_tags": ["school"]}),
    )?;
    run(&cast.ash, json!({"do": "describe_note", "note": note, "place": "car", "add_tags": ["family"]}))?;
    run(&cast.mo, json!({"do": "set_risk", "case": case, "level": "low"}))?;
    run(&cast.ash, json!({"do": "set_risk", "case": case, "level": "high"}))?;
    run(&cast.ash, json!({"do": "add_step", "goal": goal, "words": "Ring the school together"}))?;
    run(&cast.mo, json!({"do": "record_progress", "goal": goal, "words": invented.hope()}))?;
    let answers = json!([3, 4, 3, 2, null, 3, 4]);
    make(
        &cast.mo,
        json!({"do": "record_check_in", "case": case, "scale": "swemwbs", "answers": answers,
        "company": ["mentor"], "manner": "alone"}),
    )?;
    make(
        &cast.mo,
        json!({"do": "record_check_in", "case": case, "scale": "ons4", "answers": [6, 7, 5],
        "company": [], "manner": "read_aloud"}),
    )?;
    let concern = json!({"do": "raise_concern", "case": case, "about": "threat", "words": worry});
    make(&cast.mo, concern)?;
    story.say(
        "Mo and Ash type into the same draft, tag it, place it in two places and rate the risk in two ways.",
    );
    let check_ins = page(&cast.mo, json!({"page": "check_ins", "case": case, "scale": "swemwbs"}))?;
    story.claim(
        "a check-in with a skipped question has no total, and certainly not zero",
        list(&check_ins, "/rows").iter().all(|row| row["raw"].is_null() && row["answered"] == 6),
    );
    let today = page(&cast.mo, json!({"page": "today"}))?;
    let concern = today.pointer("/concerns/0").unwrap_or(&Value::Null);
    story.claim(
        "the concern says that it is not delivered, and whom to call",
        concern["delivered_at_ms"].is_null() && text(concern, "/call").contains("Duty line"),
    );
    let refused = cast.mo.exchange(|_| ());
    let said = refused.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let unsent = page(&cast.mo, json!({"page": "exchange"}))?;
    story.claim(
        &format!(
            "an exchange says \"{said}\"; {} edits wait, {} of them urgent",
            unsent["unsent"], unsent["unsent_urgent"]
        ),
        refused == Err(Problem::EndpointUnreachable) && unsent["unsent_urgent"].as_u64() > Some(0),
    );
    Ok(())
}

/// The signal returns; both phones and the desk exchange.
pub(super) fn signal_comes_back(
    story: &mut Story,
    cast: &mut Cast,
    shared: &SharedCase,
) -> Result<(), Failure> {
    story.chapter("The signal comes back");
    cast.endpoint.come_back()?;
    exchange(story, "Mo's phone", &cast.mo)?;
    let concern = page(&cast.mo, json!({"page": "today"}))?;
    story.claim(
        "the concern went alone and first, and the endpoint's signed receipt says when it arrived",
        concern.pointer("/concerns/0/received_at_ms").is_some_and(Value::is_i64),
    );
    story.claim(
        "it counts as delivered because Sam can open it, and nobody is said to have read it",
        concern.pointer("/concerns/0/delivered_at_ms").is_some_and(Value::is_i64)
            && list(&concern, "/concerns/0/delivered_to").iter().any(|row| row["name"] == "Sam")
            && list(&concern, "/concerns/0/seen").is_empty(),
    );
    exchange(story, "Sam's desk", &cast.supervisor)?;
    let today = page(&cast.supervisor, json!({"page": "today"}))?;
    story.claim(
        "it is the first thing that Sam sees",
        text(&today, "/concerns/0/words") == shared.worry && text(&today, "/concerns/0/made/by") == "Mo",
    );
    page(&cast.supervisor, json!({"page": "concern", "concern": today["concerns"][0]["concern"]}))?;
    exchange(story, "Sam's desk, with the concern read", &cast.supervisor)?;
    exchange(story, "Ash's phone", &cast.ash)?;
    exchange(story, "Mo's phone again", &cast.mo)?;
    let seen = page(&cast.mo, json!({"page": "concerns"}))?;
    story.claim(
        "Mo's phone says that Sam has read it",
        list(&seen, "/open/0/seen").iter().any(|row| row["name"] == "Sam"),
    );
    exchange(story, "Sam's desk again", &cast.supervisor)
}

/// What everybody has in the end.
pub(super) fn everybody_is_level(story: &mut Story, cast: &Cast, shared: &SharedCase) -> Result<(), Failure> {
    story.chapter("Everybody ends with the same, and nothing was lost");
    let SharedCase { case, note, goal, .. } = shared;
    let level = digest(&cast.mo, cast)? == digest(&cast.ash, cast)?
        && digest(&cast.mo, cast)? == digest(&cast.supervisor, cast)?;
    story.claim("both phones and the desk hold the same edits, to the last byte", level);
    let shown = page(&cast.ash, json!({"page": "note", "note": note}))?;
    let body = text(&shown, "/body");
    story.say(&format!("  the draft now reads: {body}"));
    story.claim(
        "no typed word is missing",
        body.contains("On Monday:") && body.contains("He was quieter than last week."),
    );
    story.claim("both tags are there", shown["tags"] == json!(["family", "school"]));
    let places: Vec<&str> = list(&shown, "/also_recorded")
        .iter()
        .filter(|row| row["field"] == "place")
        .map(|row| text(row, "/value"))
        .collect();
    story.claim(
        "one place is shown and the other stays readable",
        places.len() == 2 && places.contains(&"cafe") && places.contains(&"car"),
    );
    let before = page(&cast.supervisor, json!({"page": "case", "case": case}))?;
    story.claim("of two levels of risk the more cautious is shown", text(&before, "/summary/risk") == "high");
    let low =
        list(&before, "/also_recorded").iter().find(|row| row["field"] == "risk" && row["value"] == "low");
    let low = low.ok_or_else(|| Failure::Scenery("the other level of risk is gone".to_owned()))?;
    run(
        &cast.supervisor,
        json!({"do": "decide", "record": low["record"], "field": "risk", "value_id": low["value_id"]}),
    )?;
    for device in [&cast.supervisor, &cast.mo, &cast.ash] {
        device.exchange(|_| ())?;
    }
    let after = page(&cast.mo, json!({"page": "case", "case": case}))?;
    story.claim("Sam decides, and Mo's phone follows", text(&after, "/summary/risk") == "low");
    let shown = page(&cast.mo, json!({"page": "note", "note": note}))?;
    let (revision, body) = (&shown["revision"], &shown["body"]);
    run(&cast.mo, json!({"do": "sign_note", "note": note, "revision": revision, "body": body}))?;
    let changed = save(&cast.mo, note, "something else");
    story.claim("a signed note cannot be changed", changed.is_err());
    run(&cast.mo, json!({"do": "add_addendum", "note": note, "words": "School rang back on Tuesday."}))?;
    for device in [&cast.mo, &cast.ash, &cast.supervisor] {
        device.exchange(|_| ())?;
    }
    let goal = page(&cast.supervisor, json!({"page": "goal", "goal": goal}))?;
    story.claim(
        "the goal has Ash's step and Mo's progress",
        list(&goal, "/steps").len() == 1
            && list(&goal, "/history").iter().any(|row| row["what"] == "progress"),
    );
    let since = Instant::now();
    let found = page(&cast.supervisor, json!({"page": "search", "words": "quiet monday"}))?;
    story.claim(
        &format!("Sam finds the note by two half-remembered words, in {:.1} ms", ms(since)),
        list(&found, "/found").iter().any(|row| row["note"] == json!(note)),
    );
    let addendum = page(&cast.ash, json!({"page": "search", "words": "tuesday rang"}))?;
    story.claim("and Ash finds the addendum", list(&addendum, "/found").len() == 1);
    Ok(())
}

/// The case's edits as a device has them. Other cases of Mo's are not on every device.
fn digest(device: &Fieldfare, cast: &Cast) -> Result<Vec<String>, Failure> {
    let shared = cast.ash.digests()?;
    let mine = device.digests()?;
    let common = mine.iter().filter(|(vault, _)| shared.iter().any(|(other, _)| other == vault));
    Ok(common.map(|(vault, hash)| format!("{vault} {hash}")).collect())
}

fn exchange(story: &mut Story, who: &str, device: &Fieldfare) -> Result<(), Failure> {
    let since = Instant::now();
    let done = device.exchange(|_| ())?;
    story.say(&format!(
        "{who}: {} edits sent, {} received, {} bytes up, {} bytes down, {}, {:.0} ms.",
        done.sent,
        done.received,
        done.bytes_up,
        done.bytes_down,
        if done.round_trips == 1 {
            "1 round trip".to_owned()
        } else {
            format!("{} round trips", done.round_trips)
        },
        ms(since)
    ));
    Ok(())
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Opens a note, types over what it says, and saves.
fn save(device: &Fieldfare, note: &str, body: &str) -> Result<(), Failure> {
    let revision = page(device, json!({"page": "note", "note": note}))?["revision"].clone();
    run(device, json!({"do": "save_draft", "note": note, "revision": revision, "body": body}))?;
    Ok(())
}
