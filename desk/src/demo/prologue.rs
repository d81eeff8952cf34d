//! How it begins: a service is founded, its people join, and the directory of local services comes in.
//!
//! The directory is the published one of December 2020, untidy as it is: an example, never advice.

use std::time::Instant;

use fieldfare_core::app::{Fieldfare, Founding, recovery_files};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::vault::{Holders, LockRules};
use serde_json::json;

use super::cast::{Cast, home};
use super::parts::{EndpointProcess, list, make, page, run, text};
use super::story::{Failure, Story};
use crate::home::ports;

/// A PIN that nobody outside this story uses.
pub(super) const PIN: &str = "837261";

/// Directory of services published by Kent's violence reduction unit, as of 4 December 2020, without anybody's address.
const SERVICES: &str = include_str!("../../data/services.csv");

/// Starts the endpoint, founds the service, invites and joins everybody.
pub(super) fn found_and_join(story: &mut Story) -> Result<Cast, Failure> {
    story.chapter("A service is founded");
    let folder = tempfile::tempdir()?;
    let endpoint = EndpointProcess::start(&home(folder.path(), "endpoint"))?;
    story.say(&format!("An endpoint process listens on {}; it holds no key.", endpoint.url));
    let since = Instant::now();
    let recovery_file = home(folder.path(), "recovery.txt");
    let founding = Founding {
        organisation: "Estuary Mentoring",
        base_url: &endpoint.url,
        recovery_file: &recovery_file,
        holders: Holders::TwoOfThree,
    };
    let desk = home(folder.path(), "administrator");
    let administrator = Fieldfare::found(&desk, ports(&desk)?, PIN, LockRules::default(), &founding)?;
    story.say(&format!(
        "Estuary Mentoring is founded in {} ms, most of it spent stretching the PIN; the recovery key went to three files.",
        since.elapsed().as_millis()
    ));
    let shares = recovery_files(&recovery_file, Holders::TwoOfThree);
    story.claim(
        "the recovery key was split for three people, any two of whom have it",
        shares.iter().all(|share| share.is_file()),
    );
    let mut join = |name: &str, role: StaffRole| -> Result<Fieldfare, Failure> {
        let invitation = administrator.invite(name, role)?;
        let place = home(folder.path(), name);
        let device = Fieldfare::join(&place, ports(&place)?, PIN, LockRules::default(), &invitation)?;
        device.exchange(|_| ())?;
        let again = home(folder.path(), "somebody else");
        let second = Fieldfare::join(&again, ports(&again)?, PIN, LockRules::default(), &invitation);
        story.claim(&format!("{name} joined, and the same invitation does not work twice"), second.is_err());
        Ok(device)
    };
    let mo = join("Mo", StaffRole::Mentor)?;
    let ash = join("Ash", StaffRole::Mentor)?;
    let supervisor = join("Sam", StaffRole::Supervisor)?;
    run(
        &administrator,
        json!({"do": "set_crisis_card", "words": "Duty line of the safeguarding lead; in danger, 999."}),
    )?;
    for device in [&administrator, &mo, &ash] {
        device.exchange(|_| ())?;
    }
    Ok(Cast { endpoint, administrator, mo, ash, supervisor, folder })
}

/// Imports the directory and shows what became of it on a phone.
pub(super) fn import_services(story: &mut Story, cast: &Cast) -> Result<(), Failure> {
    story.chapter("The directory of local services comes in as it was published");
    let report = run(&cast.administrator, json!({"do": "import_services", "table": SERVICES}))?.import;
    let report = report.ok_or_else(|| Failure::Scenery("the import says nothing".to_owned()))?;
    story.claim(
        &format!("{} of 31 services came in, {} rows were refused", report.added, report.refused.len()),
        report.added == 31 && report.refused.is_empty(),
    );
    for note in report.notes.iter().take(3) {
        story.say(&format!("  row {}: {}", note.row, note.why));
    }
    let again = run(&cast.administrator, json!({"do": "import_services", "table": SERVICES}))?.import;
    story.claim(
        "importing the same table again changes nothing",
        again.is_some_and(|report| report.unchanged == 31 && report.added == 0 && report.updated == 0),
    );
    let bad_row = "name,offers,ages_as_published,areas_as_published,contact_as_published,checked_on\n\
        Backwards Club,Chess,18-9,Dover,desk,2020-12-04\nForwards Club,Chess,9-18,Dover,desk,2020-12-04\n";
    let mixed = run(&cast.administrator, json!({"do": "import_services", "table": bad_row}))?.import;
    let named = mixed.as_ref().is_some_and(|report| {
        report.added == 1 && report.refused.iter().any(|row| row.row == 2 && row.name == "Backwards Club")
    });
    story.claim("of a table with a senseless row the others come in, and the row is named", named);
    cast.administrator.exchange(|_| ())?;
    cast.mo.exchange(|_| ())?;
    let found = page(&cast.mo, json!({"page": "services", "age": 15, "district": "thanet"}))?;
    let names: Vec<&str> = list(&found, "/services").iter().map(|row| text(row, "/name")).collect();
    let stale = list(&found, "/services").iter().all(|row| row["stale"] == true);
    story.say(&format!(
        "For a 15-year-old in Thanet, Mo's phone offers {}: {}.",
        names.len(),
        names.join("; ")
    ));
    story.claim(
        "services for Thanet and for the whole county are among them, those for other ages are not",
        names.contains(&"Changing Minds CIC")
            && names.contains(&"Nurture UK")
            && !names.contains(&"Pie Factory"),
    );
    story.claim("each of them says that nobody has checked it for years", !names.is_empty() && stale);
    add_a_scale_pack(story, cast)
}

/// Adds made-up wording for the seven-item scale: the real wording is licensed and does not belong here.
fn add_a_scale_pack(story: &mut Story, cast: &Cast) -> Result<(), Failure> {
    let case = make(&cast.mo, json!({"do": "open_case", "name": "Trial Run", "cohort": "prevent"}))?;
    let form = page(&cast.mo, json!({"page": "check_in_form", "case": case, "scale": "swemwbs"}))?;
    story.claim(
        "a licensed scale cannot be started without its pack, and says why",
        !text(&form, "/start/why_not").is_empty(),
    );
    let items: Vec<String> =
        (1..=7).map(|number| format!("Made-up question {number} of the story")).collect();
    let options: Vec<_> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("answer {answer}")})).collect();
    let mut pack = json!({"scale": "swemwbs", "language": "en-GB", "items": items, "options": options,
        "notice": "", "licence_reference": "STORY-1", "licensee": "Estuary Mentoring", "licensed_on": "2026-01-05"});
    let unnoticed = run(&cast.administrator, json!({"do": "add_scale_pack", "pack": pack})).is_err();
    story.claim("a pack without the owners' notice is refused", unnoticed);
    pack["notice"] = json!("Made-up wording, for this story only.");
    make(&cast.administrator, json!({"do": "add_scale_pack", "pack": pack}))?;
    cast.administrator.exchange(|_| ())?;
    for device in [&cast.mo, &cast.ash, &cast.supervisor] {
        device.exchange(|_| ())?;
    }
    let form = page(&cast.mo, json!({"page": "check_in_form", "case": case, "scale": "swemwbs"}))?;
    story.claim(
        "with a whole pack it can",
        list(&form, "/items").len() == 7 && text(&form, "/start/why_not").is_empty(),
    );
    Ok(())
}
