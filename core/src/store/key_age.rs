//! How old the keys of vaults are, whether anything was written under them, and which of them somebody mistrusts.
//!
//! Tells which keys are due; who changes one, and whether that counts, is the membership log's.

use std::collections::BTreeSet;

use rusqlite::named_params;

use super::problem::StoreProblem;
use super::{Read, Write};

/// How long a key is written under, in days.
const KEY_DAYS: i64 = 30;
const KEY_MS: i64 = KEY_DAYS * 86_400_000;

impl Read<'_> {
    /// Vaults whose newest key that is here has to be changed at `now_ms`: it is 30 days old and something was written
    /// under it, or somebody mistrusts it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keys_due(&self, now_ms: i64) -> Result<BTreeSet<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT vault.no FROM vault JOIN epoch ON epoch.vault = vault.no
             WHERE epoch.number = (SELECT max(number) FROM epoch WHERE epoch.vault = vault.no)
               AND (vault.mistrusted = epoch.number
                    OR epoch.since_ms <= :old AND EXISTS (
                        SELECT 1 FROM chain JOIN segment ON segment.chain = chain.no
                        WHERE chain.vault = vault.no AND ifnull(segment.held_at_ms, epoch.since_ms) >= epoch.since_ms))",
        )?;
        let old = now_ms.saturating_sub(KEY_MS);
        let due = statement.query_map(named_params! { ":old": old }, |row| row.get(0))?;
        Ok(due.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Notes that keys which have come since are in use at `now_ms`, by the endpoint's clock. A time that has not come
    /// yet was a wrong one.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn date_keys(&self, now_ms: i64) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE epoch SET since_ms = :now WHERE since_ms IS NULL OR since_ms > :now")?;
        statement.execute(named_params! { ":now": now_ms })?;
        Ok(())
    }

    /// Has the newest key of a vault changed with the next exchange. Any newer one, whoever made it, will do.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn mistrust_key(&self, vault_no: i64) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE vault SET mistrusted = (SELECT max(number) FROM epoch WHERE epoch.vault = vault.no)
             WHERE no = :vault",
        )?;
        statement.execute(named_params! { ":vault": vault_no })?;
        Ok(())
    }
}
