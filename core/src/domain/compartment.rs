//! Compartments of a case other than its file: each a vault of its own that says whose it is, and who belongs among its readers.
//!
//! Pure. Who holds a key is the membership log's to say; this says who ought to.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{Compartment, PersonId};

/// The case that it belongs to.
pub const CASE: Field = Field::once("case_id", Shape::Id, Category::Ordinary);
/// Which compartment it is.
pub const WHICH: Field = Field::once("which", Shape::Choice(Compartment::NAMES), Category::Ordinary);
/// Whose reflection or supervision it is.
pub const OF: Field = Field::once("of_person", Shape::Id, Category::Ordinary);
/// Who supervises, of a supervision.
pub const WITH: Field = Field::once("with_person", Shape::Id, Category::Ordinary);

/// What a vault says of itself, in one record that bears the vault's own name. Nothing in it is ever replaced.
pub static KIND: RecordKind = RecordKind {
    name: "compartment",
    home: Home::CaseFile,
    lane: Lane::Progress,
    fields: &[CASE, WHICH, OF, WITH],
};

/// Who holds a reflection or a supervision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Whose it is.
    pub of: Option<PersonId>,
    /// Who supervises, of a supervision.
    pub with: Option<PersonId>,
}

/// The people around a case.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Who works on it.
    pub mentors: BTreeSet<PersonId>,
    /// Who worked on it once and does not any more.
    pub mentors_before: BTreeSet<PersonId>,
    /// Every supervisor of the organisation.
    pub supervisors: BTreeSet<PersonId>,
    /// Every safeguarding lead.
    pub leads: BTreeSet<PersonId>,
    /// Who supervises whom, as far as it was said.
    pub named: BTreeMap<PersonId, PersonId>,
    /// Who once did, and does not any more.
    pub named_before: BTreeSet<(PersonId, PersonId)>,
}

impl Around {
    /// Who supervises somebody: whoever was named, else every supervisor. Somebody who was named and is no supervisor any
    /// more is followed by nobody until another is named, so that nothing opens to more people by itself.
    #[must_use]
    pub fn supervisors_of(&self, person: PersonId) -> BTreeSet<PersonId> {
        match self.named.get(&person) {
            Some(named) => self.supervisors.get(named).copied().into_iter().collect(),
            None => self.supervisors.clone(),
        }
    }

    /// Who ought to read a compartment. A mentor reads their own as long as they work on the case.
    #[must_use]
    pub fn readers(&self, which: Compartment, holders: Holders) -> BTreeSet<PersonId> {
        let own = holders.of.filter(|person| self.mentors.contains(person));
        let coordinates =
            |person: &PersonId| self.supervisors.contains(person) || self.leads.contains(person);
        match which {
            Compartment::File => {
                self.mentors.iter().chain(&self.supervisors).chain(&self.leads).copied().collect()
            }
            Compartment::Reflection => {
                let supervisors = holders.of.map(|person| self.supervisors_of(person));
                supervisors.unwrap_or_default().into_iter().chain(own).collect()
            }
            Compartment::Supervision => own.into_iter().chain(holders.with.filter(coordinates)).collect(),
            Compartment::Intelligence => {
                let supervisors = self.mentors.iter().flat_map(|mentor| self.supervisors_of(*mentor));
                supervisors.chain(self.leads.iter().copied()).collect()
            }
        }
    }

    /// Who ought to have read it once and does not any more. Somebody of whom this device has not heard yet why they read
    /// is not among them.
    #[must_use]
    pub fn readers_before(&self, which: Compartment, holders: Holders) -> BTreeSet<PersonId> {
        let supervised = |of: PersonId| {
            self.named_before
                .iter()
                .filter(move |(person, _)| *person == of)
                .map(|(_, supervisor)| *supervisor)
        };
        let own = holders.of.filter(|person| self.mentors_before.contains(person));
        let before: BTreeSet<PersonId> = match which {
            Compartment::File => self.mentors_before.clone(),
            Compartment::Reflection => {
                own.into_iter().chain(holders.of.into_iter().flat_map(supervised)).collect()
            }
            Compartment::Supervision => own.into_iter().collect(),
            Compartment::Intelligence => {
                let mentors = self.mentors.iter().chain(&self.mentors_before);
                mentors.flat_map(|mentor| supervised(*mentor)).collect()
            }
        };
        before.difference(&self.readers(which, holders)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn person(number: u8) -> PersonId {
        PersonId([number; 16])
    }

    fn set(numbers: &[u8]) -> BTreeSet<PersonId> {
        numbers.iter().copied().map(person).collect()
    }

    /// Mentors 1 and 2 work on the case, 3 did; 4 and 5 supervise, 6 leads safeguarding; 4 supervises 1.
    fn around() -> Around {
        Around {
            mentors: set(&[1, 2]),
            mentors_before: set(&[3]),
            supervisors: set(&[4, 5]),
            leads: set(&[6]),
            named: BTreeMap::from([(person(1), person(4))]),
            named_before: BTreeSet::new(),
        }
    }

    fn of(number: u8) -> Holders {
        Holders { of: Some(person(number)), with: None }
    }

    #[test]
    fn each_compartment_has_readers_of_its_own() {
        let around = around();
        assert_eq!(around.readers(Compartment::File, Holders::default()), set(&[1, 2, 4, 5, 6]));
        assert_eq!(around.readers(Compartment::Reflection, of(1)), set(&[1, 4]));
        assert_eq!(around.readers(Compartment::Reflection, of(2)), set(&[2, 4, 5]));
        let two = Holders { of: Some(person(2)), with: Some(person(5)) };
        assert_eq!(around.readers(Compartment::Supervision, two), set(&[2, 5]));
        assert_eq!(around.readers(Compartment::Intelligence, Holders::default()), set(&[4, 5, 6]));
    }

    #[test]
    fn a_mentor_who_left_the_case_leaves_their_reflection_to_the_supervisor() {
        let around = around();
        assert_eq!(around.readers(Compartment::Reflection, of(3)), set(&[4, 5]));
        assert_eq!(around.readers_before(Compartment::Reflection, of(3)), set(&[3]));
        assert_eq!(around.readers_before(Compartment::File, Holders::default()), set(&[3]));
        assert!(around.readers_before(Compartment::Reflection, of(1)).is_empty());
    }

    #[test]
    fn another_supervisor_takes_the_place_of_the_one_before() {
        let mut around = around();
        around.named.insert(person(1), person(5));
        around.named_before.insert((person(1), person(4)));
        assert_eq!(around.readers(Compartment::Reflection, of(1)), set(&[1, 5]));
        assert_eq!(around.readers_before(Compartment::Reflection, of(1)), set(&[4]));
        // Whoever was named and left is followed by nobody of themselves.
        around.supervisors.remove(&person(5));
        assert_eq!(around.readers(Compartment::Reflection, of(1)), set(&[1]));
    }
}
