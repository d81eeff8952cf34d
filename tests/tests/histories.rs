//! Histories of members, drawn from a seed: people join, leave, change keys and come back by the recovery key, two of them at
//! once. Whatever happens, the log has one order, those who belong read everything, those who left nothing new, and the
//! recovery key all of it.
//!
//! Records and keys alone, as both ends take them: no store and no line.

use std::collections::BTreeMap;

use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::members::{self, Signer};
use fieldfare_core::vault::{Identity, Invitation, Secret, rotation};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::{CaseFile, Leaving, LogRefusal, Organisation, Role, SignedRecord};
use tests::casework::chance::Chance;

const ORGANISATION: VaultId = VaultId([1; 16]);
const FILE: VaultId = VaultId([2; 16]);
const SEEDS: u64 = 24;
const STEPS: usize = 24;
const DEVICES_MAX: usize = 9;

/// Something that has to hold and does not.
type Held = Result<(), String>;

/// The keys that a device holds of one vault, by epoch.
type Keys = BTreeMap<u32, Secret<32>>;

struct Device {
    id: DeviceId,
    identity: Identity,
    of_organisation: Keys,
    of_file: Keys,
}

struct World {
    chance: Chance,
    entropy: SystemEntropy,
    recovery: Identity,
    organisation: Organisation,
    file: CaseFile,
    organisation_log: Vec<SignedRecord>,
    file_log: Vec<SignedRecord>,
    devices: Vec<Device>,
}

impl World {
    fn begin(seed: u64) -> Self {
        let entropy = SystemEntropy::default();
        let (identity, recovery) =
            (Identity::generate(&entropy).unwrap(), Identity::generate(&entropy).unwrap());
        let id = DeviceId([10; 16]);
        let signer = Signer { device: id, identity: &identity };
        let person = PersonId([10; 16]);
        let (founding, key) =
            members::found_organisation(ORGANISATION, &signer, person, &recovery, &entropy).unwrap();
        let organisation = Organisation::found(&founding).unwrap();
        let (file_founding, file_key) =
            members::found_case_file(FILE, &signer, &[], &organisation, &entropy).unwrap();
        let file = CaseFile::found(&file_founding, &organisation).unwrap();
        let (of_organisation, of_file) = (Keys::from([(1, key)]), Keys::from([(1, file_key)]));
        let devices = vec![Device { id, identity, of_organisation, of_file }];
        let (organisation_log, file_log) = (vec![founding], vec![file_founding]);
        let chance = Chance::new(seed);
        Self { chance, entropy, recovery, organisation, file, organisation_log, file_log, devices }
    }

    /// One of the devices that belong and that a rule lets through.
    fn somebody(&mut self, may: impl Fn(&Self, &Device) -> bool) -> Option<usize> {
        let able: Vec<usize> = (0..self.devices.len())
            .filter(|who| {
                self.organisation.is_present(self.devices[*who].id) && may(self, &self.devices[*who])
            })
            .collect();
        (!able.is_empty()).then(|| able[self.chance.below(able.len())])
    }

    fn is_administrator(&self, device: &Device) -> bool {
        self.organisation.devices[&device.id].role == Role::Administrator
    }

    fn reads(&self, device: &Device) -> bool {
        self.file.is_member(device.id, &self.organisation)
    }

    /// Takes a record of either log, and lets everybody open what it brings.
    fn take(&mut self, signed: &SignedRecord) -> Result<(), LogRefusal> {
        let of_file = signed.record.vault == FILE;
        if of_file {
            self.file.take(signed, &self.organisation)?;
            self.file_log.push(signed.clone());
        } else {
            self.organisation.take(signed, Some(0))?;
            self.organisation_log.push(signed.clone());
        }
        let (epoch, epochs, log) = match of_file {
            true => (&self.file.epoch, &self.file.epochs, &self.file_log),
            false => (&self.organisation.epoch, &self.organisation.epochs, &self.organisation_log),
        };
        for device in &mut self.devices {
            let Ok(Some(key)) = members::key_for(signed, epoch, &device.identity, &[device.id]) else {
                continue;
            };
            let keys = if of_file { &mut device.of_file } else { &mut device.of_organisation };
            let before = rotation::keys_before(signed.record.vault, log, epochs, epoch.number, &key);
            keys.extend(before.into_iter().map(|before| (before.number, before.key)));
            keys.insert(epoch.number, key);
        }
        Ok(())
    }

    fn new_device(&mut self) -> Device {
        let number = self.devices.len() as u8 + 11;
        let identity = Identity::generate(&self.entropy).unwrap();
        Device { id: DeviceId([number; 16]), identity, of_organisation: Keys::new(), of_file: Keys::new() }
    }

    fn join(&mut self, by: usize) {
        let roles = [Role::Mentor, Role::Supervisor, Role::Administrator];
        let role = roles[self.chance.below(roles.len())];
        let newcomer = self.new_device();
        let (person, root) = (PersonId(newcomer.id.0), Hash([0; 32]));
        let url = "https://fieldfare.example".to_owned();
        let invitation = Invitation::generate(url, ORGANISATION, root, 1_000, &self.entropy).unwrap();
        let author = &self.devices[by];
        let signer = Signer { device: author.id, identity: &author.identity };
        let key = &author.of_organisation[&self.organisation.epoch.number];
        let signed =
            members::invite(&self.organisation, key, &signer, &invitation, person, role, &self.entropy)
                .unwrap();
        self.take(&signed).unwrap();
        let signer = Signer { device: newcomer.id, identity: &newcomer.identity };
        let (signed, _, _) =
            members::join(&self.organisation, &self.organisation_log, &signer, &invitation, &self.entropy)
                .unwrap();
        self.devices.push(newcomer);
        self.take(&signed).unwrap();
    }

    fn removal(&self, by: usize, of: usize) -> SignedRecord {
        let author = &self.devices[by];
        let signer = Signer { device: author.id, identity: &author.identity };
        let key = &author.of_organisation[&self.organisation.epoch.number];
        let leaving = vec![Leaving { device: self.devices[of].id, cut: Vec::new() }];
        rotation::rotate_organisation(&self.organisation, key, leaving, 0, &signer, &self.entropy).unwrap().0
    }

    fn file_rotation(&self, by: usize) -> SignedRecord {
        let author = &self.devices[by];
        let signer = Signer { device: author.id, identity: &author.identity };
        let key = &author.of_file[&self.file.epoch.number];
        let gone = self.file.has_to_leave(&self.organisation).into_iter();
        let leaving = gone.map(|device| Leaving { device, cut: Vec::new() }).collect();
        let as_of = self.organisation.next_number;
        rotation::rotate_file(&self.file, as_of, key, leaving, &signer, &self.organisation, &self.entropy)
            .unwrap()
            .0
    }

    fn admission(&self, by: usize) -> Option<SignedRecord> {
        let author = &self.devices[by];
        let signer = Signer { device: author.id, identity: &author.identity };
        let key = &author.of_file[&self.file.epoch.number];
        let missing: Vec<DeviceId> = self
            .organisation
            .present()
            .map(|card| card.device)
            .filter(|device| !self.file.members.contains(device) && !self.file.removed.contains_key(device))
            .collect();
        if missing.is_empty() {
            return None;
        }
        let as_of = self.organisation.next_number;
        members::admit(&self.file, as_of, key, &signer, &missing, &self.organisation, &self.entropy).unwrap()
    }

    fn recover(&mut self) {
        let newcomer = self.new_device();
        let signer = Signer { device: newcomer.id, identity: &newcomer.identity };
        let person = PersonId(newcomer.id.0);
        let (signed, _) =
            members::recover(&self.organisation, &signer, person, &self.recovery, &self.entropy).unwrap();
        self.devices.push(newcomer);
        self.take(&signed).unwrap();
        let key = members::recovered_key(&self.file.epoch, FILE, &self.recovery).unwrap();
        let device = self.devices.last().unwrap();
        let signer = Signer { device: device.id, identity: &device.identity };
        let as_of = self.organisation.next_number;
        let reader = [device.id];
        let admitted =
            members::admit(&self.file, as_of, &key, &signer, &reader, &self.organisation, &self.entropy);
        self.take(&admitted.unwrap().unwrap()).unwrap();
    }

    /// Two records for one place: the first stands, and the second is told to be written anew.
    fn race(&mut self, one: &SignedRecord, other: &SignedRecord) -> Held {
        self.take(one).map_err(|refusal| format!("the first of two: {refusal}"))?;
        match self.take(other) {
            Err(LogRefusal::NotNext) => Ok(()),
            taken => Err(format!("the second of two: {taken:?}")),
        }
    }

    fn step(&mut self) -> Held {
        let full = self.devices.len() >= DEVICES_MAX;
        let administrator = self.somebody(Self::is_administrator);
        let reader = self.somebody(Self::reads);
        match (self.chance.below(6), administrator, reader) {
            (0, Some(by), _) if !full => self.join(by),
            (1, Some(by), _) => {
                let Some(of) = self.somebody(|_, _| true).filter(|of| *of != by) else { return Ok(()) };
                let record = self.removal(by, of);
                self.take(&record).map_err(|refusal| format!("a removal: {refusal}"))?;
            }
            (2, _, Some(by)) => {
                let record = self.file_rotation(by);
                self.take(&record).map_err(|refusal| format!("a change of the key: {refusal}"))?;
            }
            (3, _, Some(by)) if self.file.has_to_leave(&self.organisation).is_empty() => {
                if let Some(record) = self.admission(by) {
                    self.take(&record).map_err(|refusal| format!("an admission: {refusal}"))?;
                }
            }
            (4, Some(by), _) => {
                let (Some(rival), Some(of)) =
                    (self.somebody(Self::is_administrator), self.somebody(|_, _| true))
                else {
                    return Ok(());
                };
                if of != by && of != rival {
                    let (one, other) = (self.removal(by, of), self.removal(rival, of));
                    self.race(&one, &other)?;
                } else if let (Some(one), Some(other)) =
                    (self.somebody(Self::reads), self.somebody(Self::reads))
                {
                    let (one, other) = (self.file_rotation(one), self.file_rotation(other));
                    self.race(&one, &other)?;
                }
            }
            (5, ..) if !full && self.chance.percent(20) => self.recover(),
            _ => {}
        }
        self.holds()
    }

    fn holds(&self) -> Held {
        let demand = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
        // One order: whoever reads the logs from their first records comes to the same members.
        let mut organisation =
            Organisation::found(&self.organisation_log[0]).map_err(|refusal| refusal.to_string())?;
        for signed in &self.organisation_log[1..] {
            organisation.take(signed, None).map_err(|refusal| format!("read again: {refusal}"))?;
        }
        let mut file =
            CaseFile::found(&self.file_log[0], &organisation).map_err(|refusal| refusal.to_string())?;
        for signed in &self.file_log[1..] {
            file.take(signed, &organisation).map_err(|refusal| format!("read again: {refusal}"))?;
        }
        demand(
            organisation.head == self.organisation.head && file.members == self.file.members,
            "another order",
        )?;
        let (newest, of_file) = (self.organisation.epoch.number, self.file.epoch.number);
        for device in &self.devices {
            let all = |keys: &Keys, newest: u32| (1..=newest).all(|number| keys.contains_key(&number));
            let present = self.organisation.is_present(device.id);
            demand(!present || all(&device.of_organisation, newest), "somebody who belongs lacks a key")?;
            demand(
                !self.file.members.contains(&device.id) || all(&device.of_file, of_file),
                "a reader lacks a key",
            )?;
            let gone = self.organisation.removed.contains_key(&device.id);
            demand(
                !gone || !device.of_organisation.contains_key(&newest),
                "whoever was removed has the new key",
            )?;
            let left = self.file.removed.contains_key(&device.id);
            demand(!left || !device.of_file.contains_key(&of_file), "whoever left the file has the new key")?;
        }
        let recovered = |epoch, vault| members::recovered_key(epoch, vault, &self.recovery).is_ok();
        demand(
            recovered(&self.organisation.epoch, ORGANISATION),
            "the recovery key opens the organisation no more",
        )?;
        demand(recovered(&self.file.epoch, FILE), "the recovery key opens a file no more")
    }
}

fn play(seed: u64) -> Held {
    let mut world = World::begin(seed);
    for step in 0..STEPS {
        world.step().map_err(|what| format!("seed {seed}, step {step}: {what}"))?;
    }
    Ok(())
}

#[test]
fn whatever_members_do_the_log_has_one_order_and_keys_are_where_they_belong() {
    for seed in 0..SEEDS {
        play(seed).unwrap();
    }
}
