//! Digests: what of a vault waits for one, whose are to be compared, and the one that is being worked at.
//!
//! Keeps count; what a digest covers is looked through in `look_through`, and what follows from a difference is the
//! exchange's to say.

use std::collections::{BTreeMap, HashMap};

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{seq_of, signed, unsigned};
use super::membership::kind_of;
use super::problem::StoreProblem;
use super::{Read, StoredVault, Write};
use crate::contract::RecordId;
use crate::domain::digest::{self, DIGEST_EVERY_MS, DeviceHeads, Running, SETTLED, Settled};
use crate::domain::value::Value;

/// A chain of a vault and how much of it a digest covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Covered {
    pub(super) device: DeviceId,
    pub(super) lane_code: u8,
    /// Number of the last edit that is covered, 0 if none is.
    pub(super) seq: u64,
}

/// Where the heads of a digest lie in the chains that are here, by the rows of these.
pub(super) type Coverage = HashMap<i64, Covered>;

/// A digest that is being made, or compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Of which vault.
    pub vault: StoredVault,
    /// Number of the edit that holds a colleague's digest; `None` if it is ours that is being made.
    pub edit: Option<i64>,
    /// Up to where; of one that is compared, with its hash.
    pub settled: Settled,
    /// The field up to which everything is looked through.
    pub after: (RecordId, String),
    /// The hash so far.
    pub running: Running,
    /// Values found so far that stand and must not, or do not and must.
    pub faults: u64,
}

/// Somebody's digest that has not been compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncompared {
    /// Number of its edit.
    pub edit: i64,
    /// The record that holds it.
    pub record: RecordId,
    /// Whose it is.
    pub device: DeviceId,
    /// Of which vault.
    pub vault: StoredVault,
    /// What it says; `None` if this version cannot compare it.
    pub settled: Option<Settled>,
}

/// Whether something of a vault is settled here, or held by the endpoint if it is ours, and covered by no digest that this
/// store agrees with.
const SOMETHING_WAITS: &str = "EXISTS (
    SELECT 1 FROM (SELECT no, digested_seq,
                          CASE WHEN device = :me THEN min(head_seq, acked_seq) ELSE head_seq END AS seq
                   FROM chain WHERE chain.vault = vault.no) AS ready
    WHERE ready.seq > ready.digested_seq AND EXISTS (
        SELECT 1 FROM edit JOIN record ON record.id = edit.record
        WHERE edit.no > (ready.no << 40) + ready.digested_seq AND edit.no <= (ready.no << 40) + ready.seq
          AND record.kind <> :digest))";

impl Pass {
    /// A pass that has yet to begin.
    #[must_use]
    pub fn begin(vault: StoredVault, edit: Option<i64>, settled: Settled) -> Self {
        let running = Running::begin(vault.id);
        Self { vault, edit, settled, after: (RecordId([0; 16]), String::new()), running, faults: 0 }
    }
}

impl Read<'_> {
    /// How far every chain of a vault is settled here and held by the endpoint; `None` if two devices cannot be told apart,
    /// or nothing is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn heads_of_vault(
        &self,
        vault_no: i64,
        me: DeviceId,
    ) -> Result<Option<Vec<DeviceHeads>>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT device, lane, CASE WHEN device = :me THEN min(head_seq, acked_seq) ELSE head_seq END
             FROM chain WHERE vault = :vault ORDER BY device, lane",
        )?;
        let mut rows = statement.query(named_params! { ":vault": vault_no, ":me": me.0 })?;
        let mut heads: BTreeMap<[u8; 4], (DeviceId, DeviceHeads)> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (device, seq) = (DeviceId(row.get(0)?), unsigned(row, 2)?);
            let tag = device.tag();
            let lane = usize::from(row.get::<_, u8>(1)?);
            let fresh = || (device, DeviceHeads { tag, seqs: [0; Lane::ALL.len()] });
            let (known, of_device) = heads.entry(tag).or_insert_with(fresh);
            if *known != device {
                return Ok(None);
            }
            *of_device.seqs.get_mut(lane).ok_or(StoreProblem::Damaged("lane"))? = seq;
        }
        let heads: Vec<_> = heads.into_values().map(|(_, heads)| heads).collect();
        let some = heads.iter().any(|heads| heads.seqs.iter().any(|seq| *seq > 0));
        Ok(Some(heads).filter(|_| some))
    }

    /// Where the heads of a digest lie in the chains that are here; `None` while something before them is missing.
    pub(super) fn coverage(
        &self,
        vault_no: i64,
        heads: &[DeviceHeads],
    ) -> Result<Option<Coverage>, StoreProblem> {
        let mut named: BTreeMap<([u8; 4], usize), u64> = BTreeMap::new();
        for of_device in heads {
            for (lane, seq) in of_device.seqs.iter().enumerate().filter(|(_, seq)| **seq > 0) {
                named.insert((of_device.tag, lane), *seq);
            }
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT no, device, lane, head_seq FROM chain WHERE vault = :vault")?;
        let mut rows = statement.query(named_params! { ":vault": vault_no })?;
        let (mut coverage, mut names) = (Coverage::new(), BTreeMap::new());
        while let Some(row) = rows.next()? {
            let (device, lane, head) = (DeviceId(row.get(1)?), row.get::<_, u8>(2)?, unsigned(row, 3)?);
            // Of two devices with one tag nobody knows whose heads these are.
            if *names.entry(device.tag()).or_insert(device) != device {
                return Ok(None);
            }
            let seq = named.remove(&(device.tag(), usize::from(lane))).unwrap_or(0);
            if head < seq {
                return Ok(None);
            }
            coverage.insert(row.get(0)?, Covered { device, lane_code: lane, seq });
        }
        Ok(named.is_empty().then_some(coverage))
    }

    /// Whether everything that a digest covers is here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn covers(&self, vault_no: i64, settled: &Settled) -> Result<bool, StoreProblem> {
        Ok(self.coverage(vault_no, &settled.heads)?.is_some())
    }

    /// Whether everything that came in a vault was understood by this version.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn understands(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM not_understood JOIN chain ON chain.no = not_understood.edit >> 40
             WHERE chain.vault = :vault LIMIT 1",
        )?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, |_| Ok(())).optional()?.is_none())
    }

    /// Vaults of which something has waited for a digest for long enough, the longest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vaults_to_digest(&self, now_ms: i64) -> Result<Vec<StoredVault>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT no, id, kind FROM vault WHERE abs(:now - undigested_since_ms) >= :every
             ORDER BY undigested_since_ms, no",
        )?;
        let named = named_params! { ":now": now_ms, ":every": signed(DIGEST_EVERY_MS)? };
        let mut rows = statement.query(named)?;
        let mut vaults = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = kind_of(&row.get::<_, String>(2)?)?;
            vaults.push(StoredVault { no: row.get(0)?, id: VaultId(row.get(1)?), kind });
        }
        Ok(vaults)
    }

    /// Colleagues' digests that have not been compared with what is here, the oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn uncompared_digests(&self, me: DeviceId) -> Result<Vec<Uncompared>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(edit.no), digest.id, chain.device, vault.no, vault.id, vault.kind, edit.value
             FROM digest JOIN vault ON vault.no = digest.vault
                  JOIN edit ON edit.record = digest.id AND edit.field = :field AND edit.standing = 1
                  JOIN chain ON chain.no = edit.no >> 40 AND chain.vault = digest.vault
             WHERE chain.device <> :me
             GROUP BY digest.no, chain.device HAVING max(edit.no) <> digest.looked_at
             ORDER BY edit.stamp, edit.no",
        )?;
        let mut rows = statement.query(named_params! { ":field": SETTLED.name, ":me": me.0 })?;
        let mut digests = Vec::new();
        while let Some(row) = rows.next()? {
            let (record, device) = (RecordId(row.get(1)?), DeviceId(row.get(2)?));
            let kind = kind_of(&row.get::<_, String>(5)?)?;
            let vault = StoredVault { no: row.get(3)?, id: VaultId(row.get(4)?), kind };
            // Nobody says a digest for another device.
            if record != digest::record_of(vault.id, device) {
                continue;
            }
            let settled = match Value::from_bytes(&row.get::<_, Vec<u8>>(6)?) {
                Some(Value::Bytes(bytes)) => Settled::from_bytes(&bytes),
                _ => None,
            };
            digests.push(Uncompared { edit: row.get(0)?, record, device, vault, settled });
        }
        Ok(digests)
    }

    /// The digest that was being worked at when the last exchange ended.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if it cannot be read.
    pub fn pass(&self) -> Result<Option<Pass>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT vault.no, vault.id, vault.kind, edit, heads, record, field, hash, faults
             FROM digest_pass JOIN vault ON vault.no = digest_pass.vault",
        )?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let kind = kind_of(&row.get::<_, String>(2)?)?;
        let edit: i64 = row.get(3)?;
        let settled = Settled::from_bytes(&row.get::<_, Vec<u8>>(4)?);
        Ok(Some(Pass {
            vault: StoredVault { no: row.get(0)?, id: VaultId(row.get(1)?), kind },
            edit: Some(edit).filter(|edit| *edit != 0),
            settled: settled.ok_or(StoreProblem::Damaged("digest"))?,
            after: (RecordId(row.get(5)?), row.get(6)?),
            running: Running(Hash(row.get(7)?)),
            faults: unsigned(row, 8)?,
        }))
    }

    /// The author of an edit and its number in their chain.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn author_of(&self, edit: i64) -> Result<Option<(DeviceId, u64)>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT device FROM chain WHERE no = :edit >> 40")?;
        let device: Option<[u8; 16]> =
            statement.query_row(named_params! { ":edit": edit }, |row| row.get(0)).optional()?;
        Ok(device.map(|device| (DeviceId(device), seq_of(edit))))
    }
}

impl Write<'_> {
    /// Remembers since when casework of each vault has waited for a digest, where none waited yet. Digests do not count.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn note_undigested(&self, me: DeviceId, now_ms: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(&format!(
                "UPDATE vault SET undigested_since_ms = :now WHERE undigested_since_ms IS NULL AND {SOMETHING_WAITS}"
            ))?
            .execute(named_params! { ":me": me.0, ":now": now_ms, ":digest": digest::KIND.name })?;
        Ok(())
    }

    /// Forgets since when a vault has waited if nothing of it waits any more.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn forget_undigested(&self, vault_no: i64, me: DeviceId) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(&format!(
                "UPDATE vault SET undigested_since_ms = NULL WHERE no = :vault AND NOT {SOMETHING_WAITS}"
            ))?
            .execute(named_params! { ":me": me.0, ":vault": vault_no, ":digest": digest::KIND.name })?;
        Ok(())
    }

    /// Notes that everything up to these heads is covered by a digest with which this store agrees.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn digested(&self, vault_no: i64, heads: &[DeviceHeads]) -> Result<(), StoreProblem> {
        let Some(coverage) = self.read().coverage(vault_no, heads)? else { return Ok(()) };
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE chain SET digested_seq = max(digested_seq, :seq) WHERE no = :no")?;
        for (no, covered) in coverage {
            statement.execute(named_params! { ":seq": signed(covered.seq)?, ":no": no })?;
        }
        Ok(())
    }

    /// The waiting of a vault for a digest begins anew, if anything still waits.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn digest_written(&self, vault_no: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE vault SET undigested_since_ms = NULL WHERE no = :vault")?
            .execute(named_params! { ":vault": vault_no })?;
        Ok(())
    }

    /// Notes that a digest was compared, or cannot be.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn digest_looked_at(&self, record: RecordId, edit: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE digest SET looked_at = :edit WHERE id = :record")?
            .execute(named_params! { ":edit": edit, ":record": record.0 })?;
        Ok(())
    }

    /// Keeps how far the work at a digest has come.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_pass(&self, pass: &Pass) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO digest_pass (only, vault, edit, heads, record, field, hash, faults)
             VALUES (1, :vault, :edit, :heads, :record, :field, :hash, :faults)",
        )?;
        statement.execute(named_params! {
            ":vault": pass.vault.no,
            ":edit": pass.edit.unwrap_or(0),
            ":heads": pass.settled.to_bytes(),
            ":record": pass.after.0.0,
            ":field": pass.after.1,
            ":hash": pass.running.0.0,
            ":faults": signed(pass.faults)?,
        })?;
        Ok(())
    }

    /// Ends the work at a digest.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn end_pass(&self) -> Result<(), StoreProblem> {
        self.transaction.prepare_cached("DELETE FROM digest_pass")?.execute([])?;
        Ok(())
    }

    /// Remembers that an edit which brings a value never stood, though nobody replaced it.
    pub(super) fn never_stood(&self, no: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("INSERT OR IGNORE INTO never_stood (edit) VALUES (:no)")?
            .execute(named_params! { ":no": no })?;
        Ok(())
    }
}
