//! Random histories of a vault: whatever is proposed, the members and epochs are what the rules allow and nothing else.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_bytes::ByteArray;

use super::*;
use crate::id::{PersonId, VaultId};
use crate::membership::{Act, CaseFile, DeviceCard, MemberWrap, Organisation, Record, Role, SignedRecord};
use crate::signing::{SealingKey, Signature, VerifyKey};

const HOUSE: VaultId = VaultId([1; 16]);
pub(in crate::membership) const FILE: VaultId = VaultId([2; 16]);

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn verify_key(seed: u8) -> VerifyKey {
    VerifyKey(pair(seed).public_key().as_ref().try_into().unwrap())
}

fn sign(seed: u8, message: &[u8]) -> Signature {
    Signature::new(pair(seed).sign(message).as_ref().try_into().unwrap())
}

fn id(seed: u8) -> DeviceId {
    DeviceId([seed; 16])
}

fn wrap() -> Wrap {
    Wrap { encapsulated: ByteArray::new([1; 32]), sealed: ByteArray::new([2; 48]) }
}

fn wraps(devices: &[u8]) -> Vec<MemberWrap> {
    devices.iter().map(|device| MemberWrap { device: id(*device), wrap: wrap() }).collect()
}

fn epoch(number: u32) -> Epoch {
    Epoch { number, key_id: ByteArray::new([number as u8; 16]), recovery: wrap() }
}

pub(in crate::membership) fn record(
    vault: VaultId,
    number: u32,
    previous: Hash,
    author: u8,
    act: Act,
) -> SignedRecord {
    let record = Record { vault, number, previous, author: id(author), act };
    SignedRecord::sign(record, |message| sign(author, message)).unwrap()
}

/// An organisation of an administrator (1), a supervisor (2) and mentors (3 and more), put together by hand.
pub(in crate::membership) fn house(devices: u8) -> Organisation {
    let card = |seed: u8, role| DeviceCard {
        device: id(seed),
        person: PersonId([seed; 16]),
        role,
        verify_key: verify_key(seed),
        sealing_key: SealingKey([seed; 32]),
    };
    let act = Act::FoundOrganisation {
        founder: card(1, Role::Administrator),
        recovery_key: SealingKey([9; 32]),
        recovery_verify_key: verify_key(99),
        epoch: epoch(1),
        wrap: wrap(),
    };
    let mut house = Organisation::found(&record(HOUSE, 0, Hash::NOTHING, 1, act)).unwrap();
    for seed in 2..=devices {
        let role = if seed == 2 { Role::Supervisor } else { Role::Mentor };
        house.devices.insert(id(seed), card(seed, role));
    }
    house
}

pub(in crate::membership) fn rotating(removed: &[u8], staying: &[u8], number: u32) -> Rotation {
    Rotation {
        removed: removed.iter().map(|device| Leaving { device: id(*device), cut: Vec::new() }).collect(),
        epoch: epoch(number),
        wraps: wraps(staying),
        before: ByteArray::new([3; 48]),
    }
}

fn in_house(house: &Organisation, author: u8, rotation: Rotation) -> SignedRecord {
    let act = Act::Rotate { as_of: house.next_number, rotation, invitations: Vec::new() };
    record(HOUSE, house.next_number, house.head, author, act)
}

pub(in crate::membership) fn in_file(
    file: &CaseFile,
    house: &Organisation,
    author: u8,
    rotation: Rotation,
) -> SignedRecord {
    let act = Act::Rotate { as_of: house.next_number, rotation, invitations: Vec::new() };
    record(FILE, file.next_number, file.head, author, act)
}

pub(in crate::membership) fn file_of(house: &Organisation, members: &[u8]) -> CaseFile {
    let act = Act::FoundCaseFile { epoch: epoch(1), wraps: wraps(members) };
    CaseFile::found(&record(FILE, 0, Hash::NOTHING, members[0], act), house).unwrap()
}

#[test]
fn a_change_of_the_key_names_exactly_those_who_stay() {
    let house = house(5);
    let file = file_of(&house, &[3, 2, 4]);
    let refused = |author: u8, rotation: Rotation| {
        let signed = in_file(&file, &house, author, rotation);
        assert_eq!(file.clone().take(&signed, &house), Err(LogRefusal::NotAllowed));
    };
    refused(3, rotating(&[], &[3, 2], 2));
    refused(3, rotating(&[], &[3, 2, 4, 5], 2));
    refused(3, rotating(&[], &[3, 2, 4, 4], 2));
    refused(3, rotating(&[], &[3, 2, 4], 3));
    refused(5, rotating(&[], &[3, 2, 4], 2));
    refused(3, rotating(&[4], &[3, 2], 2));
    refused(2, rotating(&[4], &[3, 2, 4], 2));
    refused(2, rotating(&[2], &[3, 4], 2));
    refused(2, rotating(&[5], &[3, 2, 4], 2));
    let mut without_recovery = rotating(&[], &[3, 2, 4], 2);
    without_recovery.epoch.recovery.sealed = ByteArray::new([0; 48]);
    refused(3, without_recovery);
    let mut same_key = rotating(&[], &[3, 2, 4], 2);
    same_key.epoch.key_id = epoch(1).key_id;
    refused(3, same_key);
    let mut taken = file.clone();
    taken.take(&in_file(&file, &house, 2, rotating(&[4], &[3, 2], 2)), &house).unwrap();
    assert_eq!((taken.epoch.number, taken.members.len()), (2, 2));
    // Whoever hands the case on departs, and may come back.
    assert!(
        taken.removed.is_empty()
            && taken.departure_of(DeviceId([4; 16]), &house).is_some_and(|one| one.epoch == 1)
    );
    let back = record(FILE, 2, taken.head, 3, Act::Admit { as_of: 1, wraps: wraps(&[4]) });
    taken.take(&back, &house).unwrap();
    assert!(taken.departing.is_empty() && taken.members.contains(&DeviceId([4; 16])));
}

#[test]
fn what_the_organisation_decided_any_member_carries_out_and_nobody_undoes() {
    let mut house = house(4);
    let file = file_of(&house, &[3, 4]);
    let removing = in_house(&house, 1, rotating(&[4], &[1, 2, 3], 2));
    house.take(&removing, None).unwrap();
    assert_eq!(file.has_to_leave(&house), [id(4)]);
    for (author, rotation) in [(4, rotating(&[], &[3, 4], 2)), (3, rotating(&[], &[3, 4], 2))] {
        let signed = in_file(&file, &house, author, rotation);
        assert_eq!(file.clone().take(&signed, &house), Err(LogRefusal::NotAllowed));
    }
    let mut next = file.clone();
    next.take(&in_file(&file, &house, 3, rotating(&[4], &[3], 2)), &house).unwrap();
    assert_eq!(next.members, [id(3)]);
    // An author who claims to have known less than those before is not believed.
    let act = Act::Admit { as_of: 1, wraps: wraps(&[2]) };
    let signed = record(FILE, next.next_number, next.head, 3, act);
    assert_eq!(next.take(&signed, &house), Err(LogRefusal::NotAllowed));
}

#[test]
fn of_two_administrators_who_remove_each_other_the_first_wins() {
    let mut house = house(3);
    house.devices.get_mut(&id(2)).unwrap().role = Role::Administrator;
    let (first, second) =
        (in_house(&house, 1, rotating(&[2], &[1, 3], 2)), in_house(&house, 2, rotating(&[1], &[2, 3], 2)));
    house.take(&first, None).unwrap();
    assert_eq!(house.take(&second, None), Err(LogRefusal::NotNext));
    let again = in_house(&house, 2, rotating(&[1], &[2, 3], 3));
    assert_eq!(house.take(&again, None), Err(LogRefusal::NotAllowed));
    assert!(!house.is_present(id(2)) && house.is_present(id(1)));
}

#[test]
fn the_recovery_key_lets_one_administrator_in_at_one_place() {
    let mut house = house(2);
    let card = DeviceCard {
        device: id(7),
        person: PersonId([7; 16]),
        role: Role::Administrator,
        verify_key: verify_key(7),
        sealing_key: SealingKey([7; 32]),
    };
    let recovering = |previous: Hash, by: u8| Act::Recover {
        card: card.clone(),
        proof: sign(by, &crate::membership::recovering_bytes(HOUSE, previous, &card)),
        wrap: wrap(),
    };
    let forged = record(HOUSE, 1, house.head, 7, recovering(house.head, 7));
    assert_eq!(house.take(&forged, None), Err(LogRefusal::BadSignature));
    let elsewhere = record(HOUSE, 1, house.head, 7, recovering(Hash([5; 32]), 99));
    assert_eq!(house.take(&elsewhere, None), Err(LogRefusal::BadSignature));
    let signed = record(HOUSE, 1, house.head, 7, recovering(house.head, 99));
    house.take(&signed, None).unwrap();
    let mut file = file_of(&house, &[2]);
    let alone = record(FILE, 1, file.head, 7, Act::Admit { as_of: 2, wraps: wraps(&[7]) });
    file.take(&alone, &house).unwrap();
    assert!(file.members.contains(&id(7)));
}

#[test]
fn a_segment_counts_up_to_the_cut_and_not_beyond() {
    let hash = Hash([4; 32]);
    let cut = vec![LaneCut { lane_code: Lane::Notes.code(), seq: 7, hash }];
    let removal = Removal { number: 3, cut, may_return: false, departed: None };
    assert!(removal.keeps(Lane::Notes, Head { seq: 6, hash: Hash([1; 32]) }));
    assert!(removal.keeps(Lane::Notes, Head { seq: 7, hash }));
    assert!(!removal.keeps(Lane::Notes, Head { seq: 7, hash: Hash([1; 32]) }));
    assert!(!removal.keeps(Lane::Notes, Head { seq: 8, hash }));
    assert!(!removal.keeps(Lane::Urgent, Head { seq: 1, hash }));
}

proptest! {
    /// Authors, removals and forgotten members at random, two rivals at each place: the log has one order, members only
    /// become fewer by a removal that names them, and every epoch's readers are its members.
    #[test]
    fn any_history_leaves_one_order_and_no_removed_reader(
        steps in prop::collection::vec((1..7_u8, 1..7_u8, 0..8_u8, any::<bool>()), 1..24)
    ) {
        let house = house(6);
        let mut file = file_of(&house, &[3, 2, 4, 5]);
        let mut gone = BTreeSet::new();
        for (author, rival, target, forget) in steps {
            let here = file.clone();
            let proposal = |author: u8| {
                let removed: Vec<u8> = (target > 1 && target < 7).then_some(target).into_iter().collect();
                let mut staying: Vec<u8> = here.members.iter().map(|member| member.0[0]).collect();
                staying.retain(|member| !removed.contains(member));
                if forget {
                    staying.pop();
                }
                in_file(&here, &house, author, rotating(&removed, &staying, here.epoch.number + 1))
            };
            let (first, second) = (proposal(author), proposal(rival));
            let before = file.members.clone();
            if file.take(&first, &house).is_ok() {
                prop_assert!(!forget);
                prop_assert_ne!(file.take(&second, &house), Ok(()));
                gone.extend(before.into_iter().filter(|member| !file.members.contains(member)));
                let Act::Rotate { rotation, .. } = &first.record.act else { panic!() };
                let readers: BTreeSet<_> = rotation.wraps.iter().map(|wrap| wrap.device).collect();
                prop_assert!(readers.is_disjoint(&gone));
                prop_assert_eq!(readers, file.members.iter().copied().collect());
            } else {
                prop_assert_eq!(file.head, here.head);
            }
            prop_assert!(file.members.iter().all(|member| !gone.contains(member)));
            prop_assert_eq!(file.epochs.at(file.head.short()), Some(file.epoch.number));
        }
    }
}
