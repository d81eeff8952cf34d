//! Who belongs to what: the state of every log, and a draft of it for one transaction.
//!
//! Pure rules over the protocol's logs. Nothing here reads a clock, a disk or a socket.

use std::collections::{BTreeMap, HashMap};

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Act, CaseFile, LogRefusal, Organisation, SignedRecord};

use fieldfare_protocol::segment::{Chain, Head};

use crate::late::Left;
use crate::limits::VAULTS_MAX;

/// The state of every log that is durable.
#[derive(Default)]
pub(crate) struct Directory {
    organisation: Option<Organisation>,
    files: HashMap<VaultId, CaseFile>,
    by_tag: HashMap<[u8; 4], VaultId>,
}

/// A directory as it will be if the transaction under way is committed.
pub(crate) struct Draft<'d> {
    base: &'d Directory,
    changes: Changes,
}

/// What a committed draft changed.
#[derive(Default)]
pub(crate) struct Changes {
    organisation: Option<Organisation>,
    files: BTreeMap<VaultId, CaseFile>,
    by_tag: BTreeMap<[u8; 4], VaultId>,
}

/// A vault in which a device may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writable {
    /// The vault.
    pub(crate) vault: VaultId,
    /// The newest key epoch that the device may write under.
    pub(crate) epoch: u32,
}

impl Directory {
    /// The organisation, once there is one.
    pub(crate) fn organisation(&self) -> Option<&Organisation> {
        self.organisation.as_ref()
    }

    /// Begins a transaction's view.
    pub(crate) fn draft(&self) -> Draft<'_> {
        Draft { base: self, changes: Changes::default() }
    }

    /// Makes true what has been committed.
    pub(crate) fn apply(&mut self, changes: Changes) {
        let Changes { organisation, files, by_tag } = changes;
        if organisation.is_some() {
            self.organisation = organisation;
        }
        self.files.extend(files);
        self.by_tag.extend(by_tag);
    }
}

impl Draft<'_> {
    /// The organisation, once there is one.
    pub(crate) fn organisation(&self) -> Option<&Organisation> {
        self.changes.organisation.as_ref().or(self.base.organisation.as_ref())
    }

    /// The vault of this short name, if the device may write in it.
    pub(crate) fn writable(&self, device: DeviceId, tag: [u8; 4]) -> Option<Writable> {
        let organisation = self.organisation()?;
        let vault = self.vault(tag)?;
        if organisation.vault == vault {
            let known = organisation.is_present(device);
            return known.then_some(Writable { vault, epoch: organisation.epoch.number });
        }
        let file = self.file(vault)?;
        let departing = || file.departure_of(device, organisation).map(|departure| departure.epoch);
        let epoch = if file.is_member(device, organisation) { Some(file.epoch.number) } else { departing() };
        epoch.filter(|_| organisation.is_present(device)).map(|epoch| Writable { vault, epoch })
    }

    /// Whether a vault has been erased by law: nothing of it is kept from then on.
    pub(crate) fn is_erased(&self, vault: VaultId) -> bool {
        self.file(vault).is_some_and(|file| file.erased)
    }

    /// Whether a segment that ends at `head` may count: its author belongs, or wrote it before they left.
    pub(crate) fn counts(&self, chain: &Chain, head: Head) -> bool {
        let Some(organisation) = self.organisation() else { return false };
        let gone_from_all = organisation.removed.get(&chain.device);
        if organisation.vault == chain.vault {
            let known = organisation.devices.contains_key(&chain.device);
            return known && gone_from_all.is_none_or(|removal| removal.keeps(chain.lane, head));
        }
        let Some(file) = self.file(chain.vault) else { return false };
        match file.removed.get(&chain.device) {
            Some(removal) => removal.keeps(chain.lane, head),
            None => {
                let departs = || file.departure_of(chain.device, organisation).is_some();
                gone_from_all.is_none() && (file.is_member(chain.device, organisation) || departs())
            }
        }
    }

    /// The vault of this short name, if the device has left it or has to.
    pub(crate) fn left(&self, device: DeviceId, tag: [u8; 4]) -> Option<Left> {
        let organisation = self.organisation()?;
        let vault = self.vault(tag)?;
        if organisation.vault == vault {
            let removal = organisation.removed.get(&device).cloned();
            return removal.map(|removal| Left { vault, removal: Some(removal) });
        }
        let file = self.file(vault)?;
        let removal = file.removed.get(&device).cloned();
        let of_it = file.members.contains(&device) || file.departing.contains_key(&device);
        let gone = of_it && organisation.removed.contains_key(&device);
        (removal.is_some() || gone).then_some(Left { vault, removal })
    }

    /// Takes the next record of any log, or leaves everything as it was; returns the devices it lets in.
    ///
    /// `now_ms` is `None` when a log is read again that was checked when it arrived.
    pub(crate) fn take(
        &mut self,
        signed: &SignedRecord,
        now_ms: Option<i64>,
    ) -> Result<Vec<DeviceId>, LogRefusal> {
        let vault = signed.record.vault;
        match self.organisation().map(|organisation| organisation.vault) {
            None => {
                self.changes.organisation = Some(Organisation::found(signed)?);
                self.changes.by_tag.insert(vault.tag(), vault);
            }
            Some(own) if own == vault => self.continue_organisation(signed, now_ms)?,
            Some(_) if self.file(vault).is_some() => self.continue_file(signed)?,
            Some(_) if signed.record.number == 0 => self.found_file(signed)?,
            Some(_) => return Err(LogRefusal::NotNext),
        }
        let mut admitted = admitted(&signed.record.act);
        // Whoever let a device in may not have known its newer names.
        if let Some(organisation) = self.organisation().filter(|_| !admitted.is_empty()) {
            let newer = organisation.renewals.keys().copied().filter(|device| {
                let mut names = organisation.names_of(*device);
                !admitted.contains(device) && names.any(|name| admitted.contains(&name))
            });
            let newer: Vec<_> = newer.collect();
            admitted.extend(newer);
        }
        Ok(admitted)
    }

    /// What to apply once the transaction is durable.
    pub(crate) fn into_changes(self) -> Changes {
        self.changes
    }

    fn vault(&self, tag: [u8; 4]) -> Option<VaultId> {
        self.changes.by_tag.get(&tag).or_else(|| self.base.by_tag.get(&tag)).copied()
    }

    fn file(&self, vault: VaultId) -> Option<&CaseFile> {
        self.changes.files.get(&vault).or_else(|| self.base.files.get(&vault))
    }

    fn continue_organisation(
        &mut self,
        signed: &SignedRecord,
        now_ms: Option<i64>,
    ) -> Result<(), LogRefusal> {
        if self.changes.organisation.is_none() {
            self.changes.organisation = self.base.organisation.clone();
        }
        self.changes.organisation.as_mut().ok_or(LogRefusal::NotNext)?.take(signed, now_ms)
    }

    fn continue_file(&mut self, signed: &SignedRecord) -> Result<(), LogRefusal> {
        let mut file = self.file(signed.record.vault).ok_or(LogRefusal::NotNext)?.clone();
        file.take(signed, self.organisation().ok_or(LogRefusal::NotAllowed)?)?;
        self.changes.files.insert(file.vault, file);
        Ok(())
    }

    fn found_file(&mut self, signed: &SignedRecord) -> Result<(), LogRefusal> {
        let vault = signed.record.vault;
        // Segments name their vault by its tag alone, so two vaults must never share one.
        if self.vault(vault.tag()).is_some() {
            return Err(LogRefusal::NotAllowed);
        }
        if self.base.files.len().saturating_add(self.changes.files.len()) >= VAULTS_MAX {
            return Err(LogRefusal::OverLimit);
        }
        let organisation = self.organisation().ok_or(LogRefusal::NotAllowed)?;
        let file = CaseFile::found(signed, organisation).map_err(|refusal| match refusal {
            // Nothing precedes it, so there is nothing to fetch and no use in trying again.
            LogRefusal::NotNext => LogRefusal::NotAllowed,
            other => other,
        })?;
        self.changes.by_tag.insert(vault.tag(), vault);
        self.changes.files.insert(vault, file);
        Ok(())
    }
}

fn admitted(act: &Act) -> Vec<DeviceId> {
    match act {
        Act::FoundOrganisation { founder, .. } => vec![founder.device],
        Act::Join { card, .. } => vec![card.device],
        Act::FoundCaseFile { wraps, .. } | Act::Admit { wraps, .. } => {
            wraps.iter().map(|to| to.device).collect()
        }
        Act::Recover { card, .. } | Act::Renew { card } => vec![card.device],
        Act::Invite { .. } | Act::Rotate { .. } | Act::Resolve { .. } | Act::ChangeRole { .. } => Vec::new(),
        Act::AskToErase { .. } | Act::KeepAfterAll { .. } | Act::Erase { .. } => Vec::new(),
        Act::Farewell { .. } | Act::Close { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::membership::Role;

    use super::*;
    use crate::people::{Log, Phone, admitting, founding_file, founding_organisation};

    const FILE: VaultId = VaultId([2; 16]);

    fn founded() -> (Directory, Phone) {
        let admin = Phone::new(1, Role::Administrator);
        let record = Log::new(VaultId([1; 16])).next(&admin, founding_organisation(&admin));
        let mut directory = Directory::default();
        let mut draft = directory.draft();
        assert_eq!(draft.take(&record, Some(0)), Ok(vec![admin.id()]));
        let changes = draft.into_changes();
        directory.apply(changes);
        (directory, admin)
    }

    #[test]
    fn a_draft_that_is_not_applied_changes_nothing() {
        let (directory, admin) = founded();
        let mut draft = directory.draft();
        draft.take(&Log::new(FILE).next(&admin, founding_file(&[admin.id()])), Some(0)).unwrap();
        assert_eq!(draft.writable(admin.id(), FILE.tag()), Some(Writable { vault: FILE, epoch: 1 }));
        drop(draft);
        assert_eq!(directory.draft().writable(admin.id(), FILE.tag()), None);
    }

    #[test]
    fn a_refused_record_leaves_its_log_where_it_was() {
        let (directory, admin) = founded();
        let stranger = Phone::new(9, Role::Mentor);
        let mut log = Log::new(FILE);
        let mut draft = directory.draft();
        draft.take(&log.next(&admin, founding_file(&[admin.id()])), Some(0)).unwrap();
        let refused = log.propose(&admin, admitting(&[stranger.id()]));
        assert_eq!(draft.take(&refused, Some(0)), Err(LogRefusal::NotAllowed));
        assert_eq!(draft.writable(stranger.id(), FILE.tag()), None);
        assert_eq!(draft.take(&log.next(&admin, admitting(&[])), Some(0)), Ok(vec![]));
    }

    #[test]
    fn nothing_comes_before_an_organisation() {
        let admin = Phone::new(1, Role::Administrator);
        let record = Log::new(FILE).next(&admin, founding_file(&[admin.id()]));
        assert!(Directory::default().draft().take(&record, Some(0)).is_err());
    }
}
