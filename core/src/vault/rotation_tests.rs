//! Real keys over random histories: who stays opens every epoch, who left opens none that came after.

use fieldfare_protocol::id::PersonId;
use fieldfare_protocol::membership::{CaseFile, Organisation, Role};
use proptest::prelude::*;

use super::super::identity::Identity;
use super::super::members::{card, found_case_file, found_organisation, key_for};
use super::super::wrap::unwrap;
use super::*;
use crate::vault::doubles::FixedEntropy;

const FILE: VaultId = VaultId([2; 16]);

fn identity(seed: u8) -> Identity {
    Identity::from_seed(&Secret::from_slice(&[seed; 32]).unwrap()).unwrap_or_else(|_| panic!())
}

fn id(seed: u8) -> DeviceId {
    DeviceId([seed; 16])
}

/// An organisation of an administrator (1) and mentors, and a file that all but the administrator read.
struct House {
    people: Vec<Identity>,
    organisation: Organisation,
    log: Vec<SignedRecord>,
    file: CaseFile,
    key: Secret<32>,
    entropy: FixedEntropy,
}

impl House {
    fn new(devices: u8) -> Self {
        let entropy = FixedEntropy::new(1);
        let people: Vec<Identity> = (1..=devices).map(identity).collect();
        let founder = Signer { device: id(1), identity: &people[0] };
        let (first, _) =
            found_organisation(VaultId([1; 16]), &founder, PersonId([1; 16]), &identity(99), &entropy)
                .unwrap();
        let mut organisation = Organisation::found(&first).unwrap();
        for seed in 2..=devices {
            let signer = Signer { device: id(seed), identity: &people[usize::from(seed) - 1] };
            organisation.devices.insert(id(seed), card(&signer, PersonId([seed; 16]), Role::Supervisor));
        }
        let author = Signer { device: id(2), identity: &people[1] };
        let readers: Vec<DeviceId> = (2..=devices).map(id).collect();
        let (signed, key) = found_case_file(FILE, &author, &readers, &organisation, &entropy).unwrap();
        let file = CaseFile::found(&signed, &organisation).unwrap();
        Self { people, organisation, log: vec![signed], file, key, entropy }
    }

    fn signer(&self, seed: u8) -> Signer<'_> {
        Signer { device: id(seed), identity: &self.people[usize::from(seed) - 1] }
    }

    fn rotate(&mut self, author: u8, removed: &[u8]) -> bool {
        let leaving = removed.iter().map(|seed| Leaving { device: id(*seed), cut: Vec::new() }).collect();
        let made = rotate_file(
            &self.file,
            1,
            &self.key,
            leaving,
            &self.signer(author),
            &self.organisation,
            &self.entropy,
        );
        let Ok((signed, key)) = made else { return false };
        if self.file.take(&signed, &self.organisation).is_err() {
            return false;
        }
        self.key = key;
        self.log.push(signed);
        true
    }

    /// Every key that a device can get hold of from the whole log, by all that it may try.
    fn keys_of(&self, seed: u8) -> Vec<u32> {
        let mut opened = Vec::new();
        for signed in &self.log {
            let (Act::FoundCaseFile { epoch, wraps }
            | Act::Rotate { rotation: Rotation { epoch, wraps, .. }, .. }) = &signed.record.act
            else {
                continue;
            };
            let reader = Reader::Device(id(seed));
            let context = WrapContext { vault: FILE, epoch: epoch.number, reader };
            let identity = &self.people[usize::from(seed) - 1];
            let keys = wraps.iter().filter_map(|to| unwrap(&to.wrap, identity, &context, &epoch.key_id).ok());
            for key in keys {
                let before = keys_before(FILE, &self.log, &self.file.epochs, epoch.number, &key);
                opened.extend(before.into_iter().map(|earlier| earlier.number));
                opened.push(epoch.number);
            }
        }
        opened.sort_unstable();
        opened.dedup();
        opened
    }
}

#[test]
fn who_stays_reads_all_and_who_leaves_reads_nothing_new() {
    let mut house = House::new(4);
    assert!(house.rotate(3, &[4]));
    assert!(house.rotate(2, &[]));
    assert_eq!(house.keys_of(2), [1, 2, 3]);
    assert_eq!(house.keys_of(3), [1, 2, 3]);
    assert_eq!(house.keys_of(4), [1]);
    let newest = key_for(house.log.last().unwrap(), &house.file.epoch, house.signer(3).identity, &[id(3)]);
    assert!(newest.is_ok_and(|key| key.is_some_and(|key| key.expose() == house.key.expose())));
}

#[test]
fn whoever_holds_the_key_sees_whether_the_recovery_key_opens_it() {
    let mut house = House::new(3);
    house.rotate(2, &[]);
    let recovery_key = house.organisation.recovery_key;
    assert!(can_be_recovered(&house.file.epoch, &house.key, FILE, &recovery_key));
    let context = WrapContext { vault: FILE, epoch: 2, reader: Reader::Recovery };
    let opened = unwrap(&house.file.epoch.recovery, &identity(99), &context, &house.file.epoch.key_id);
    assert_eq!(opened.ok().map(|key| *key.expose()), Some(*house.key.expose()));
    let mut other = house.file.epoch.clone();
    other.recovery.sealed[3] ^= 1;
    assert!(!can_be_recovered(&other, &house.key, FILE, &recovery_key));
}

#[test]
fn a_member_that_nothing_can_be_sealed_to_keeps_nobody_from_a_fresh_key() {
    let mut house = House::new(4);
    house.organisation.devices.get_mut(&id(4)).unwrap().sealing_key = SealingKey([0; 32]);
    assert!(house.rotate(2, &[]));
    assert_eq!(house.keys_of(3), [1, 2]);
    assert_eq!(house.keys_of(4), [1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn over_any_history_a_removed_device_never_gets_a_later_key(
        steps in prop::collection::vec((2..7_u8, 0..10_u8), 1..8)
    ) {
        let mut house = House::new(6);
        let mut left: Vec<(u8, u32)> = Vec::new();
        for (author, target) in steps {
            let removed: Vec<u8> = (2..7).contains(&target).then_some(target).into_iter().collect();
            let epoch = house.file.epoch.number;
            if house.rotate(author, &removed) {
                left.extend(removed.iter().map(|seed| (*seed, epoch)));
            }
        }
        let all: Vec<u32> = (1..=house.file.epoch.number).collect();
        for seed in 2..7 {
            match left.iter().find(|(gone, _)| *gone == seed) {
                Some((_, last)) => prop_assert!(house.keys_of(seed).iter().all(|number| number <= last)),
                None => prop_assert_eq!(house.keys_of(seed), all.clone()),
            }
        }
    }
}

#[cfg(test)]
#[path = "fork_tests.rs"]
mod forks;
