//! Erasing a case's file by law: one person asks, another confirms, and nothing follows in that log.
//!
//! Whether a law holds the file stands in sealed edits and is not known here.

use serde::{Deserialize, Serialize};

use super::{Act, LogRefusal};
use crate::hash::Hash;
use crate::id::{DeviceId, PersonId};
use crate::limits::ERASED_CHAINS_MAX;
use crate::segment::Head;

/// How far whoever confirms an erasure had one chain of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Whose chain.
    pub device: DeviceId,
    /// Wire code of its lane.
    pub lane_code: u8,
    /// Number of its last edit, at least 1.
    pub seq: u64,
    /// Hash of its last segment.
    pub hash: Hash,
}

/// Somebody's wish that a file be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Who asks.
    pub person: PersonId,
    /// Number of the record that says so.
    pub number: u32,
}

impl Seen {
    /// Whether an erasure that names these chains was written with knowledge of one that ends at `head`.
    #[must_use]
    pub fn covers(seen: &[Self], device: DeviceId, lane_code: u8, head: Head) -> bool {
        let named = seen.iter().find(|seen| (seen.device, seen.lane_code) == (device, lane_code));
        named.is_some_and(|seen| head.seq < seen.seq || (head.seq, head.hash) == (seen.seq, seen.hash))
    }
}

/// What is asked after a record by `person` that asks for erasing, takes that back or does it, if it may stand.
pub(super) fn next(
    act: &Act,
    asked: Option<Asking>,
    person: PersonId,
    number: u32,
) -> Result<Option<Asking>, LogRefusal> {
    match (act, asked) {
        (Act::AskToErase { .. }, None) => Ok(Some(Asking { person, number })),
        (Act::KeepAfterAll { .. }, Some(_)) => Ok(None),
        (Act::Erase { seen, .. }, Some(asking)) => {
            let somebody_else = asking.person != person;
            let place = |seen: &Seen| (seen.device, seen.lane_code);
            let in_order =
                seen.windows(2).all(|pair| matches!(pair, [one, other] if place(one) < place(other)));
            if seen.len() > ERASED_CHAINS_MAX {
                return Err(LogRefusal::OverLimit);
            }
            if somebody_else && in_order { Ok(asked) } else { Err(LogRefusal::NotAllowed) }
        }
        _ => Err(LogRefusal::NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use crate::membership::rotation::tests::{FILE, file_of, house, in_file, record, rotating};
    use crate::membership::{CaseFile, Organisation, Role};

    use super::*;

    const SUPERVISOR: u8 = 2;
    const LEAD: u8 = 3;
    const MENTOR: u8 = 4;

    /// A file that a supervisor, the safeguarding lead and a mentor read.
    fn file() -> (Organisation, CaseFile) {
        let mut house = house(5);
        house.devices.get_mut(&DeviceId([LEAD; 16])).unwrap().role = Role::Safeguarding;
        let file = file_of(&house, &[SUPERVISOR, LEAD, MENTOR]);
        (house, file)
    }

    fn takes(file: &mut CaseFile, house: &Organisation, author: u8, act: Act) -> Result<(), LogRefusal> {
        file.take(&record(FILE, file.next_number, file.head, author, act), house)
    }

    fn ask() -> Act {
        Act::AskToErase { as_of: 1 }
    }

    fn erase(seen: Vec<Seen>) -> Act {
        Act::Erase { as_of: 1, seen }
    }

    fn seen(device: u8, lane_code: u8, seq: u64) -> Seen {
        Seen { device: DeviceId([device; 16]), lane_code, seq, hash: Hash([7; 32]) }
    }

    #[test]
    fn r28_a_log_is_erased_by_two_people_who_coordinate_and_takes_nothing_more() {
        let (house, mut file) = file();
        for (author, act) in [(MENTOR, ask()), (5, ask()), (LEAD, erase(Vec::new()))] {
            assert_eq!(takes(&mut file, &house, author, act), Err(LogRefusal::NotAllowed));
        }
        assert_eq!(
            takes(&mut file, &house, SUPERVISOR, Act::KeepAfterAll { as_of: 1 }),
            Err(LogRefusal::NotAllowed)
        );
        takes(&mut file, &house, SUPERVISOR, ask()).unwrap();
        for (author, act) in [(SUPERVISOR, erase(Vec::new())), (MENTOR, erase(Vec::new())), (LEAD, ask())] {
            assert_eq!(takes(&mut file, &house, author, act), Err(LogRefusal::NotAllowed));
        }
        let mut kept = file.clone();
        takes(&mut kept, &house, LEAD, Act::KeepAfterAll { as_of: 1 }).unwrap();
        assert_eq!(takes(&mut kept, &house, LEAD, erase(Vec::new())), Err(LogRefusal::NotAllowed));
        // Another key changes nothing about what is asked.
        let rotate = in_file(&file, &house, MENTOR, rotating(&[], &[SUPERVISOR, LEAD, MENTOR], 2));
        file.take(&rotate, &house).unwrap();
        takes(&mut file, &house, LEAD, erase(Vec::new())).unwrap();
        assert!(file.erased && !kept.erased);
        let after = [ask(), Act::KeepAfterAll { as_of: 1 }, Act::Admit { as_of: 1, wraps: Vec::new() }];
        for act in after {
            assert_eq!(takes(&mut file, &house, SUPERVISOR, act), Err(LogRefusal::NotAllowed));
        }
    }

    #[test]
    fn r28_an_erasure_names_each_chain_once_in_order_and_covers_what_lies_before() {
        let (house, mut file) = file();
        takes(&mut file, &house, SUPERVISOR, ask()).unwrap();
        for wrong in [vec![seen(2, 1, 5), seen(2, 0, 5)], vec![seen(2, 0, 5), seen(2, 0, 6)]] {
            assert_eq!(takes(&mut file, &house, LEAD, erase(wrong)), Err(LogRefusal::NotAllowed));
        }
        let named = vec![seen(2, 0, 5), seen(2, 1, 5), seen(3, 0, 1)];
        takes(&mut file, &house, LEAD, erase(named.clone())).unwrap();
        let covers = |device: u8, lane_code, seq, hash: u8| {
            Seen::covers(&named, DeviceId([device; 16]), lane_code, Head { seq, hash: Hash([hash; 32]) })
        };
        assert!(covers(2, 0, 5, 7) && covers(2, 0, 4, 1));
        assert!(!covers(2, 0, 5, 1) && !covers(2, 0, 6, 7) && !covers(2, 2, 1, 7) && !covers(4, 0, 1, 7));
    }
}
