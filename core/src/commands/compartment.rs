//! Writing into one compartment of a case, and saying who supervises whom.
//!
//! A compartment that nobody has written into has no vault yet: the first record founds it, for exactly those who ought to
//! read it.

use std::collections::BTreeSet;

use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::membership::{Organisation, VaultKind};

use super::Outcome;
use super::case::problem;
use super::work::{Place, Work, refused};
use crate::contract::{CaseId, Compartment, PersonId, Problem, RecordId, StaffRole, Thing};
use crate::domain::compartment::{self, Around, Holders};
use crate::domain::person;
use crate::domain::value::Value;
use crate::store::{StoredVault, devices};
use crate::vault::members;

/// The vault of a compartment of a case, founded if there is none that the person at this device reads.
pub(super) fn vault_of(
    work: &Work<'_>,
    case: CaseId,
    which: Compartment,
    with: Option<PersonId>,
) -> Result<StoredVault, Problem> {
    if with.is_some() && which != Compartment::Supervision {
        return Err(refused("only a supervision is held with somebody"));
    }
    let file = work.vault_of_case(case)?;
    if which == Compartment::File {
        return Ok(file);
    }
    let read = work.write.read();
    let organisation = read.organisation()?;
    let around = read.around(case, &organisation)?;
    let me = PersonId(work.me.person.0);
    let holders = holders(work, &around, which, with)?;
    if !around.readers(which, holders).contains(&me) {
        return Err(refused("only whoever reads a compartment writes into it"));
    }
    for part in read.parts_of(case)?.into_iter().filter(|part| (part.which, part.holders) == (which, holders))
    {
        if read.case_file(part.vault_no, &organisation)?.is_member(work.me.device, &organisation) {
            return work.vault(part.vault_no);
        }
    }
    let readers = around.readers(which, holders);
    let vault = found(work, &organisation, &readers)?;
    let at = Place { vault: &vault, kind: &compartment::KIND, record: RecordId(vault.id.0) };
    work.put(&at, &compartment::CASE, Value::Id(case.0))?;
    work.put(&at, &compartment::WHICH, which.name().into())?;
    work.put_if(&at, &compartment::OF, holders.of.map(|of| Value::Id(of.0)))?;
    work.put_if(&at, &compartment::WITH, holders.with.map(|with| Value::Id(with.0)))?;
    Ok(vault)
}

fn found(
    work: &Work<'_>,
    organisation: &Organisation,
    readers: &BTreeSet<PersonId>,
) -> Result<StoredVault, Problem> {
    let (id, readers) = (VaultId(work.random()?), devices(organisation, readers));
    let (signed, key) = members::found_case_file(id, &work.signer(), &readers, organisation, work.entropy)
        .map_err(problem)?;
    let no = work.write.add_vault(id, VaultKind::CaseFile)?;
    work.write.keep_record_of_log(no, 0, signed.bytes(), false)?;
    work.write.keep_epoch_key(no, 1, key.expose())?;
    Ok(StoredVault { no, id, kind: VaultKind::CaseFile })
}

/// Who holds what the person at this device is about to write.
fn holders(
    work: &Work<'_>,
    around: &Around,
    which: Compartment,
    with: Option<PersonId>,
) -> Result<Holders, Problem> {
    let me = PersonId(work.me.person.0);
    match which {
        Compartment::File => Ok(Holders::default()),
        Compartment::Intelligence => {
            let why = "intelligence is written by the safeguarding lead and the mentors' supervisors; raise a concern";
            work.only(&[StaffRole::Supervisor, StaffRole::Safeguarding], why)?;
            Ok(Holders::default())
        }
        Compartment::Reflection if around.mentors.contains(&me) => Ok(Holders { of: Some(me), with: None }),
        Compartment::Reflection => Err(refused("only whoever works on a case reflects on it")),
        Compartment::Supervision if around.mentors.contains(&me) => {
            let supervisors: BTreeSet<PersonId> = around.supervisors.union(&around.leads).copied().collect();
            let mine = around.supervisors_of(me);
            let with = one_of(with, &supervisors, &mine, "say which supervisor it is held with")?;
            Ok(Holders { of: Some(me), with: Some(with) })
        }
        Compartment::Supervision => {
            let why = "a supervision is held by a mentor on the case and somebody who supervises";
            work.only(&[StaffRole::Supervisor, StaffRole::Safeguarding], why)?;
            let of = one_of(with, &around.mentors, &around.mentors, "say which mentor it is held with")?;
            Ok(Holders { of: Some(of), with: Some(me) })
        }
    }
}

/// Whoever was said, if they can be meant, else the only one who can.
fn one_of(
    said: Option<PersonId>,
    can_be: &BTreeSet<PersonId>,
    likely: &BTreeSet<PersonId>,
    why: &str,
) -> Result<PersonId, Problem> {
    let only = if likely.len() == 1 { likely.first().copied() } else { None };
    said.or(only).filter(|person| can_be.contains(person)).ok_or_else(|| refused(why))
}

pub(super) fn name_supervisor(
    work: &Work<'_>,
    person: PersonId,
    supervisor: PersonId,
) -> Result<Outcome, Problem> {
    let read = work.write.read();
    let role = |person| Ok::<_, Problem>(read.person_role(person)?.map(|(role, _)| role));
    if role(person)?.is_none() {
        return Err(Problem::NoSuch { thing: Thing::Person });
    }
    if person == supervisor || role(supervisor)? != Some(StaffRole::Supervisor) {
        return Err(refused("only a supervisor supervises, and nobody themselves"));
    }
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &person::KIND, record: RecordId(person.0) };
    work.put(&at, &person::SUPERVISOR, Value::Id(supervisor.0))?;
    Ok(Outcome::default())
}
