//! Opening a case, moving it between cohorts, recording its risk, sharing it with a colleague.
//!
//! A case brings its own vault: who can read it is settled the moment it is opened.

use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::membership::VaultKind;

use super::Outcome;
use super::work::{Place, Work, day, day_value, refused, said};
use crate::contract::{CaseId, Cohort, PersonId, Problem, RiskLevel, StaffRole, Thing};
use crate::domain::value::Value;
use crate::domain::{case, young_person};
use crate::store::{StoredVault, readers_of_file};
use crate::vault::members::{self, MembersProblem};

#[allow(clippy::too_many_arguments, reason = "the fields of the command")]
pub(super) fn open(
    work: &Work<'_>,
    name: &str,
    born_on: Option<String>,
    cohort: Cohort,
    opened_on: Option<String>,
    area: Option<String>,
    risk: Option<RiskLevel>,
) -> Result<Outcome, Problem> {
    let name = said("name", name)?;
    let opened_on = opened_on.map_or(Ok(work.today()), |text| day("opened_on", &text))?;
    let born_on = day_value("born_on", born_on)?;
    if matches!(born_on, Some(Value::Day(born)) if born > work.today()) {
        return Err(Problem::BadDate { field: "born_on".to_owned() });
    }
    let vault = found_vault(work)?;
    let person = Place { vault: &vault, kind: &young_person::KIND, record: work.new_id(&vault)? };
    work.put(&person, &young_person::NAME, name.into())?;
    work.put_if(&person, &young_person::BORN_ON, born_on)?;
    let at = Place { vault: &vault, kind: &case::KIND, record: work.new_id(&vault)? };
    work.put(&at, &case::YOUNG_PERSON, Value::Id(person.record.0))?;
    work.put(&at, &case::COHORT, cohort.name().into())?;
    work.put(&at, &case::OPENED_ON, Value::Day(opened_on))?;
    work.put_if(&at, &case::AREA, area)?;
    work.put_if(&at, &case::RISK, risk.map(RiskLevel::name))?;
    work.add(&at, &case::MENTORS, Value::Id(work.me.person.0))?;
    Ok(Outcome::made(at.record))
}

/// A vault of its own for a new case, readable by our devices, every supervisor and the safeguarding lead.
fn found_vault(work: &Work<'_>) -> Result<StoredVault, Problem> {
    let organisation = work.write.read().organisation()?;
    let id = VaultId(work.random()?);
    let readers = readers_of_file(&organisation, &[PersonId(work.me.person.0)]);
    let (signed, key) = members::found_case_file(id, &work.signer(), &readers, &organisation, work.entropy)
        .map_err(problem)?;
    let no = work.write.add_vault(id, VaultKind::CaseFile)?;
    work.write.keep_record_of_log(no, 0, signed.bytes(), false)?;
    work.write.keep_epoch_key(no, 1, key.expose())?;
    Ok(StoredVault { no, id, kind: VaultKind::CaseFile })
}

pub(super) fn set_cohort(work: &Work<'_>, case: CaseId, cohort: Cohort) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &case::KIND, record: case.into() };
    work.put(&at, &case::COHORT, cohort.name().into())?;
    Ok(Outcome::default())
}

pub(super) fn set_risk(work: &Work<'_>, case: CaseId, level: RiskLevel) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &case::KIND, record: case.into() };
    work.put(&at, &case::RISK, level.name().into())?;
    Ok(Outcome::default())
}

pub(super) fn set_legal_hold(work: &Work<'_>, case: CaseId, held: bool) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &case::KIND, record: case.into() };
    work.put(&at, &case::LEGAL_HOLD, if held { case::HELD } else { case::LIFTED }.into())?;
    Ok(Outcome::default())
}

pub(super) fn add_mentor(work: &Work<'_>, case: CaseId, mentor: PersonId) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    match work.write.read().person_role(mentor)? {
        None => return Err(Problem::NoSuch { thing: Thing::Person }),
        Some((StaffRole::Mentor | StaffRole::Supervisor, _)) => {}
        Some(_) => return Err(refused("only mentors and supervisors work on a case")),
    }
    let at = Place { vault: &vault, kind: &case::KIND, record: case.into() };
    work.add(&at, &case::MENTORS, Value::Id(mentor.0))?;
    let read = work.write.read();
    let organisation = read.organisation()?;
    let file = read.case_file(vault.no, &organisation)?;
    let (_, key) = read.newest_key(vault.no)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
    let mut missing = readers_of_file(&organisation, &[mentor]);
    let mut theirs = organisation.present().filter(|card| card.person.0 == mentor.0);
    if theirs.all(|card| !file.may_be_let_in(card.device)) {
        let why = "their devices were removed from this case; have them invited with one more device first";
        return Err(refused(why));
    }
    missing.retain(|reader| !file.members.contains(reader) && file.may_be_let_in(*reader));
    if !missing.is_empty() {
        let as_of = read.records_kept(work.me.organisation)?;
        let signed =
            members::admit(&file, as_of, &key, &work.signer(), &missing, &organisation, work.entropy)
                .map_err(problem)?
                .ok_or_else(|| refused("no device of this colleague can be given a key"))?;
        work.write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
    }
    Ok(Outcome::default())
}

pub(super) fn transfer(
    work: &Work<'_>,
    case: CaseId,
    from: PersonId,
    to: PersonId,
) -> Result<Outcome, Problem> {
    if from == to {
        return Err(refused("a case is handed on to somebody else"));
    }
    if !work.write.read().mentors_of(case)?.contains(&from) {
        return Err(refused("only whoever works on a case hands it on"));
    }
    add_mentor(work, case, to)?;
    // Their devices leave the file with the next exchange of a supervisor or the safeguarding lead, who alone may decide that.
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &case::KIND, record: case.into() };
    work.remove(&at, &case::MENTORS, Value::Id(from.0))?;
    Ok(Outcome::default())
}

pub(super) fn problem(problem: MembersProblem) -> Problem {
    match problem {
        MembersProblem::TooLarge => refused("a case has at most as many readers as one record holds"),
        _ => Problem::Unexpected { place: "members".to_owned() },
    }
}
