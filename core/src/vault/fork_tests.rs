//! Real keys over random forks: whoever is in both branches opens every key of both, and nobody else the one that ends it.

use super::super::super::members::admit;
use super::*;

/// What one branch does next: who, whether they let somebody in or out, whom.
type Step = (u8, bool, u8);

impl House {
    /// The same up to here, going on with other randomness.
    fn branch(&self, seed: u8) -> Self {
        Self {
            people: (1..=self.people.len() as u8).map(identity).collect(),
            organisation: self.organisation.clone(),
            log: self.log.clone(),
            file: self.file.clone(),
            key: Secret::from_slice(self.key.expose()).unwrap(),
            entropy: FixedEntropy::new(seed),
        }
    }

    fn step(&mut self, (author, lets_in, whom): Step) {
        if !lets_in {
            self.rotate(author, &[whom]);
            return;
        }
        let made = admit(
            &self.file,
            1,
            &self.key,
            &self.signer(author),
            &[id(whom)],
            &self.organisation,
            &self.entropy,
        );
        let Ok(Some(signed)) = made else { return };
        if self.file.take(&signed, &self.organisation).is_ok() {
            self.log.push(signed);
        }
    }

    /// Keys of this branch by the numbers of their epochs, as whoever has been a member from the start holds them.
    fn keys_since(&self, common: &Self) -> Vec<(u32, Secret<32>)> {
        let before = keys_before(FILE, &self.log, &self.file.epochs, self.file.epoch.number, &self.key);
        let newest = (self.file.epoch.number, Secret::from_slice(self.key.expose()).unwrap());
        let all = before.into_iter().map(|earlier| (earlier.number, earlier.key)).chain([newest]);
        all.filter(|(number, _)| *number > common.file.epoch.number).collect()
    }

    fn end_fork(&mut self, other: &Self, common: &Self, author: u8) -> bool {
        let leaving = |device: &DeviceId| Leaving { device: *device, cut: Vec::new() };
        let members = self.file.members.iter();
        let gone = |device: &&DeviceId| !other.file.may_be_let_in(**device);
        let only_here =
            members.clone().filter(|device| !other.file.members.contains(device) && !gone(device));
        let only_there =
            other.file.members.iter().filter(|device| {
                !self.file.members.contains(device) && !self.file.removed.contains_key(device)
            });
        let ending = EndingBranch {
            from: common.file.next_number,
            records: other.log[common.log.len()..].iter().map(SignedRecord::hash).collect(),
            apart: only_here.chain(only_there).map(leaving).collect(),
            keys: other.keys_since(common),
        };
        let removed = members.filter(gone).map(leaving).collect();
        let signer = self.signer(author);
        let made = resolve_file(
            &self.file,
            1,
            &self.key,
            removed,
            ending,
            &signer,
            &self.organisation,
            &self.entropy,
        );
        let Ok((signed, key)) = made else { return false };
        let taken = self.file.take(&signed, &self.organisation);
        assert!(taken.is_ok(), "{taken:?}");
        self.key = key;
        self.log.push(signed);
        true
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((2..8_u8, any::<bool>(), 3..8_u8), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn over_any_fork_the_new_key_goes_to_those_in_both_branches_and_opens_every_key_of_both(
        one in steps(), other in steps()
    ) {
        let mut common = House::new(7);
        common.rotate(2, &[6]);
        common.file.removed.clear();
        let (mut here, mut there) = (common.branch(11), common.branch(12));
        one.into_iter().for_each(|step| here.step(step));
        other.into_iter().for_each(|step| there.step(step));
        prop_assume!(there.log.len() > common.log.len());
        let both: Vec<DeviceId> =
            here.file.members.iter().copied().filter(|member| there.file.members.contains(member)).collect();
        prop_assume!(both.contains(&id(2)));
        let wanted: usize = here.file.epoch.number as usize + there.keys_since(&common).len();
        prop_assert!(here.end_fork(&there, &common, 2));
        prop_assert!(here.file.epoch.number > there.file.epoch.number);
        let record = here.log.last().unwrap();
        for seed in 1..8 {
            let signer = here.signer(seed);
            let key = key_for(record, &here.file.epoch, signer.identity, &[id(seed)]).unwrap();
            prop_assert_eq!(key.is_some(), both.contains(&id(seed)), "device {}", seed);
            let Some(key) = key else { continue };
            let before = keys_before(FILE, &here.log, &here.file.epochs, here.file.epoch.number, &key);
            prop_assert_eq!(before.len(), wanted);
        }
        // Nobody whom one branch removed comes back, and everybody whom it merely lacked may.
        for seed in 3..8 {
            let removed = !there.file.may_be_let_in(id(seed)) && here.file.removed.contains_key(&id(seed));
            if removed {
                prop_assert!(!here.file.may_be_let_in(id(seed)));
            }
        }
    }
}
