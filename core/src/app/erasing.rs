//! Erasing a case by law: one person who coordinates asks, another confirms, and every device destroys what it has.
//!
//! What is erased, and what stands against it, is decided here; how bytes are destroyed is the store's to know.

use std::collections::BTreeMap;

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{Act, CaseFile, Seen, SignedRecord};

use super::Fieldfare;
use super::refusal::fault;
use super::remove::file_of;
use crate::contract::{CaseId, EraseBar, EraseReason, Erased, Problem, RecordId, StaffRole, Thing};
use crate::store::{Me, Read, StoredVault, Write};
use crate::vault::members::{self, Signer};

const fn barred(because: EraseBar) -> Problem {
    Problem::NotErased { because }
}

impl Fieldfare {
    /// Asks that a case be erased for good, in every compartment of it that this device reads. Somebody else has to confirm
    /// it. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, [`Problem::NoSuch`], [`Problem::NotErased`] under legal hold or in a fork, and
    /// whatever the exchange brings.
    pub fn ask_to_erase(&self, case: CaseId, why: EraseReason) -> Result<(), Problem> {
        self.only_who_coordinates()?;
        self.until_it_stands(
            |app| {
                app.store.read(|read| {
                    not_held(read, case)?;
                    let parts = parts(read, case)?;
                    Ok(parts.iter().all(|part| part.file.asked.is_some() && part.all_sent))
                })
            },
            |app| {
                app.store.write(|write| {
                    for part in
                        parts(&write.read(), case)?.into_iter().filter(|part| part.file.asked.is_none())
                    {
                        app.write_act(write, &part, |as_of| Act::AskToErase { as_of })?;
                    }
                    app.note_erasure(write, why.asked_name(), case)
                })
            },
        )
    }

    /// Takes back what somebody has asked: the case is kept. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, [`Problem::NoSuch`], and whatever the exchange brings.
    pub fn keep_after_all(&self, case: CaseId) -> Result<(), Problem> {
        self.only_who_coordinates()?;
        self.until_it_stands(
            |app| {
                app.store.read(|read| {
                    let parts = parts(read, case)?;
                    Ok(parts.iter().all(|part| part.file.asked.is_none() && part.all_sent))
                })
            },
            |app| {
                app.store.write(|write| {
                    for part in
                        parts(&write.read(), case)?.into_iter().filter(|part| part.file.asked.is_some())
                    {
                        app.write_act(write, &part, |as_of| Act::KeepAfterAll { as_of })?;
                    }
                    app.note_erasure(write, "keep_after_all", case)
                })
            },
        )
    }

    /// Confirms what somebody else has asked, and erases the case for good: at the endpoint now, on every device with its next
    /// exchange. The PIN is asked for once more and counts as a try. Nothing is erased that was not on this device before; if
    /// something has come meanwhile, it is to be looked at first. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotErased`] says what stands against it, [`Problem::NotAllowed`] for mentors, [`Problem::NoSuch`], whatever a
    /// try is refused with, and whatever the exchange brings.
    pub fn erase_case(&self, case: CaseId, pin: &[u8], why: EraseReason) -> Result<Erased, Problem> {
        self.only_who_coordinates()?;
        let looked_at = self.store.read(|read| others_work(read, case))?;
        self.exchange(|_| ())?;
        let parts = self.store.read(|read| {
            if others_work(read, case)? != looked_at {
                return Err(barred(EraseBar::SomethingNew));
            }
            to_erase(read, case)
        })?;
        self.step_up(pin)?;
        let mut erased = Erased::default();
        // A hold stands in the file: once that has gone, none can come any more.
        for part in parts {
            match part {
                Part::Left => erased.left = erased.left.saturating_add(1),
                Part::Due(vault) => {
                    self.erase_one(case, &vault, why)?;
                    erased.compartments = erased.compartments.saturating_add(1);
                }
            }
        }
        Ok(erased)
    }

    fn erase_one(&self, case: CaseId, vault: &StoredVault, why: EraseReason) -> Result<(), Problem> {
        self.store.write(|write| {
            let part = one(&write.read(), *vault)?;
            let seen = write.read().seen_of(vault.no)?;
            self.write_act(write, &part, |as_of| Act::Erase { as_of, seen })?;
            self.note_erasure(write, why.confirmed_name(), case)
        })?;
        let exchanged = self.exchange(|_| ());
        if self.store.read(|read| read.is_erased(vault.no))? {
            return Ok(());
        }
        // It was confirmed with what was here then; whoever wants it still has to say so again.
        self.store.write(|write| write.drop_unsent_records(vault.no))?;
        exchanged?;
        Err(barred(EraseBar::SomethingNew))
    }

    fn only_who_coordinates(&self) -> Result<(), Problem> {
        self.store.read(|read| {
            Self::within_lease(read)?;
            if super::role(read, &read.me()?)? == StaffRole::Mentor {
                let why = "only supervisors and safeguarding leads have a case erased";
                return Err(Problem::not_allowed(why));
            }
            Ok(())
        })
    }

    fn write_act(
        &self,
        write: &Write<'_>,
        part: &OnePart,
        act: impl FnOnce(u32) -> Act,
    ) -> Result<(), Problem> {
        let read = write.read();
        let (organisation, me) = (read.organisation()?, read.me()?);
        let as_of = read.records_kept(organisation.vault)?;
        let signer = Signer { device: me.device, identity: &self.identity };
        let signed = members::next_of_file(&part.file, &signer, act(as_of)).map_err(|_| fault("members"))?;
        if part.file.clone().take(&signed, &organisation).is_err() {
            let why = "only supervisors and safeguarding leads who read the case have it erased";
            return Err(Problem::not_allowed(why));
        }
        write.keep_record_of_log(part.vault.no, signed.record.number, signed.bytes(), false)?;
        Ok(())
    }

    fn note_erasure(&self, write: &Write<'_>, what: &'static str, case: CaseId) -> Result<(), Problem> {
        Ok(write.note_in_audit(self.now(&write.read())?.ms, what, Some(RecordId(case.0)))?)
    }
}

/// Takes back erasures that were confirmed and did not leave before the home was closed: whoever opens it may want something
/// else by now.
pub(super) fn take_back_unsent(write: &Write<'_>) -> Result<(), Problem> {
    let read = write.read();
    let erases = |bytes: &Vec<u8>| {
        SignedRecord::parse(bytes).is_ok_and(|signed| matches!(signed.record.act, Act::Erase { .. }))
    };
    for vault in read.vaults()? {
        if read.unsent_records_of(vault.no)?.iter().any(erases) {
            write.drop_unsent_records(vault.no)?;
        }
    }
    Ok(())
}

/// One compartment of a case as it stands here.
struct OnePart {
    vault: StoredVault,
    file: CaseFile,
    /// Whether the endpoint has all of its log that is here.
    all_sent: bool,
}

/// A compartment when a case is erased.
enum Part {
    /// It goes.
    Due(StoredVault),
    /// It stands: nobody else has asked for erasing it.
    Left,
}

fn one(read: &Read<'_>, vault: StoredVault) -> Result<OnePart, Problem> {
    let file = read.case_file(vault.no, &read.organisation()?)?;
    Ok(OnePart { vault, file, all_sent: read.unsent_records_of(vault.no)?.is_empty() })
}

/// The compartments of a case that this device reads, its file first.
fn vaults(read: &Read<'_>, case: CaseId) -> Result<Vec<StoredVault>, Problem> {
    let file = match file_of(read, case) {
        // What was erased first may have left others behind.
        Err(Problem::NoSuch { .. }) => None,
        file => Some(file?),
    };
    let all = read.vaults()?;
    let others: Vec<i64> = read.parts_of(case)?.into_iter().map(|part| part.vault_no).collect();
    let others = all.into_iter().filter(|vault| others.contains(&vault.no));
    let vaults: Vec<_> = file.into_iter().chain(others).collect();
    if vaults.is_empty() { Err(Problem::NoSuch { thing: Thing::Case }) } else { Ok(vaults) }
}

fn parts(read: &Read<'_>, case: CaseId) -> Result<Vec<OnePart>, Problem> {
    vaults(read, case)?.into_iter().map(|vault| one(read, vault)).collect()
}

fn not_held(read: &Read<'_>, case: CaseId) -> Result<(), Problem> {
    for vault in vaults(read, case)? {
        if read.is_held(vault.no)? {
            return Err(barred(EraseBar::LegalHold));
        }
        if read.has_two_histories(vault.no)? {
            return Err(barred(EraseBar::Forked));
        }
    }
    Ok(())
}

/// How far others' work in a case has come here.
fn others_work(read: &Read<'_>, case: CaseId) -> Result<BTreeMap<(i64, DeviceId, u8), u64>, Problem> {
    let me: Me = read.me()?;
    let mut work = BTreeMap::new();
    for vault in vaults(read, case)? {
        for Seen { device, lane_code, seq, .. } in read.seen_of(vault.no)? {
            if device != me.device {
                work.insert((vault.no, device, lane_code), seq);
            }
        }
    }
    Ok(work)
}

/// What of a case may be erased by this person now.
fn to_erase(read: &Read<'_>, case: CaseId) -> Result<Vec<Part>, Problem> {
    not_held(read, case)?;
    let me = read.me()?;
    let parts = parts(read, case)?;
    let asked_by_other =
        |part: &OnePart| part.file.asked.is_some_and(|asking| asking.person.0 != me.person.0);
    if !parts.iter().any(asked_by_other) {
        let asked = parts.iter().any(|part| part.file.asked.is_some());
        return Err(barred(if asked { EraseBar::SamePerson } else { EraseBar::NotAsked }));
    }
    let mut due = Vec::new();
    for part in &parts {
        let found = read.unfinished(&part.vault, me.device)?;
        let bars = [
            (found.undelivered, EraseBar::ConcernUndelivered),
            (found.concern_open, EraseBar::ConcernOpen),
            (found.unsent || !part.all_sent, EraseBar::Unsent),
            (found.waiting, EraseBar::Waiting),
            (found.set_aside, EraseBar::SetAside),
        ];
        if let Some((_, because)) = bars.into_iter().find(|(stands, _)| *stands) {
            return Err(barred(because));
        }
        due.push(if asked_by_other(part) { Part::Due(part.vault) } else { Part::Left });
    }
    // Without its file nobody finds the way to the rest.
    match due.first() {
        Some(Part::Left) => Err(barred(EraseBar::NotAsked)),
        _ => Ok(due),
    }
}
