//! What a shell or an administrator hands over: commands and pages as JSON, scale packs, tables of services.
//!
//! Anything may be refused; a refusal says why and nothing else happens.

use fieldfare_core::contract::{Ask, Command};
use fieldfare_core::domain::directory::import;
use fieldfare_core::domain::measure::scale::scale;
use fieldfare_core::domain::scale_pack;
use serde_json::json;

use crate::Target;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "contract", bytes_max: 8 * 1024, runs: 4_000, seeds: commands, read: command },
        Target { name: "pack", bytes_max: 24 * 1024, runs: 4_000, seeds: packs, read: pack },
        Target { name: "table", bytes_max: 32 * 1024, runs: 2_000, seeds: tables, read: table },
    ]
}

fn command(bytes: &[u8]) {
    if let Ok(command) = serde_json::from_slice::<Command>(bytes) {
        assert!(!format!("{command:?}").is_empty());
    }
    let _ = serde_json::from_slice::<Ask>(bytes);
}

fn commands() -> Vec<Vec<u8>> {
    let case = "0123456789abcdef0123456789abcdef";
    [
        json!({"do": "open_case", "name": "Kit", "cohort": "prevent", "born_on": "2012-05-01", "risk": "medium"}),
        json!({"do": "begin_note", "case": case, "body": "we walked", "place": "cafe", "minutes": 40}),
        json!({"do": "raise_concern", "case": case, "about": "other", "words": "a bruise"}),
        json!({"do": "record_check_in", "case": case, "scale": "ons4", "company": ["mentor"],
            "manner": "alone", "answers": [7, null, 3, 2]}),
        json!({"page": "timeline", "case": case, "before_ms": 1, "limit": 50}),
        json!({"page": "services", "age": 14, "district": "leeds"}),
    ]
    .iter()
    .map(|line| line.to_string().into_bytes())
    .collect()
}

fn pack(bytes: &[u8]) {
    let Ok(json) = std::str::from_utf8(bytes) else { return };
    for id in ["ons4", "swemwbs"] {
        let Some(scale) = scale(id) else { continue };
        if let Some(pack) = scale_pack::usable(json, scale) {
            // Its digest is taken of this text: every item has to be in it.
            let canonical = pack.canonical();
            assert!(pack.items.iter().all(|item| canonical.contains(item.as_str())));
        }
    }
}

fn packs() -> Vec<Vec<u8>> {
    let items: Vec<_> = (1..=7).map(|number| format!("invented statement {number}")).collect();
    let options: Vec<_> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("option {answer}")})).collect();
    let pack = json!({"scale": "swemwbs", "language": "en-GB", "items": items, "options": options,
        "notice": "none", "licence_reference": "T-1", "licensee": "Harbour", "licensed_on": "2026-01-05"});
    vec![pack.to_string().into_bytes(), b"{}".to_vec()]
}

fn table(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let today = "2026-11-22".parse().expect("a day");
    if let Ok(import) = import::read(text, today) {
        assert!(import.refused.len() <= text.len() + 1);
    }
}

fn tables() -> Vec<Vec<u8>> {
    [
        "Name,Offers,Ages,Area,Phone,Website,Checked\nHarbour,\"mentoring, sport\",11-17,Leeds,0113,,2026-01-05\n",
        "name;offers;ages;areas;checked\nBoat House;drop in;up to 25;all West Yorkshire;05/01/2026\n",
        "\u{feff}Service,What\r\n\"A \"\"quoted\"\" name\",x\r\n\r\n,,\r\n",
    ]
    .iter()
    .map(|table| table.as_bytes().to_vec())
    .collect()
}
