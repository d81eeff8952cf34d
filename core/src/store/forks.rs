//! A vault whose log has forked: the branch that does not stand any more, and keys that only such a branch had.
//!
//! Rows only. Which branch stands, and what ends a fork, the exchange decides.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Act, SignedRecord};
use rusqlite::named_params;
use zeroize::Zeroizing;

use super::membership::kind_of;
use super::problem::StoreProblem;
use super::{Alarm, Read, StoredVault, Write};
use crate::vault::Secret;

impl Read<'_> {
    /// Vaults of whose log two histories are known.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn forked_vaults(&self) -> Result<Vec<StoredVault>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT no, id, kind FROM vault WHERE two_histories <> 0 ORDER BY no")?;
        let mut rows = statement.query([])?;
        let mut vaults = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = kind_of(&row.get::<_, String>(2)?)?;
            vaults.push(StoredVault { no: row.get(0)?, id: VaultId(row.get(1)?), kind });
        }
        Ok(vaults)
    }

    /// The records of the branch that does not stand any more, with their numbers, oldest first; none if the log has not
    /// forked, or only one branch is here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn other_branch(&self, vault_no: i64) -> Result<Vec<(u32, Vec<u8>)>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT number, bytes FROM other_branch WHERE vault = :vault ORDER BY number")?;
        let rows = statement
            .query_map(named_params! { ":vault": vault_no }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether both branches of a forked log still have the key that they had when they parted: whoever holds it was let in
    /// by a member, and nobody was let out. What is sealed under it tells nobody more than it would have without the fork.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn branches_have_one_key(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let other = self.other_branch(vault_no)?;
        let Some((from, _)) = other.first() else { return Ok(false) };
        let standing = self.log(vault_no)?.into_iter().skip(*from as usize).map(|(bytes, _)| bytes);
        let mut both = standing.chain(other.iter().map(|(_, bytes)| bytes.clone()));
        let admits = |bytes: Vec<u8>| {
            SignedRecord::parse(&bytes).is_ok_and(|signed| matches!(signed.record.act, Act::Admit { .. }))
        };
        Ok(both.all(admits))
    }

    /// Keys of branches that stand no more, by the numbers of their epochs.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn other_keys(&self, vault_no: i64) -> Result<Vec<(u32, Secret<32>)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, key FROM other_epoch WHERE vault = :vault ORDER BY number, key",
        )?;
        let mut rows = statement.query(named_params! { ":vault": vault_no })?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let key = Zeroizing::new(row.get::<_, [u8; 32]>(1)?);
            keys.extend(Secret::from_slice(key.as_slice()).map(|key| (row.get(0), key)));
        }
        keys.into_iter().map(|(number, key)| Ok((number?, key))).collect()
    }

    /// Every key that something under an epoch of this number may be sealed with.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keys_of_epoch(&self, vault_no: i64, number: u32) -> Result<Vec<Secret<32>>, StoreProblem> {
        let others = self.other_keys(vault_no)?.into_iter().filter(|(other, _)| *other == number);
        Ok(self.epoch_key(vault_no, number)?.into_iter().chain(others.map(|(_, key)| key)).collect())
    }
}

impl Write<'_> {
    /// The log of a vault has forked at a record: what stands from there on makes room for the other branch. Keys after
    /// the last epoch that both have are laid beside.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn change_branch(
        &self,
        vault: &StoredVault,
        me: DeviceId,
        from_number: u32,
        common_epoch: u32,
        now_ms: i64,
    ) -> Result<(), StoreProblem> {
        let records = named_params! { ":vault": vault.no, ":from": from_number };
        for sql in [
            "INSERT INTO other_branch (vault, number, bytes)
             SELECT vault, number, bytes FROM membership WHERE vault = :vault AND number >= :from",
            "DELETE FROM membership WHERE vault = :vault AND number >= :from",
        ] {
            self.transaction.prepare_cached(sql)?.execute(records)?;
        }
        let keys = named_params! { ":vault": vault.no, ":common": common_epoch };
        for sql in [
            "INSERT OR IGNORE INTO other_epoch (vault, number, key)
             SELECT vault, number, key FROM epoch WHERE vault = :vault AND number > :common",
            "DELETE FROM epoch WHERE vault = :vault AND number > :common",
        ] {
            self.transaction.prepare_cached(sql)?.execute(keys)?;
        }
        self.note_two_histories(vault.no)?;
        self.raise_alarm(Alarm::LogForked, vault.id, me, u64::from(from_number), now_ms)
    }

    /// Keeps a key of a branch that stands no more.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_other_key(&self, vault_no: i64, number: u32, key: &[u8; 32]) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO other_epoch (vault, number, key) VALUES (:vault, :number, :key)",
            )?
            .execute(named_params! { ":vault": vault_no, ":number": number, ":key": key })?;
        Ok(())
    }

    /// The fork of a log has ended: people write there again, and what the endpoint did not take of others' is offered anew.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn end_fork(&self, vault: &StoredVault, me: DeviceId) -> Result<(), StoreProblem> {
        let named = named_params! { ":vault": vault.no };
        for sql in [
            "DELETE FROM other_branch WHERE vault = :vault",
            "UPDATE vault SET two_histories = 0, to_offer = 1 WHERE no = :vault",
        ] {
            self.transaction.prepare_cached(sql)?.execute(named)?;
        }
        self.lower_alarm(Alarm::LogForked, vault.id, me)
    }
}
