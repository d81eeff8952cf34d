//! Destroying what is kept of a vault: every sealed byte, and nothing by which its log and its chains are checked.
//!
//! The log and the heads of the chains stay: they hold no words, and by them every device learns of the erasure.

use fieldfare_protocol::id::VaultId;
use rusqlite::named_params;

use super::{Read, Write, Writer};
use crate::problem::Trouble;

impl Read<'_> {
    /// Whether anything of a vault is laid aside that came after its author had left.
    pub(crate) fn has_late(&self, vault: VaultId) -> Result<bool, Trouble> {
        let mut late = self.0.prepare_cached("SELECT EXISTS (SELECT 1 FROM late WHERE vault = :vault)")?;
        Ok(late.query_row(named_params! { ":vault": vault.as_bytes() }, |row| row.get(0))?)
    }
}

impl Write<'_> {
    /// Destroys the segments and bundles of a vault, and what is laid aside of it. Their places in the order of arrival stay
    /// known, since cursors may name them.
    pub(crate) fn erase(&self, vault: VaultId) -> Result<(), Trouble> {
        let named = named_params! { ":vault": vault.as_bytes() };
        for sql in [
            "INSERT OR IGNORE INTO moved (arrival) SELECT arrival FROM segment WHERE vault = :vault
             UNION ALL SELECT arrival FROM late WHERE vault = :vault",
            "UPDATE meta SET kept_bytes = max(0, kept_bytes - (
                 SELECT ifnull(sum(length(bytes)), 0) FROM (
                     SELECT bytes FROM segment WHERE vault = :vault UNION ALL
                     SELECT bytes FROM bundle WHERE vault = :vault UNION ALL
                     SELECT bytes FROM late WHERE vault = :vault)))",
            "DELETE FROM segment WHERE vault = :vault",
            "DELETE FROM bundle WHERE vault = :vault",
            "DELETE FROM late WHERE vault = :vault",
        ] {
            self.0.prepare_cached(sql)?.execute(named)?;
        }
        Ok(())
    }
}

impl Writer<'_> {
    /// Folds the log of changes into the database and empties it, so that nothing erased is left in it. Whoever reads at this
    /// very moment may keep it from being emptied; the next fold does it then.
    pub(crate) fn fold(&mut self) -> Result<(), Trouble> {
        Ok(self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}
