//! Edits of a hostile member, down to the rows, the search index and every page that shows them.
//!
//! A member can sign whatever it likes: nothing of it may stop the store or a page, and it changes nothing but its own.

use std::sync::{Mutex, OnceLock, PoisonError};

use fieldfare_core::contract::{Ask, Problem, RecordId, StaffRole};
use fieldfare_core::domain::edit::{Edit, EditRef};
use fieldfare_core::domain::kind::KINDS;
use fieldfare_core::domain::stamp::Stamp;
use fieldfare_core::domain::value::Value;
use fieldfare_core::pages::{self, View};
use fieldfare_core::store::{Arriving, Endpoint, StoredVault};
use fieldfare_protocol::exchange::Cursors;
use fieldfare_protocol::id::DeviceId;
use serde_json::{Value as Json, json};
use tests::casebook::{Casebook, write_case};
use tests::casework::Casework;

use crate::Target;
use crate::supply::Supply;

const HOSTILE: DeviceId = DeviceId([0x66; 16]);
const NOW_MS: i64 = 1_767_700_000_000;
const EDITS_MAX: u64 = 24;
const PAGES_MAX: usize = 8;

pub(super) fn target() -> Target {
    Target { name: "settled", bytes_max: 4 * 1024, runs: 300, seeds, read: settle }
}

struct Scene {
    book: Casebook,
    /// A record of each kind, where there is one, and names of records that nobody has written yet.
    records: Vec<RecordId>,
}

fn scene() -> &'static Mutex<Scene> {
    static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();
    SCENE.get_or_init(|| {
        let book = Casebook::new();
        let endpoint = Endpoint {
            base_url: "https://fieldfare.example".to_owned(),
            receipt_key: None,
            generation: None,
            cursors: Cursors::default(),
            last_exchange_at_ms: None,
            clock_ahead_ms: None,
        };
        book.store.write(|write| write.set_endpoint(&endpoint)).expect("a page of the exchange needs one");
        let mut made: Vec<RecordId> = Vec::new();
        write_case(&mut Casework::new(5), 14, &mut |command| {
            let id = book.run(command)?;
            made.extend(id.parse::<RecordId>());
            Some(id)
        });
        Mutex::new(Scene { book, records: made })
    })
}

fn settle(input: &[u8]) {
    let scene = scene().lock().unwrap_or_else(PoisonError::into_inner);
    let mut supply = Supply::new(input);
    let first_page = usize::from(supply.byte());
    let store = &scene.book.store;
    let view = View { me: scene.book.me, role: StaffRole::Mentor, now_ms: NOW_MS };
    let done: Result<(), Problem> = store.write(|write| {
        let vaults = write.read().vaults()?;
        let mut records = scene.records.clone();
        records.extend(vaults.iter().map(|vault| RecordId::within(vault.id, [5; 16])));
        let mut seq = 0;
        while !supply.is_empty() && seq < EDITS_MAX {
            seq += 1;
            let vault: &StoredVault = &vaults[supply.below(vaults.len())];
            let edit = edit(&mut supply, &records);
            let kind = KINDS.iter().find(|kind| kind.name == edit.kind);
            let lane = kind.map_or(fieldfare_protocol::lane::Lane::Notes, |kind| kind.lane);
            let chain_no = write.chain_no(vault.no, HOSTILE, lane)?;
            let plausible = write.read().plausible(vault.no, NOW_MS)?;
            let (vault, device, edit) = (*vault, HOSTILE, &edit);
            let arriving = Arriving { vault, chain_no, seq, device, lane, plausible, edit };
            write.settle(&arriving, 7)?;
        }
        // A few pages each time: drawing them all costs more than what is tried.
        for ask in asks(&records).into_iter().cycle().skip(first_page).take(PAGES_MAX) {
            match pages::draw(&write.read(), &view, &ask) {
                Ok(page) => assert!(serde_json::to_string(&page).is_ok()),
                Err(Problem::NoSuch { .. } | Problem::OutOfRange { .. } | Problem::Malformed { .. }) => {}
                Err(problem) => panic!("{ask:?}: {problem:?}"),
            }
        }
        for vault in &vaults {
            let _ = write.read().vault_digest(vault.id)?;
        }
        // Rolled back, so that the next input finds the same store.
        Err(Problem::ExchangeRunning)
    });
    assert!(matches!(done, Err(Problem::ExchangeRunning)), "{done:?}");
}

fn edit(supply: &mut Supply<'_>, records: &[RecordId]) -> Edit {
    let kind = KINDS[supply.below(KINDS.len())];
    let field = kind.fields.get(supply.below(kind.fields.len() + 1));
    let record = records[supply.below(records.len())];
    let replaces = (0..supply.below(3)).map(|_| EditRef { device: HOSTILE, seq: supply.number() }).collect();
    Edit {
        kind: kind.name.to_owned(),
        record,
        field: field.map_or("unheard_of", |field| field.name).to_owned(),
        op_code: supply.byte() % 5,
        stamp: Stamp(supply.number()),
        clock_ahead_ms: supply.number().cast_signed(),
        replaces,
        value: value(supply, records),
    }
}

fn value(supply: &mut Supply<'_>, records: &[RecordId]) -> Vec<u8> {
    let one = |supply: &mut Supply<'_>| match supply.below(8) {
        0 => Value::Nothing,
        1 => Value::Text(String::from_utf8_lossy(supply.bytes(400)).into_owned()),
        2 => Value::Whole(supply.number().cast_signed()),
        3 => Value::Truth(supply.byte() & 1 == 1),
        4 => Value::Instant(supply.number().cast_signed()),
        5 => Value::Day(supply.number() as i32),
        6 => Value::Id(records[supply.below(records.len())].0),
        _ => Value::Text(
            ["low", "high", "ons4", "prevent", "mentor", "2026-01-05"][supply.below(6)].to_owned(),
        ),
    };
    match supply.below(10) {
        0 => supply.bytes(400).to_vec(),
        1 => Value::List((0..supply.below(8)).map(|_| one(supply)).collect()).to_bytes(),
        _ => one(supply).to_bytes(),
    }
}

fn asks(records: &[RecordId]) -> Vec<Ask> {
    let mut asks: Vec<Json> = ["today", "caseload", "scales", "mentor", "staff", "exchange", "services"]
        .iter()
        .map(|page| json!({"page": page}))
        .collect();
    asks.push(json!({"page": "search", "words": "the"}));
    // A record of every kind stands early in the list; asking each page for each of them asks for strange ones too.
    for id in records.iter().take(6).chain(records.iter().rev().take(2)) {
        let id = id.to_string();
        for (page, argument) in [
            ("case", "case"),
            ("young_person", "young_person"),
            ("timeline", "case"),
            ("note", "note"),
            ("goal", "goal"),
        ] {
            asks.push(json!({"page": page, argument: id}));
        }
        asks.push(json!({"page": "check_ins", "case": id, "scale": "ons4"}));
        asks.push(json!({"page": "check_in_form", "case": id, "scale": "ons4"}));
    }
    asks.into_iter().map(|ask| serde_json::from_value(ask).expect("a page of the contract")).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let mut chance = tests::casework::chance::Chance::new(11);
    let bytes = |length: usize| (0..length).map(|_| chance.bits().to_le_bytes()[0] % 0xf8).collect();
    [16, 64, 200, 400, 1_000].into_iter().map(bytes).collect()
}
