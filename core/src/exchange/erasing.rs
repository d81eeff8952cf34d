//! What a device does when the log of a vault says that it is erased: it destroys what it has, and takes nothing back.
//!
//! Believed is the log alone, signed by two people who coordinate; what an endpoint says or lacks destroys nothing.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::VaultKind;

use super::logs::Logs;
use crate::contract::RecordId;
use crate::store::{Read, StoreProblem, StoredVault, Write};

impl Logs {
    /// Destroys what is here of a vault whose log says that it is erased, once the endpoint keeps the record. A log that was
    /// told in two ways destroys nothing: only one of them says so.
    pub(super) fn erase_where_it_stands(
        &mut self,
        write: &Write<'_>,
        vault: &StoredVault,
        me: DeviceId,
        now_ms: i64,
    ) -> Result<(), StoreProblem> {
        let read = write.read();
        if vault.kind != VaultKind::CaseFile
            || !self.file(&read, vault.no)?.erased
            || read.is_erased(vault.no)?
            || read.has_two_histories(vault.no)?
            || !read.unsent_records_of(vault.no)?.is_empty()
        {
            return Ok(());
        }
        let case = read.case_of_vault(vault.no)?.map(RecordId::from);
        let touched = write.erase_vault(vault, me, now_ms)?;
        write.note_in_audit(now_ms, "case_erased", case)?;
        self.erased.extend(touched);
        Ok(())
    }
}

/// Whether nothing of a vault is taken in any more, whoever brings it.
pub(super) fn is_over(read: &Read<'_>, vault: VaultId) -> Result<bool, StoreProblem> {
    let Some(vault) = read.vault(vault)? else { return Ok(false) };
    read.is_erased(vault.no)
}
