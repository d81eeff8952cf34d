//! Which vaults have to be compared with the endpoint, because it began a new life and may lack what others wrote.
//!
//! Nothing is due while it lives on. What is sent, and whether it is taken, is the exchange's.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::{Chain, Head};
use rusqlite::named_params;

use super::chains::unsigned;
use super::problem::StoreProblem;
use super::{Read, Write};

impl Read<'_> {
    /// Vaults that have to be compared, at most so many.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vaults_to_offer(&self, limit: usize) -> Result<Vec<VaultId>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM vault WHERE to_offer = 1 ORDER BY no LIMIT :limit")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(named_params! { ":limit": limit }, |row| Ok(VaultId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Chains of a vault that others wrote and something of which is here: row, chain and head.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn chains_of_others(
        &self,
        vault: VaultId,
        me: DeviceId,
    ) -> Result<Vec<(i64, Chain, Head)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT chain.no, chain.device, chain.lane, chain.head_seq, chain.head_hash
             FROM chain JOIN vault ON vault.no = chain.vault
             WHERE vault.id = :vault AND chain.device <> :me AND chain.head_seq > 0
             ORDER BY chain.lane, chain.no",
        )?;
        let mut rows = statement.query(named_params! { ":vault": vault.0, ":me": me.0 })?;
        let mut chains = Vec::new();
        while let Some(row) = rows.next()? {
            let lane = Lane::from_code(row.get(2)?).ok_or(StoreProblem::Damaged("lane"))?;
            let chain = Chain { vault, device: DeviceId(row.get(1)?), lane };
            chains.push((row.get(0)?, chain, Head { seq: unsigned(row, 3)?, hash: Hash(row.get(4)?) }));
        }
        Ok(chains)
    }
}

impl Write<'_> {
    /// Has every vault compared: the endpoint began a new life.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn offer_chains_again(&self) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE vault SET to_offer = 1 WHERE erased_at_ms IS NULL")?
            .execute([])?;
        Ok(())
    }

    /// A vault has been compared, and the endpoint has got what it takes.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn offered(&self, vault: VaultId) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE vault SET to_offer = 0 WHERE id = :vault")?
            .execute(named_params! { ":vault": vault.0 })?;
        Ok(())
    }
}
