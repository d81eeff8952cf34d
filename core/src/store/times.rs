//! Times that cannot be true: an edit whose stamp is off is marked, and put in order by when the endpoint held it.
//!
//! Changes nothing that travels and nothing that decides between values: the stamp itself stays as its author wrote it.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, named_params};

use super::chains::edit_no;
use super::problem::StoreProblem;
use super::{Read, Write};
use crate::domain::stamp::{DOUBTFUL_MS_MAX, Plausible, Stamp};

/// What a stamp is believed to be that is off by so many milliseconds.
pub(super) fn believed(stamp: Stamp, off_ms: i64) -> Stamp {
    if off_ms == 0 { stamp } else { Stamp::at_ms(stamp.ms().saturating_sub(off_ms)) }
}

impl Read<'_> {
    /// When the case of a vault was opened, in milliseconds since 1970, if it is here and that time can be believed.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn case_opened_ms(&self, vault_no: i64) -> Result<Option<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT made_stamp FROM casework
             WHERE vault = :vault AND made_ahead_ms BETWEEN -:most AND :most ORDER BY made_stamp LIMIT 1",
        )?;
        let named = named_params! { ":vault": vault_no, ":most": DOUBTFUL_MS_MAX };
        let stamp: Option<i64> = statement.query_row(named, |row| row.get(0)).optional()?;
        Ok(stamp.map(|stamp| Stamp(stamp.cast_unsigned()).ms()))
    }

    /// When an edit of a vault can have been made that the endpoint held at a moment.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn plausible(&self, vault_no: i64, held_at_ms: i64) -> Result<Plausible, StoreProblem> {
        let not_before_ms = self.case_opened_ms(vault_no)?.unwrap_or(i64::MIN);
        Ok(Plausible { not_before_ms, held_at_ms })
    }
}

impl Write<'_> {
    /// Marks an edit whose stamp is off.
    pub(super) fn set_off(&self, no: i64, off_ms: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE edit SET off_ms = :off_ms WHERE no = :no")?
            .execute(named_params! { ":off_ms": off_ms, ":no": no })?;
        Ok(())
    }

    /// Looks at the times of this device's own edits, now that the endpoint has told when it held them: from the one
    /// after `after_seq` to `seq`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn judge_times(
        &self,
        chain_no: i64,
        after_seq: u64,
        seq: u64,
        plausible: Plausible,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT edit.no, edit.stamp, edit.record, record.kind, chain.device
             FROM edit JOIN record ON record.id = edit.record JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.no > :after AND edit.no <= :last ORDER BY edit.no",
        )?;
        let mut rows = statement.query(named_params! {
            ":after": edit_no(chain_no, after_seq),
            ":last": edit_no(chain_no, seq),
        })?;
        while let Some(row) = rows.next()? {
            let stamp = Stamp(row.get::<_, i64>(1)?.cast_unsigned());
            let off_ms = plausible.off_ms(stamp);
            if off_ms == 0 {
                continue;
            }
            self.set_off(row.get(0)?, off_ms)?;
            let (record, name): ([u8; 16], String) = (row.get(2)?, row.get(3)?);
            let device: [u8; 16] = row.get(4)?;
            let Some(kind) = self.vocabulary.kind(&name) else { continue };
            let sql = format!(
                "UPDATE {} SET made_stamp = :believed, made_ahead_ms = :off_ms
                 WHERE id = :record AND made_device = :device AND made_stamp = :stamp",
                kind.name
            );
            self.transaction.prepare_cached(&sql)?.execute(named_params! {
                ":believed": believed(stamp, off_ms).0.cast_signed(),
                ":off_ms": off_ms,
                ":record": record,
                ":device": device,
                ":stamp": stamp.0.cast_signed(),
            })?;
        }
        Ok(())
    }

    /// Brings this device's stamps back that a wrong clock had carried off into the future.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn bring_back_stamps(&self, me: DeviceId, now_ms: i64) -> Result<(), StoreProblem> {
        let latest = Stamp(u64::MAX).brought_back(now_ms);
        self.transaction
            .prepare_cached(
                "UPDATE chain SET written_stamp = :latest WHERE device = :me AND written_stamp > :latest",
            )?
            .execute(named_params! { ":latest": latest.0.cast_signed(), ":me": me.0 })?;
        Ok(())
    }
}
