//! Which pages a change has made stale.
//!
//! Follows from the kind of record alone; what changed in it does not matter.

use std::collections::BTreeSet;

use crate::contract::{Problem, RecordId, Topic};
use crate::domain::{
    attachment, case, check_in, compartment, concern, goal, note, organisation, person, scale_pack, service,
    step, young_person,
};
use crate::store::{Read, Touched};

pub(super) fn of(read: &Read<'_>, touched: &BTreeSet<Touched>) -> Result<Vec<Topic>, Problem> {
    let mut topics = BTreeSet::new();
    for one in touched {
        let record: RecordId = one.record;
        let mut in_case = || -> Result<(), Problem> {
            topics.extend(read.case_of_vault(one.vault_no)?.map(Topic::Case));
            topics.insert(Topic::Today);
            topics.insert(Topic::Caseload);
            Ok(())
        };
        match one.kind {
            kind if kind == note::KIND.name => {
                in_case()?;
                topics.insert(Topic::Note(record.into()));
            }
            kind if kind == attachment::KIND.name => {
                let attachment = read.attachment(record.into())?;
                topics.extend(attachment.and_then(|attachment| attachment.note).map(Topic::Note));
            }
            kind if kind == goal::KIND.name => {
                in_case()?;
                topics.insert(Topic::Goal(record.into()));
            }
            kind if kind == step::KIND.name => {
                in_case()?;
                topics.extend(read.step(record.into())?.and_then(|step| step.goal).map(Topic::Goal));
            }
            kind if kind == concern::KIND.name => {
                in_case()?;
                topics.insert(Topic::Concern(record.into()));
            }
            kind if kind == young_person::KIND.name => {
                in_case()?;
                topics.insert(Topic::YoungPerson(record.into()));
            }
            kind if kind == case::KIND.name => {
                in_case()?;
                // Of an erased one the vault says nothing any more.
                topics.insert(Topic::Case(record.into()));
            }
            kind if kind == check_in::KIND.name || kind == compartment::KIND.name => in_case()?,
            kind if kind == service::KIND.name => {
                topics.insert(Topic::Services);
            }
            kind if kind == scale_pack::KIND.name => {
                topics.insert(Topic::Scales);
            }
            kind if kind == person::KIND.name => {
                topics.insert(Topic::Person(record.into()));
            }
            kind if kind == organisation::KIND.name => {
                topics.insert(Topic::Today);
            }
            _ => {}
        }
    }
    Ok(topics.into_iter().collect())
}
