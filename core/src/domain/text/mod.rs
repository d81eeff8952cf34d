//! A text that several people may type into at once, so that no typed word is ever lost.
//!
//! The merge itself is `yrs`, behind one type and fed in causal order only. Nothing else in the core knows which
//! library it is, and a change that makes the library panic is caught here.

mod alignment;
mod alike;
pub mod came_in;
mod compared;
mod correction;
mod difference;
mod merged;
pub mod revision;
#[cfg(test)]
mod together;
mod typing;

use std::panic::{AssertUnwindSafe, catch_unwind};

use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text as _, TextRef, Transact, Update};

pub use came_in::{By, CameIn};
pub use compared::{SaidBy, compared, shows_nothing};
pub use difference::Changes;
use difference::Splice;

use merged::carried;
use typing::{characters, is_typing};

/// Largest number that may name a writer: 53 bits, as the update format demands.
pub const WRITER_MAX: u64 = (1 << 53) - 1;

const NAME: &str = "text";

/// The update could not be applied. The text has to be opened again from its stored state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// It is no typing, for every version of the app.
    #[error("the text update makes no sense")]
    MakesNoSense,
    /// The library panicked; a newer one may not.
    #[error("the text library failed")]
    LibraryFailed,
}

/// A text in the making.
pub struct SharedText {
    doc: Doc,
    text: TextRef,
}

impl SharedText {
    /// Opens a text from its stored state, or an empty one. `writer` names this incarnation of this device; it must
    /// never be used with an older state of the same text.
    ///
    /// # Errors
    /// [`TextProblem`] if the state is damaged.
    pub fn open(writer: u64, state: Option<&[u8]>) -> Result<Self, TextProblem> {
        guard(|| {
            let mut options = Options::with_client_id(ClientID::new(writer & WRITER_MAX));
            options.offset_kind = OffsetKind::Bytes;
            let doc = Doc::with_options(options);
            let text = doc.get_or_insert_text(NAME);
            if let Some(state) = state {
                let update = Update::decode_v1(state).map_err(|_| TextProblem::MakesNoSense)?;
                doc.transact_mut().apply_update(update).map_err(|_| TextProblem::MakesNoSense)?;
            }
            Ok(Self { doc, text })
        })
    }

    /// The words as they now stand.
    ///
    /// # Errors
    /// [`TextProblem::LibraryFailed`].
    pub fn words(&self) -> Result<String, TextProblem> {
        guard(|| Ok(self.text.get_string(&self.doc.transact())))
    }

    /// The state to store.
    ///
    /// # Errors
    /// [`TextProblem::LibraryFailed`].
    pub fn state(&self) -> Result<Vec<u8>, TextProblem> {
        guard(|| Ok(self.doc.transact().encode_state_as_update_v1(&StateVector::default())))
    }

    /// The words as they stand with what turned the first of some texts into `after` on somebody's screen; nothing is typed.
    /// `since`: what the screen had begun from, and whatever the text said from then until now.
    ///
    /// # Errors
    /// [`TextProblem::LibraryFailed`].
    pub fn with(&self, since: &[String], after: &str) -> Result<String, TextProblem> {
        Ok(Self::put_together(since, &self.words()?, after))
    }

    /// The same of words that stand.
    #[must_use]
    pub fn put_together(since: &[String], now: &str, after: &str) -> String {
        let texts: Vec<String> = since.iter().cloned().chain([now.to_owned()]).collect();
        carried(&texts, after)
    }

    /// Types what turned `before` into `after` on somebody's screen. Words that others added since `before` stay.
    /// Returns the update to pass on, or `None` if nothing changed.
    ///
    /// Every place that was changed is changed for itself, and words that are put in are their own writer, named by where
    /// they stand and what they say: two people who correct alike have typed one correction.
    ///
    /// # Errors
    /// [`TextProblem`] if the library fails; the text must then be opened again.
    pub fn type_in(&mut self, before: &str, after: &str) -> Result<Option<Vec<u8>>, TextProblem> {
        let now = self.words()?;
        let after = self.with(&[before.to_owned()], after)?;
        self.write_over(&Changes::between(&now, &after))
    }

    /// The same of changes to the words as they stand.
    ///
    /// # Errors
    /// As [`SharedText::type_in`].
    pub fn write_over(&mut self, changes: &Changes<'_>) -> Result<Option<Vec<u8>>, TextProblem> {
        if changes.splices.is_empty() {
            return Ok(None);
        }
        let (writer, state) = (self.doc.client_id().get(), self.state()?);
        let update = guard(|| self.splice(changes.before, &changes.splices))?;
        if let Some(corrections) = correction::as_corrections(&update, writer) {
            let mut again = Self::open(writer, Some(&state))?;
            again.apply(&corrections)?;
            // Whatever the library makes of them, the person's words come first.
            if again.words()? == changes.after {
                *self = again;
                return Ok(Some(corrections));
            }
        }
        Ok(Some(update))
    }

    /// Makes changes from the last to the first, so that none moves the place of another. Words that take the place of
    /// others go into their middle: what somebody puts in before or behind stays there.
    fn splice(&mut self, now: &str, splices: &[Splice<'_>]) -> Result<Vec<u8>, TextProblem> {
        let place = |bytes: usize| u32::try_from(bytes).map_err(|_| TextProblem::MakesNoSense);
        let mut transaction = self.doc.transact_mut();
        for splice in splices.iter().rev() {
            let gone = now.get(splice.at..splice.end()).ok_or(TextProblem::MakesNoSense)?;
            let first = gone.chars().next().map_or(0, char::len_utf8);
            let middle = splice.at.saturating_add(first);
            if !splice.inserted.is_empty() {
                self.text.insert(&mut transaction, place(middle)?, splice.inserted);
            }
            let rest = middle.saturating_add(splice.inserted.len());
            if gone.len() > first {
                let length = gone.len().saturating_sub(first);
                self.text.remove_range(&mut transaction, place(rest)?, place(length)?);
            }
            if first > 0 {
                self.text.remove_range(&mut transaction, place(splice.at)?, place(first)?);
            }
        }
        Ok(transaction.encode_update_v1())
    }

    fn apply(&mut self, update: &[u8]) -> Result<(), TextProblem> {
        guard(|| {
            let update = Update::decode_v1(update).map_err(|_| TextProblem::MakesNoSense)?;
            self.doc.transact_mut().apply_update(update).map_err(|_| TextProblem::MakesNoSense)
        })
    }

    /// Takes in what somebody else typed.
    ///
    /// # Errors
    /// [`TextProblem`]; the text must then be opened again.
    pub fn take_in(&mut self, update: &[u8]) -> Result<(), TextProblem> {
        self.take_in_read_by(read_typing, update)
    }

    /// Takes in what somebody else typed, read as some version of the app reads it.
    ///
    /// # Errors
    /// [`TextProblem::LibraryFailed`] if the reading panics, or as [`SharedText::take_in`].
    pub fn take_in_read_by(
        &mut self,
        read: fn(&[u8]) -> Result<Typing, TextProblem>,
        update: &[u8],
    ) -> Result<(), TextProblem> {
        if !is_typing(update, NAME) {
            return Err(TextProblem::MakesNoSense);
        }
        guard(|| {
            let Typing(update) = read(update)?;
            self.doc.transact_mut().apply_update(update).map_err(|_| TextProblem::MakesNoSense)?;
            // A made-up update can leave a text that reads otherwise once it is stored and opened again.
            let stored = Self::open(0, Some(&self.state()?))?;
            if stored.words()? == self.words()? { Ok(()) } else { Err(TextProblem::MakesNoSense) }
        })
    }
}

/// Typing that was read and is not applied yet.
pub struct Typing(Update);

/// Reads typing as the text library does, which may panic on bytes that somebody made up.
///
/// # Errors
/// [`TextProblem::MakesNoSense`].
pub fn read_typing(update: &[u8]) -> Result<Typing, TextProblem> {
    Update::decode_v1(update).map(Typing).map_err(|_| TextProblem::MakesNoSense)
}

/// The characters that one update typed, without those that it took away; `None` if it is no typing.
#[must_use]
pub fn typed(update: &[u8]) -> Option<String> {
    characters(update, NAME)
}

/// The library has been seen to panic on hostile updates; what it leaves half done is thrown away by the callers.
fn guard<T>(work: impl FnOnce() -> Result<T, TextProblem>) -> Result<T, TextProblem> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(TextProblem::LibraryFailed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_people_typing_at_once_lose_no_word() {
        let mut ours = SharedText::open(1, None).unwrap();
        let begun = ours.type_in("", "We met at the café.").unwrap().unwrap();
        let mut theirs = SharedText::open(2, Some(&ours.state().unwrap())).unwrap();
        let a = ours.type_in("We met at the café.", "We met at the café. He was calm.").unwrap().unwrap();
        let b = theirs.type_in("We met at the café.", "On Monday we met at the café.").unwrap().unwrap();
        ours.take_in(&b).unwrap();
        theirs.take_in(&a).unwrap();
        assert_eq!(ours.words().unwrap(), theirs.words().unwrap());
        assert!(ours.words().unwrap().contains("On Monday"));
        assert!(ours.words().unwrap().contains("He was calm."));
        let mut late = SharedText::open(3, None).unwrap();
        for update in [&begun, &a, &b] {
            late.take_in(update).unwrap();
        }
        assert_eq!(late.words().unwrap(), ours.words().unwrap());
    }

    #[test]
    fn a_screen_that_has_not_seen_a_colleagues_words_does_not_delete_them() {
        let mut text = SharedText::open(1, None).unwrap();
        text.type_in("", "He came late.").unwrap();
        text.type_in("He came late.", "He came late. School rang.").unwrap();
        text.type_in("He came late.", "He came late, tired.").unwrap();
        assert_eq!(text.words().unwrap(), "He came late, tired. School rang.");
    }

    #[test]
    fn a_colleagues_word_that_ends_alike_is_not_taken_apart() {
        let mut text = SharedText::open(1, None).unwrap();
        text.type_in("", "Kit met me. ").unwrap();
        text.type_in("Kit met me. ", "Late, Kit met me. Alone. ").unwrap();
        text.type_in("Kit met me. ", "Kit again met me. ").unwrap();
        assert_eq!(text.words().unwrap(), "Late, Kit again met me. Alone. ");
    }

    #[test]
    fn a_save_that_is_made_twice_types_once() {
        let mut text = SharedText::open(1, None).unwrap();
        text.type_in("", "He came.").unwrap();
        text.type_in("He came.", "He came. Late.").unwrap();
        text.type_in("He came.", "He came. Late.").unwrap();
        assert_eq!(text.words().unwrap(), "He came. Late.");
    }

    #[test]
    fn typing_the_same_again_is_no_edit() {
        let mut text = SharedText::open(1, None).unwrap();
        text.type_in("", "the same").unwrap();
        assert_eq!(text.type_in("the same", "the same").unwrap(), None);
    }

    proptest! {
        #[test]
        fn any_typing_gives_what_is_on_the_screen(steps in prop::collection::vec("[a-zé€😀 ]{0,12}", 1..8)) {
            let mut text = SharedText::open(7, None).unwrap();
            let mut before = String::new();
            for after in steps {
                text.type_in(&before, &after).unwrap();
                prop_assert_eq!(text.words().unwrap(), after.clone());
                before = after;
            }
        }

        #[test]
        fn a_stale_screen_never_removes_what_others_inserted(
            base in "[a-zé ]{0,20}", at in 0_usize..20, word in "[A-Z]{1,6}", after in "[a-zé ]{0,20}",
        ) {
            let mut text = SharedText::open(7, None).unwrap();
            text.type_in("", &base).unwrap();
            let cut = base.char_indices().map(|(i, _)| i).nth(at).unwrap_or(base.len());
            let theirs = format!("{}{word}{}", &base[..cut], &base[cut..]);
            text.type_in(&base, &theirs).unwrap();
            text.type_in(&base, &after).unwrap();
            prop_assert!(text.words().unwrap().contains(&word));
        }

        #[test]
        fn damaged_updates_are_refused(bytes: Vec<u8>) {
            let mut text = SharedText::open(7, None).unwrap();
            let _ = text.take_in(&bytes);
        }

        #[test]
        fn whatever_is_typed_is_known_as_typing(steps in prop::collection::vec("[a-zé€😀 ]{0,12}", 1..8)) {
            let mut text = SharedText::open(7, None).unwrap();
            let mut before = String::new();
            for after in steps {
                if let Some(update) = text.type_in(&before, &after).unwrap() {
                    prop_assert!(is_typing(&update, NAME));
                }
                before = after;
            }
        }
    }
}
