//! Work that can fail alone: a savepoint inside a transaction, and the one door at which a library's panic is caught.
//!
//! Knows neither what is attempted nor why it failed. Only a panic is undone here; any other problem ends the transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Write;
use super::problem::StoreProblem;

impl Write<'_> {
    /// Does something within the transaction. If it panics, everything it wrote is taken back and the answer is `None`;
    /// what it holds in memory is the caller's to put back.
    ///
    /// # Errors
    /// Whatever the work or the database reports; the transaction has to end then.
    pub fn attempt<T, E: From<StoreProblem>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let unindexed = self.unindexed.borrow().clone();
        self.say("SAVEPOINT attempt")?;
        let done = catch_unwind(AssertUnwindSafe(work));
        if done.is_err() {
            self.say("ROLLBACK TO attempt")?;
            self.unindexed.replace(unindexed);
        }
        let done = done.ok().transpose()?;
        self.say("RELEASE attempt")?;
        Ok(done)
    }

    fn say(&self, sql: &str) -> Result<(), StoreProblem> {
        self.transaction.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::VaultId;
    use fieldfare_protocol::membership::VaultKind;

    use super::*;
    use crate::store::Store;

    #[test]
    fn what_panics_is_undone_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        let add = |write: &Write<'_>, id: u8| write.add_vault(VaultId([id; 16]), VaultKind::CaseFile);
        store
            .write(|write| {
                add(write, 1)?;
                let failed = write.attempt(|| {
                    add(write, 2)?;
                    std::panic::resume_unwind(Box::new(()));
                    #[allow(unreachable_code, reason = "says of which type the work is")]
                    Ok::<i64, StoreProblem>(0)
                })?;
                assert_eq!(failed, None);
                assert!(write.attempt(|| add(write, 3))?.is_some());
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
        let vaults = store.read(|read| read.vaults()).unwrap();
        assert_eq!(vaults.iter().map(|vault| vault.id.0[0]).collect::<Vec<_>>(), [1, 3]);
    }
}
