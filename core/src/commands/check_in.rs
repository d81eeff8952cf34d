//! Wellbeing check-ins and the packs that licensed scales need.
//!
//! Answers are kept as they were given; a scale whose wording is licensed is refused until a pack is here.

use fieldfare_protocol::hash::Hash;

use super::Outcome;
use super::work::{Place, Work, day, refused};
use crate::contract::{CaseId, Company, Manner, Problem, ScalePack, Thing};
use crate::domain::check_in::{ANSWERS, CASE, COMPANY, KIND, MANNER, PACK_DIGEST, SCALE, TAKEN_ON};
use crate::domain::day::age_on;
use crate::domain::measure::ons4;
use crate::domain::measure::scale::{AnswerRefusal, Scale, ScaleId, Wording, scale as known_scale};
use crate::domain::scale_pack;
use crate::domain::value::Value;

#[allow(clippy::too_many_arguments, reason = "the fields of the command")]
pub(super) fn record(
    work: &Work<'_>,
    case: CaseId,
    scale: &str,
    answers: &[Option<u8>],
    company: &[Company],
    manner: Manner,
    taken_on: Option<String>,
) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let scale = known_scale(scale).ok_or(Problem::NoSuch { thing: Thing::Scale })?;
    let taken_on = taken_on.map_or(Ok(work.today()), |text| day("taken_on", &text))?;
    let digest = match scale.wording {
        Wording::Ships => String::new(),
        Wording::ArrivesInPack => {
            let stored = work.write.read().pack_of(scale.id.as_str())?;
            stored.ok_or(Problem::ScaleWithoutPack)?.digest
        }
    };
    let answers = checked(work, case, scale, answers, taken_on)?;
    let at = Place { vault: &vault, kind: &KIND, record: work.new_id(&vault)? };
    work.put(&at, &CASE, Value::Id(case.0))?;
    work.put(&at, &SCALE, scale.id.as_str().into())?;
    work.put(&at, &PACK_DIGEST, digest.into())?;
    let values =
        answers.iter().map(|answer| answer.map_or(Value::Nothing, |given| Value::Whole(given.into())));
    work.put(&at, &ANSWERS, Value::List(values.collect()))?;
    work.put(&at, &TAKEN_ON, Value::Day(taken_on))?;
    work.put(&at, &MANNER, manner.name().into())?;
    for who in company {
        work.add(&at, &COMPANY, who.name().into())?;
    }
    Ok(Outcome::made(at.record))
}

/// The answers with a place for every item, checked against the scale.
fn checked(
    work: &Work<'_>,
    case: CaseId,
    scale: &Scale,
    answers: &[Option<u8>],
    taken_on: i32,
) -> Result<Vec<Option<u8>>, Problem> {
    let mut answers = answers.to_vec();
    let result = match scale.id {
        ScaleId::Ons4 => {
            let age = age_in_case(work, case, taken_on)?;
            // A child is asked fewer questions and gives fewer answers; the places of the others stay empty.
            if answers.len() == ons4::asked(age).len() {
                answers.resize(usize::from(scale.items), None);
            }
            ons4::replies(&answers, age).map(|_| ())
        }
        ScaleId::Swemwbs => scale.check(&answers),
    };
    result.map_err(problem)?;
    Ok(answers)
}

fn age_in_case(work: &Work<'_>, case: CaseId, day: i32) -> Result<Option<u8>, Problem> {
    let read = work.write.read();
    let Some(who) = read.case(case, 0)?.and_then(|case| case.young_person) else {
        return Ok(None);
    };
    let born_on = read.young_person(who)?.and_then(|person| person.born_on);
    Ok(born_on.and_then(|born| age_on(born, day)).and_then(|age| u8::try_from(age).ok()))
}

fn problem(refusal: AnswerRefusal) -> Problem {
    match refusal {
        AnswerRefusal::WrongCount { given, wanted, .. } => Problem::WrongNumberOfAnswers {
            expected: u32::from(wanted),
            given: u32::try_from(given).unwrap_or(u32::MAX),
        },
        AnswerRefusal::OutOfRange { item, least, most, .. } => Problem::AnswerOutsideScale {
            item: u32::try_from(item).unwrap_or(u32::MAX),
            least: u32::from(least),
            most: u32::from(most),
        },
        AnswerRefusal::NotAsked { .. } => refused("one of these questions is not asked at this age"),
    }
}

pub(super) fn add_pack(work: &Work<'_>, input: &ScalePack) -> Result<Outcome, Problem> {
    input.check().map_err(|refusal| Problem::ScalePackNotAccepted { why: refusal.to_string() })?;
    let digest = Hash::of(&[b"fieldfare/scale-pack/1", input.canonical().as_bytes()]).to_string();
    let json = serde_json::to_string(input).map_err(|_| Problem::Unexpected { place: "pack".to_owned() })?;
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &scale_pack::KIND, record: work.new_id(&vault)? };
    work.put(&at, &scale_pack::SCALE, input.scale.as_str().into())?;
    work.put(&at, &scale_pack::PACK, json.into())?;
    work.put(&at, &scale_pack::DIGEST, digest.into())?;
    Ok(Outcome::made(at.record))
}
