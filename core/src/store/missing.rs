//! Whether something was handed out that could not be used or kept, and when everything is asked for again because of it.
//!
//! Knows moments and counts. What is missing, and whether it will ever come, nobody here knows.

use serde::{Deserialize, Serialize};

use super::problem::StoreProblem;
use super::{Read, Write};

const MISSING: &str = "missing";

/// How long after something went missing everything is asked for again, in milliseconds. Each later pause is twice the one
/// before.
const PAUSE_MS: i64 = 86_400_000;

/// How often everything is asked for again before it has to go missing anew: the last time is a month after the first.
const LOOKS_MAX: u32 = 5;

/// How many replies in a row are asked for once more because something in them was damaged and there is no room to
/// remember it by.
const HOLDS_MAX: u32 = 5;

/// Something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Missing {
    /// How often everything has been asked for again.
    looks: u32,
    /// When it will be, by the endpoint's clock.
    due_ms: i64,
    /// How many replies in a row were asked for once more without room to remember what was damaged.
    held: u32,
}

impl Missing {
    const fn pause_ms(looks: u32) -> i64 {
        PAUSE_MS << looks
    }
}

impl Read<'_> {
    /// Whether it is time to ask for everything again.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn is_time_to_look_again(&self, now_ms: i64) -> Result<bool, StoreProblem> {
        let Some(missing) = self.missing()? else { return Ok(false) };
        // A clock that was ahead once must not put it off for years.
        let to_go_ms = missing.due_ms.saturating_sub(now_ms);
        Ok(to_go_ms <= 0 || to_go_ms > Missing::pause_ms(missing.looks))
    }

    fn missing(&self) -> Result<Option<Missing>, StoreProblem> {
        let bytes = self.meta(MISSING)?.filter(|bytes| !bytes.is_empty());
        bytes
            .map(|bytes| postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(MISSING)))
            .transpose()
            .map(|missing: Option<Missing>| missing.filter(|missing| missing.looks < LOOKS_MAX))
    }
}

impl Write<'_> {
    /// Remembers that something came which could not be used or kept. What is seen for the first time begins the pauses
    /// anew; what found no room may have been there before.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn note_missing(&self, now_ms: i64, is_new: bool) -> Result<(), StoreProblem> {
        let known = self.read().missing()?;
        if known.is_some() && !is_new {
            return Ok(());
        }
        let due_ms = now_ms.saturating_add(Missing::pause_ms(0));
        let sooner_ms = known.map_or(due_ms, |known| known.due_ms.min(due_ms));
        let held = known.map_or(0, |known| known.held);
        self.set_meta_of(MISSING, &Missing { looks: 0, due_ms: sooner_ms, held })
    }

    /// Whether a reply is asked for once more in which something was damaged that found no room: not for ever, since nobody
    /// could tell whether it is the same each time.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn may_hold_back(&self) -> Result<bool, StoreProblem> {
        let Some(missing) = self.read().missing()? else { return Ok(false) };
        let held = missing.held.saturating_add(1);
        let may = held <= HOLDS_MAX;
        self.set_meta_of(MISSING, &Missing { held: if may { held } else { 0 }, ..missing })?;
        Ok(may)
    }

    /// Remembers that a reply held nothing of that kind.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn nothing_held_back(&self) -> Result<(), StoreProblem> {
        match self.read().missing()? {
            Some(missing) if missing.held > 0 => self.set_meta_of(MISSING, &Missing { held: 0, ..missing }),
            _ => Ok(()),
        }
    }

    /// Remembers that everything is asked for again at this moment.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn look_again(&self, now_ms: i64) -> Result<(), StoreProblem> {
        let Some(Missing { looks, held, .. }) = self.read().missing()? else { return Ok(()) };
        let looks = looks.saturating_add(1);
        if looks == LOOKS_MAX {
            return self.set_meta(MISSING, &[]);
        }
        let due_ms = now_ms.saturating_add(Missing::pause_ms(looks));
        self.set_meta_of(MISSING, &Missing { looks, due_ms, held })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        (folder, store)
    }

    #[test]
    fn everything_is_asked_for_again_ever_more_seldom_and_then_no_more() {
        let (_folder, store) = store();
        store
            .write(|write| {
                assert!(!write.read().is_time_to_look_again(0)?);
                write.note_missing(0, true)?;
                write.note_missing(PAUSE_MS - 1, false)?;
                let mut days = Vec::new();
                for day in 0..400 {
                    if write.read().is_time_to_look_again(day * PAUSE_MS)? {
                        write.look_again(day * PAUSE_MS)?;
                        days.push(day);
                    }
                }
                assert_eq!(days, [1, 3, 7, 15, 31]);
                write.note_missing(400 * PAUSE_MS, false)?;
                assert!(write.read().is_time_to_look_again(401 * PAUSE_MS)?);
                write.look_again(401 * PAUSE_MS)?;
                write.look_again(403 * PAUSE_MS)?;
                write.note_missing(404 * PAUSE_MS, true)?;
                assert!(write.read().is_time_to_look_again(405 * PAUSE_MS)?);
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
    }

    #[test]
    fn a_reply_is_held_back_a_few_times_in_a_row_and_not_for_ever() {
        let (_folder, store) = store();
        store
            .write(|write| {
                assert!(!write.may_hold_back()?);
                write.note_missing(0, false)?;
                for _ in 0..3 {
                    for _ in 0..HOLDS_MAX {
                        assert!(write.may_hold_back()?);
                    }
                    assert!(!write.may_hold_back()?);
                }
                assert!(write.may_hold_back()?);
                write.nothing_held_back()?;
                for _ in 0..HOLDS_MAX {
                    assert!(write.may_hold_back()?);
                }
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
    }

    #[test]
    fn a_clock_that_was_ahead_puts_nothing_off() {
        let (_folder, store) = store();
        store
            .write(|write| {
                write.note_missing(1_000 * PAUSE_MS, true)?;
                assert!(write.read().is_time_to_look_again(0)?);
                write.look_again(0)?;
                assert!(!write.read().is_time_to_look_again(0)?);
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
    }
}
