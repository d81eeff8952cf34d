//! When the audit is followed, and what an unlocking leaves in it.
//!
//! Knows no line but these; what a command or a page leaves is written where it is done.

use fieldfare_protocol::id::VaultId;

use crate::contract::Problem;
use crate::store::{AUDIT_LINES_AT_OPEN, Alarm, Me, Store, Write};
use crate::vault::tries::Tries;

/// Follows the newest lines, and adds those of an unlocking: failed tries first, which had no store to be written in.
pub(super) fn begin_audit(write: &Write<'_>, me: &Me, failed: Tries, now_ms: i64) -> Result<(), Problem> {
    raise_if_broken(write, me, Some(AUDIT_LINES_AT_OPEN), now_ms)?;
    if failed.failures > 0 {
        write.count_in_audit(failed.last_ms, "failed_tries", None, failed.failures)?;
    }
    Ok(write.note_in_audit(now_ms, "unlock", None)?)
}

/// Follows every line, before anything is sent.
pub(super) fn follow_audit(store: &Store, now_ms: i64) -> Result<(), Problem> {
    // Read first: an exchange that finds nothing wrong writes nothing.
    if store.read(|read| read.audit_state(None))?.broken_at.is_none() {
        return Ok(());
    }
    store.write(|write| raise_if_broken(write, &write.read().me()?, None, now_ms))
}

fn raise_if_broken(write: &Write<'_>, me: &Me, newest: Option<u64>, now_ms: i64) -> Result<(), Problem> {
    if let Some(at) = write.read().audit_state(newest)?.broken_at {
        write.raise_alarm(Alarm::AuditBroken, VaultId([0; 16]), me.device, at, now_ms)?;
    }
    Ok(())
}
