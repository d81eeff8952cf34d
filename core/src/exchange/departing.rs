//! The end of a departure: the last word of a device that has handed a case on, or somebody else's in its place.
//!
//! Until then whatever it writes under the keys it holds counts, concerns above all.

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{CaseFile, Leaving, Organisation, VaultKind};

use super::leaving::leaving;
use super::logs::Logs;
use crate::contract::Problem;
use crate::domain::case::DEPARTING_MS;
use crate::store::{Read, StoreProblem, StoredVault, Write};
use crate::vault::members::{self, Signer};

impl Logs {
    /// Says the last word of this device in every file that it has handed on [`DEPARTING_MS`] ago and in which everything
    /// has arrived, and that of every device which the organisation has removed meanwhile.
    pub(super) fn end_departures(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        now_ms: i64,
    ) -> Result<(), Problem> {
        let read = write.read();
        let organisation = self.organisation().clone();
        if !organisation.is_present(me.device) {
            return Ok(());
        }
        for vault in read.vaults()?.into_iter().filter(|vault| vault.kind == VaultKind::CaseFile) {
            let file = self.file(&read, vault.no)?.clone();
            let departs = file.departure_of(me.device, &organisation).is_some();
            let since_ms = read.departs_since(vault.no)?;
            if departs != since_ms.is_some() {
                write.set_departs_since(vault.no, departs.then_some(now_ms))?;
            }
            write.set_has_left(vault.no, file.removed.contains_key(&me.device))?;
            if file.departing.is_empty()
                || file.erased
                || read.has_two_histories(vault.no)?
                || !read.unsent_records_of(vault.no)?.is_empty()
            {
                continue;
            }
            let as_of = read.records_kept(organisation.vault)?;
            let ending: Vec<DeviceId> = if departs {
                let over = since_ms.is_some_and(|since_ms| now_ms.saturating_sub(since_ms) >= DEPARTING_MS);
                if over && !has_unsent(&read, &vault, me)? {
                    organisation.line_of(me.device)
                } else {
                    Vec::new()
                }
            } else {
                let mut gone = file.has_to_be_closed(&organisation);
                gone.retain(|device| organisation.was_removed(*device, as_of));
                gone
            };
            let left = last_words(&read, &vault, &file, &organisation, &ending)?;
            let may = departs || file.is_member(me.device, &organisation);
            if left.is_empty() || !may || !self.tries_once_more(vault.no) {
                continue;
            }
            let Ok(signed) = members::end_departure(&file, as_of, left, me, &organisation) else { continue };
            if self.continue_log(write, &vault, &signed)?.is_some() {
                write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            }
        }
        Ok(())
    }
}

/// Whether anything that this device wrote in a vault has not arrived.
fn has_unsent(read: &Read<'_>, vault: &StoredVault, me: &Signer<'_>) -> Result<bool, StoreProblem> {
    Ok(read.outgoing(me.device)?.iter().any(|waits| waits.chain.vault == vault.id))
}

/// Where the lanes of those of some devices end that depart, as far as their work has come here.
///
/// # Errors
/// Only the store's own.
pub fn last_words(
    read: &Read<'_>,
    vault: &StoredVault,
    file: &CaseFile,
    organisation: &Organisation,
    devices: &[DeviceId],
) -> Result<Vec<Leaving>, StoreProblem> {
    let departing = devices.iter().filter(|device| file.departing.contains_key(device));
    let cards = departing.filter_map(|device| organisation.devices.get(device));
    cards.map(|card| leaving(read, vault, card)).collect()
}
