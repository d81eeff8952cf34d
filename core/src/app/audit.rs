//! When the audit is followed, what an unlocking leaves in it, and whether the store is as new as it was.
//!
//! Knows no line but these; what a command or a page leaves is written where it is done.

use fieldfare_protocol::id::VaultId;

use super::Fieldfare;
use crate::contract::Problem;
use crate::ports::HardwareKey;
use crate::store::{AUDIT_LINES_AT_OPEN, Alarm, Me, Read, Store, Write};
use crate::vault::kept::Mark;
use crate::vault::tries::Tries;
use crate::vault::unlock::keep_mark;

/// Told about nothing in particular.
const NO_VAULT: VaultId = VaultId([0; 16]);

/// How a home was opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// Name of the line.
    pub(super) what: &'static str,
    /// Tries that failed before.
    pub(super) failed: Tries,
    /// How far the store had come when it was last closed.
    pub(super) mark: Mark,
}

impl Default for Opening {
    fn default() -> Self {
        Self { what: "unlock", failed: Tries::default(), mark: Mark::default() }
    }
}

/// Follows the newest lines, and adds those of an unlocking: failed tries first, which had no store to be written in.
pub(super) fn begin_audit(write: &Write<'_>, me: &Me, opening: Opening, now_ms: i64) -> Result<(), Problem> {
    raise_if_broken(write, me, Some(AUDIT_LINES_AT_OPEN), now_ms)?;
    if is_behind(&write.read(), opening.mark)? {
        write.raise_alarm(Alarm::StoreTurnedBack, NO_VAULT, me.device, opening.mark.lines, now_ms)?;
        // Before it sends anything, it finds out what the endpoint has under its name.
        write.set_turned_back(true)?;
        write.note_in_audit(now_ms, "turned_back", None)?;
    }
    if opening.failed.failures > 0 {
        write.count_in_audit(opening.failed.last_ms, "failed_tries", None, opening.failed.failures)?;
    }
    Ok(write.note_in_audit(now_ms, opening.what, None)?)
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
        write.raise_alarm(Alarm::AuditBroken, NO_VAULT, me.device, at, now_ms)?;
    }
    Ok(())
}

/// Whether a store lacks lines that it had, or has others in their place.
fn is_behind(read: &Read<'_>, mark: Mark) -> Result<bool, Problem> {
    let end = read.audit_end_of(mark.lines)?;
    Ok(mark.lines > 0 && end.is_none_or(|end| Mark::of(mark.lines, &end) != mark))
}

impl Fieldfare {
    /// Remembers in the hardware how far the store has come. Where that fails, an older mark stays.
    pub(super) fn keep_mark(&self) {
        let key: &dyn HardwareKey = self.ports.hardware_key.as_ref();
        if let Ok(Some((lines, end))) = self.store.read(|read| read.audit_head()) {
            let _ = keep_mark(key, Mark::of(lines, &end));
        }
    }
}

impl Drop for Fieldfare {
    fn drop(&mut self) {
        self.keep_mark();
    }
}
