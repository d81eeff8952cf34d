//! Who reads which vault: from when, and for those who have left, until when.
//!
//! Follows what a record of a log says; whether it may is decided before.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Act, Role, SignedRecord};
use rusqlite::named_params;

use super::Write;
use crate::problem::Trouble;

impl Write<'_> {
    /// Lets in and out whom a record lets in and out, as of its arrival.
    pub(super) fn follow_members(
        &self,
        signed: &SignedRecord,
        admitted: &[DeviceId],
        arrival: i64,
    ) -> Result<(), Trouble> {
        let vault = signed.record.vault;
        for device in admitted {
            self.let_in(*device, vault, arrival)?;
        }
        match &signed.record.act {
            Act::FoundOrganisation { founder: card, .. } | Act::Join { card, .. } => {
                if card.role != Role::Mentor {
                    self.hand_out_late(card.device, vault, true)?;
                }
            }
            Act::Recover { card, .. } => {
                self.let_in_everywhere(card.device, arrival)?;
                self.hand_out_late(card.device, vault, true)?;
            }
            Act::Rotate { rotation, .. } => {
                for leaving in &rotation.removed {
                    self.let_out_or_depart(leaving.device, vault, arrival)?;
                }
            }
            Act::Farewell { left, .. } | Act::Close { left, .. } => {
                for leaving in left {
                    self.let_out(leaving.device, vault, arrival)?;
                }
            }
            Act::Resolve { rotation, other, .. } => {
                for leaving in rotation.removed.iter().chain(&other.apart) {
                    self.let_out(leaving.device, vault, arrival)?;
                }
            }
            Act::Renew { card } => self.let_in_as(card.device, signed.record.author, arrival)?,
            Act::ChangeRole { role, devices, .. } => {
                for device in devices {
                    self.hand_out_late(*device, vault, *role != Role::Mentor)?;
                }
            }
            Act::Erase { .. } => self.tell_everybody(vault, arrival)?,
            Act::FoundCaseFile { .. } | Act::Admit { .. } | Act::Invite { .. } => {}
            Act::AskToErase { .. } | Act::KeepAfterAll { .. } => {}
        }
        Ok(())
    }

    fn let_in(&self, device: DeviceId, vault: VaultId, since: i64) -> Result<(), Trouble> {
        self.0
            .prepare_cached(
                "INSERT INTO member (device, vault, since) VALUES (:device, :vault, :since)
                 ON CONFLICT (device, vault) DO UPDATE SET since = excluded.since, until = NULL, departed = NULL
                 WHERE until IS NOT NULL OR departed IS NOT NULL",
            )?
            .execute(named_params! {
                ":device": device.as_bytes(), ":vault": vault.as_bytes(), ":since": since,
            })?;
        Ok(())
    }

    /// A new name reads from the beginning whatever the old one could read, the work of the copy among it.
    fn let_in_as(&self, device: DeviceId, before: DeviceId, since: i64) -> Result<(), Trouble> {
        self.0
            .prepare_cached(
                "INSERT OR IGNORE INTO member (device, vault, since, late, departed)
                 SELECT :device, vault, :since, late, departed FROM member WHERE device = :before AND until IS NULL",
            )?
            .execute(named_params! {
                ":device": device.as_bytes(), ":since": since, ":before": before.as_bytes(),
            })?;
        Ok(())
    }

    /// Whoever holds the recovery key is handed everything there is.
    fn let_in_everywhere(&self, device: DeviceId, since: i64) -> Result<(), Trouble> {
        self.0
            .prepare_cached(
                "INSERT OR IGNORE INTO member (device, vault, since)
                 SELECT :device, vault, :since FROM membership WHERE number = 0",
            )?
            .execute(named_params! { ":device": device.as_bytes(), ":since": since })?;
        Ok(())
    }

    /// Whether a device is handed what came after its author had left, besides what its vaults bring.
    fn hand_out_late(&self, device: DeviceId, organisation: VaultId, late: bool) -> Result<(), Trouble> {
        self.0
            .prepare_cached("UPDATE member SET late = :late WHERE device = :device AND vault = :vault")?
            .execute(named_params! {
                ":late": late, ":device": device.as_bytes(), ":vault": organisation.as_bytes(),
            })?;
        Ok(())
    }

    /// Whoever has left an erased vault, and still belongs to the organisation, has old words of it: they are handed its log
    /// from the beginning once more, up to its end. No segment is left that they could be handed with it.
    fn tell_everybody(&self, vault: VaultId, since: i64) -> Result<(), Trouble> {
        self.0
            .prepare_cached(
                "UPDATE member SET since = :since, until = NULL WHERE vault = :vault AND until IS NOT NULL
                   AND device IN (SELECT device FROM member AS own
                                  WHERE own.vault = (SELECT organisation FROM meta) AND own.until IS NULL)",
            )?
            .execute(named_params! { ":since": since, ":vault": vault.as_bytes() })?;
        Ok(())
    }

    /// Who departs from a case's file goes on reading its log, to whose end a last word has to be added, and no later
    /// segment. Whoever does not belong to the organisation any more is let out.
    fn let_out_or_depart(&self, device: DeviceId, vault: VaultId, arrival: i64) -> Result<(), Trouble> {
        let departs: bool = self
            .0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM member AS own JOIN meta ON own.vault = meta.organisation
                                WHERE own.device = :device AND own.until IS NULL AND own.vault <> :vault)",
            )?
            .query_row(named_params! { ":device": device.as_bytes(), ":vault": vault.as_bytes() }, |row| {
                row.get(0)
            })?;
        if !departs {
            return self.let_out(device, vault, arrival);
        }
        self.0
            .prepare_cached(
                "UPDATE member SET departed = :arrival WHERE device = :device AND vault = :vault
                   AND departed IS NULL",
            )?
            .execute(named_params! {
                ":arrival": arrival, ":device": device.as_bytes(), ":vault": vault.as_bytes(),
            })?;
        Ok(())
    }

    /// Who has left a vault reads its log up to the record that says so, and no segment. Who has left the organisation
    /// reads nothing else at all.
    fn let_out(&self, device: DeviceId, vault: VaultId, until: i64) -> Result<(), Trouble> {
        self.0
            .prepare_cached(
                "UPDATE member SET until = :until, late = 0 WHERE device = :device AND vault = :vault",
            )?
            .execute(named_params! {
                ":until": until, ":device": device.as_bytes(), ":vault": vault.as_bytes(),
            })?;
        self.0
            .prepare_cached(
                "DELETE FROM member WHERE device = :device AND vault <> :vault
                   AND :vault = (SELECT organisation FROM meta)",
            )?
            .execute(named_params! { ":device": device.as_bytes(), ":vault": vault.as_bytes() })?;
        Ok(())
    }
}
