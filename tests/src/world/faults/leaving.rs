//! Phones that are removed and go on writing, and keys that several people change at once.
//!
//! What comes after the cut may be a real concern: it is handed to those who coordinate, and counts nowhere else.

use fieldfare_core::contract::CaseId;
use fieldfare_protocol::id::DeviceId;

use crate::world::network::Weather;
use crate::world::phone::{Did, name_of};
use crate::world::{Held, Violation, World, demand};

/// Who administrates, by their place among the phones.
const ADA: usize = 0;
/// Who stays.
const ROBIN: usize = 1;
/// Who is removed.
const WREN: usize = 2;

/// A phone is removed, and sends what it wrote before, after, and on a clock that was set back.
pub(super) fn removed(world: &mut World) -> Held {
    world.work(15)?;
    world.settle_down()?;
    world.writing.cases_max = world.writing.cases.len();
    let device: DeviceId =
        world.device(WREN)?.parse().map_err(|_| Violation("a device's name".to_owned()))?;
    let before = world.writing.words.len();
    world.raise_concern(WREN, 0)?;
    world.begin_note(WREN, 0)?;
    let mut not_sent: Vec<String> =
        world.writing.words[before..].iter().map(|word| word.word.clone()).collect();
    let did = world.phones[ADA].with(None, |app| app.remove(device));
    world.tell(format!("ada removes wren: {did:?}"));
    demand(did == Did::Done(()), || format!("nobody could be removed: {did:?}"))?;
    world.exchange(ROBIN)?;
    world.begin_note(ROBIN, 0)?;
    world.exchange(ROBIN)?;
    world.phones[WREN].clock.set_ahead(-40 * 24 * 3_600_000);
    let before = world.writing.words.len();
    world.type_words(WREN, 0)?;
    not_sent.extend(world.writing.words[before..].iter().map(|word| word.word.clone()));
    // What was not sent when its author was removed counts nowhere; nobody but its author and coordinators has it.
    world.writing.words.retain(|word| !not_sent.contains(&word.word));
    world.leftovers.problems = vec!["device_removed", "endpoint_unknown_device"];
    let did = world.exchange(WREN)?;
    let is_told = matches!(&did, Did::Refused(problem) if name_of(problem) == "device_removed");
    demand(is_told, || format!("whoever was removed is told {did:?}"))?;
    world.strike("a removed phone sends what it wrote");
    world.leftovers.behind = vec![WREN];
    world.leftovers.set_aside = vec!["quarantine.after_removal"];
    for case in &mut world.writing.cases {
        case.readers.remove(&WREN);
        case.perhaps.insert(WREN);
    }
    world.quiet()?;
    let aside = world.reasons(ADA, "set_aside")?;
    demand(aside.iter().any(|why| why == "quarantine.after_removal"), || {
        format!("what a removed phone sent was handed to nobody: {aside:?}")
    })?;
    // Nothing that is written from now on is opened by whoever was removed.
    let word = world.writing.new_word();
    let case = world.writing.cases[0].id.clone();
    let did = world.run(
        ROBIN,
        serde_json::json!({"do": "raise_concern", "case": case, "about": "threat", "words": word}),
    )?;
    world.wrote(&did, word.clone(), 0, None);
    world.exchange(ROBIN)?;
    world.exchange(WREN)?;
    let page =
        world.phones[WREN].page(&serde_json::json!({"page": "case", "case": case})).unwrap_or_default();
    demand(!page.to_string().contains(&word), || "whoever was removed reads on".to_owned())?;
    world.quiet()
}

/// Several people change the key of one case, none of them hearing of the others in time.
pub(super) fn keys_at_once(world: &mut World) -> Held {
    world.leftovers.problems = vec!["endpoint_trouble"];
    for _ in 0..6 {
        world.weather(Weather { lost: 30, cut_reply: 10, ..Weather::CLEAR });
        world.work(4)?;
        let who = world.chance.below(world.phones.len());
        let case: CaseId = serde_json::from_value(world.writing.cases[0].id.clone().into())
            .map_err(|_| Violation("a case".to_owned()))?;
        world.open(who)?;
        let did = world.phones[who].with(None, |app| app.rotate(case));
        world.strike(format!("{} changes the key: {did:?}", world.phones[who].name));
    }
    world.quiet()
}
