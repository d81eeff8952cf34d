//! The box: an append-only file of sealed steps, each durable before the next page is shown.
//!
//! Opens no seal. From the heads it tells how far a hand-over has come, which is all that a killed app needs to go on.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::step::{Head, STEP_BYTES};
use super::ticket::Ticket;
use crate::ports::Disk;
use crate::vault::durable;

/// Name of the box in a home.
pub const BOX_FILE: &str = "handover-answers";

/// Most steps of one hand-over: nobody needs as many, and nobody can fill a phone with them.
pub const STEPS_MAX: u32 = 512;

/// First bytes of a box of this version; the name of the hand-over follows.
const MAGIC: &[u8; 8] = b"FFBOX 1\n";

/// Bytes before the first step.
pub(super) const HEADER_BYTES: usize = MAGIC.len() + 16;

/// Longest box, in bytes.
pub const BOX_BYTES_MAX: usize = HEADER_BYTES + STEPS_MAX as usize * STEP_BYTES;

/// How far a hand-over has come, as far as a phone can tell that reads no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The place that is shown: 0 before the questions, then one a question, then the last page, then the end.
    pub at: u8,
    /// The furthest place that was shown.
    pub furthest: u8,
    /// Number of the next step; over [`STEPS_MAX`] there is none.
    pub number: u32,
}

impl Progress {
    /// Reads it from the heads of a box; `None` if the box belongs to another hand-over.
    #[must_use]
    pub fn read(bytes: &[u8], ticket: &Ticket) -> Option<Self> {
        let steps = steps_of(bytes, &ticket.session)?;
        let end = ticket.of().saturating_add(2);
        let mut progress = Self { at: 0, furthest: 0, number: 1 };
        for head in steps.chunks_exact(STEP_BYTES).filter_map(Head::read) {
            // A head can be forged; what it claims is bounded here and judged when the seal is opened.
            if (progress.number..=STEPS_MAX).contains(&head.number) {
                let at = head.next.min(end);
                progress =
                    Self { at, furthest: progress.furthest.max(at), number: head.number.saturating_add(1) };
            }
        }
        Some(progress)
    }
}

/// The sealed steps of a box, with whatever is torn at its end; `None` if it is no box of this hand-over.
pub(super) fn steps_of<'b>(bytes: &'b [u8], session: &[u8; 16]) -> Option<&'b [u8]> {
    bytes.strip_prefix(MAGIC)?.strip_prefix(session)
}

/// Whether it is a box as it was laid out, with no step in it.
pub(super) fn is_empty(bytes: &[u8]) -> bool {
    bytes.len() == HEADER_BYTES && bytes.starts_with(MAGIC)
}

/// Makes an empty box in the place of any other.
pub(super) fn begin(disk: &dyn Disk, home: &Path, session: &[u8; 16]) -> io::Result<()> {
    durable::replace(disk, &home.join(BOX_FILE), &[MAGIC.as_slice(), session].concat())
}

/// The whole box; `None` if there is none.
pub(super) fn read(home: &Path) -> io::Result<Option<Vec<u8>>> {
    Ok(durable::read(&home.join(BOX_FILE), BOX_BYTES_MAX)?.map(|bytes| bytes.to_vec()))
}

/// What is in the box, up to its limit, and how long it is.
pub(super) fn read_up_to(home: &Path) -> io::Result<Option<(Vec<u8>, u64)>> {
    let file = match std::fs::File::open(home.join(BOX_FILE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(BOX_BYTES_MAX);
    file.take(u64::try_from(BOX_BYTES_MAX).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(Some((bytes, length)))
}

/// Adds a step durably. What a crash has torn at the end goes first: nobody was told that it is in the box.
pub(super) fn add(disk: &dyn Disk, home: &Path, sealed: &[u8; STEP_BYTES]) -> io::Result<()> {
    disk.begin_write()?;
    let mut file = OpenOptions::new().append(true).open(home.join(BOX_FILE))?;
    let length = file.metadata()?.len();
    let header = u64::try_from(HEADER_BYTES).unwrap_or(u64::MAX);
    let step = u64::try_from(STEP_BYTES).unwrap_or(u64::MAX);
    let torn = length.saturating_sub(header).checked_rem(step).unwrap_or(0);
    let whole = length.saturating_sub(torn);
    if torn > 0 {
        file.set_len(whole)?;
    }
    let written = file.write_all(sealed).and_then(|()| file.sync_all());
    // Half a step, as on a full disk, is no step.
    written.inspect_err(|_| drop(file.set_len(whole)))?;
    disk.end_write()
}

#[cfg(test)]
mod tests {
    use super::super::ticket::tests::ticket;
    use super::*;
    use crate::ports::SystemDisk;

    fn step(number: u32, next: u8) -> [u8; STEP_BYTES] {
        let mut bytes = [0xAA; STEP_BYTES];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        bytes[4] = next;
        bytes
    }

    fn progress(home: &Path) -> Option<Progress> {
        Progress::read(&read(home).unwrap().unwrap(), &ticket())
    }

    #[test]
    fn a_box_tells_how_far_it_has_come() {
        let home = tempfile::tempdir().unwrap();
        begin(&SystemDisk, home.path(), &ticket().session).unwrap();
        assert_eq!(progress(home.path()), Some(Progress { at: 0, furthest: 0, number: 1 }));
        for (number, next) in [(1, 1), (2, 2), (3, 3), (4, 2)] {
            add(&SystemDisk, home.path(), &step(number, next)).unwrap();
        }
        assert_eq!(progress(home.path()), Some(Progress { at: 2, furthest: 3, number: 5 }));
    }

    #[test]
    fn what_is_torn_at_the_end_gives_way_to_the_next_step() {
        let home = tempfile::tempdir().unwrap();
        begin(&SystemDisk, home.path(), &ticket().session).unwrap();
        add(&SystemDisk, home.path(), &step(1, 1)).unwrap();
        let path = home.path().join(BOX_FILE);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [whole.as_slice(), &[1, 2, 3]].concat()).unwrap();
        assert_eq!(progress(home.path()).unwrap().number, 2);
        add(&SystemDisk, home.path(), &step(2, 2)).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [whole.as_slice(), &step(2, 2)].concat());
    }

    #[test]
    fn forged_heads_lead_nowhere_that_is_not_there() {
        let home = tempfile::tempdir().unwrap();
        begin(&SystemDisk, home.path(), &ticket().session).unwrap();
        for forged in [step(u32::MAX, 1), step(0, 1), step(1, 255)] {
            add(&SystemDisk, home.path(), &forged).unwrap();
        }
        assert_eq!(progress(home.path()), Some(Progress { at: 5, furthest: 5, number: 2 }));
    }

    #[test]
    fn the_box_of_another_hand_over_is_none_of_this_one() {
        let home = tempfile::tempdir().unwrap();
        begin(&SystemDisk, home.path(), &[1; 16]).unwrap();
        assert_eq!(progress(home.path()), None);
    }
}
