//! A check-in on Mo's phone, answered by the young person: the store is closed behind it.
//!
//! The questions are made up for this story; the answers are the story's own.

use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Handover};
use fieldfare_core::contract::{Ask, Company, HandOver, HandoverPage, HandoverStep, Manner, Problem};
use fieldfare_core::ports::{SystemClock, SystemDisk, SystemEntropy};
use serde_json::json;

use super::cast::Cast;
use super::invented::Invented;
use super::parts::{list, page};
use super::prologue::PIN;
use super::secrecy::search;
use super::story::{Failure, Story};
use crate::home::ports;

/// What is chosen, question by question.
const ANSWERS: [u8; 7] = [3, 4, 2, 4, 3, 5, 4];

/// Mo hands the phone over, and unlocks it again.
pub(super) fn a_check_in(story: &mut Story, cast: Cast, case: &str) -> Result<Cast, Failure> {
    story.chapter("Mo hands the phone over");
    let place = cast.place("Mo");
    let Cast { endpoint, administrator, mo, ash, supervisor, folder } = cast;
    let start = HandOver {
        case: case.parse().map_err(|_| Failure::Scenery("the story has lost its case".to_owned()))?,
        scale: "swemwbs".to_owned(),
        company: vec![Company::Mentor],
        manner: Manner::Alone,
    };
    let handed = mo.hand_over(&start).map_err(|refused| refused.problem)?;
    for sentence in handed.drawn()?.says {
        story.say(&format!("  {}", sentence.words));
    }
    story.claim(
        "every page of Mo's answers that the phone is locked",
        handed.page(&Ask::Today {}) == Err(Problem::Locked)
            && handed.page(&Ask::Caseload {}) == Err(Problem::Locked),
    );
    handed.step(&HandoverStep::Next { at: None })?;
    let (first, rest) = ANSWERS.split_at(4);
    answer(&handed, first)?;
    drop(handed);
    let again = || {
        let entropy = Arc::new(SystemEntropy::default());
        Handover::open(&place, Arc::new(SystemClock), entropy, Arc::new(SystemDisk))
    };
    let handed = again()?;
    let shown = handed.drawn()?;
    story.claim(
        "the app is killed in the middle, and goes on at question 5 of 7 without showing an answer",
        shown.progress.as_ref().is_some_and(|progress| progress.words == "5 of 7"),
    );
    let (bytes, found) = search(&place, &Invented::all_words().collect::<Vec<_>>())?;
    story.claim(
        &format!("nobody is named in the {bytes} bytes that lie in the phone meanwhile"),
        bytes > 0 && found == 0,
    );
    let end = answer(&handed, rest)?.map_or_else(|| handed.drawn(), Ok)?;
    story.say(&format!("  {}", end.says.iter().map(|one| one.words.as_str()).collect::<Vec<_>>().join(" ")));
    for sentence in handed.step(&HandoverStep::Finish { at: None })?.says {
        story.say(&format!("  {}", sentence.words));
    }
    let mo = Fieldfare::unlock(&place, ports(&place)?, PIN)?;
    let check_ins = page(&mo, json!({"page": "check_ins", "case": case, "scale": "swemwbs"}))?;
    let raw: u32 = ANSWERS.iter().map(|answer| u32::from(*answer)).sum();
    story.claim(
        "Mo unlocks, the check-in is there once, and nobody can answer any more",
        list(&check_ins, "/rows").iter().filter(|row| row["raw"] == raw).count() == 1
            && handed.drawn() == Err(Problem::NotHandedOver),
    );
    Ok(Cast { endpoint, administrator, mo, ash, supervisor, folder })
}

/// Answers the questions that are shown; returns the last page.
fn answer(handed: &Handover, answers: &[u8]) -> Result<Option<HandoverPage>, Failure> {
    let mut page = None;
    for answer in answers {
        page = Some(handed.step(&HandoverStep::Answer { answer: *answer, at: None })?);
    }
    Ok(page)
}
