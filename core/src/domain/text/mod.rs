//! A text that several people may type into at once, so that no typed word is ever lost.
//!
//! The merge itself is `yrs`, behind one type and fed in causal order only. Nothing else in the core knows which
//! library it is, and a change that makes the library panic is caught here.

mod typing;

use std::panic::{AssertUnwindSafe, catch_unwind};

use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text as _, TextRef, Transact, Update};

use typing::{characters, is_typing, writer};

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

    /// Types what turned `before` into `after` on somebody's screen. Words that others added since `before` stay.
    /// Returns the update to pass on, or `None` if nothing changed.
    ///
    /// # Errors
    /// [`TextProblem`] if the library fails; the text must then be opened again.
    pub fn type_in(&mut self, before: &str, after: &str) -> Result<Option<Vec<u8>>, TextProblem> {
        let now = self.words()?;
        // A save whose answer was lost is made again; what it typed stands already.
        if after == now {
            return Ok(None);
        }
        let Some(typed) = Splice::between(before, after) else {
            return Ok(None);
        };
        let typed = if before == now { typed } else { typed.moved_onto(before, &now) };
        guard(|| {
            let seen = self.doc.transact().state_vector();
            let mut transaction = self.doc.transact_mut();
            let at = u32::try_from(typed.at).map_err(|_| TextProblem::MakesNoSense)?;
            let removed = u32::try_from(typed.removed).map_err(|_| TextProblem::MakesNoSense)?;
            if removed > 0 {
                self.text.remove_range(&mut transaction, at, removed);
            }
            if !typed.inserted.is_empty() {
                self.text.insert(&mut transaction, at, typed.inserted);
            }
            drop(transaction);
            Ok(Some(self.doc.transact().encode_state_as_update_v1(&seen)))
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

/// Joins two updates that were made one after the other. `None` if two writers typed them: an update has one.
///
/// # Errors
/// [`TextProblem`] if either makes no sense.
pub fn join(first: &[u8], second: &[u8]) -> Result<Option<Vec<u8>>, TextProblem> {
    if let (Some(one), Some(other)) = (writer(first), writer(second))
        && one != other
    {
        return Ok(None);
    }
    guard(|| yrs::merge_updates_v1([first, second]).map(Some).map_err(|_| TextProblem::MakesNoSense))
}

/// The library has been seen to panic on hostile updates; what it leaves half done is thrown away by the callers.
fn guard<T>(work: impl FnOnce() -> Result<T, TextProblem>) -> Result<T, TextProblem> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(TextProblem::LibraryFailed))
}

/// One place of a text where bytes go and others come. Places are byte offsets at the edges of characters.
struct Splice<'text> {
    at: usize,
    removed: usize,
    inserted: &'text str,
}

impl<'text> Splice<'text> {
    /// The smallest single change that turns one text into the other.
    fn between(before: &str, after: &'text str) -> Option<Self> {
        if before == after {
            return None;
        }
        let at = common_start(before, after);
        let (old, new) = (before.get(at..)?, after.get(at..)?);
        let tail = common_end(old, new);
        let inserted = new.get(..new.len() - tail)?;
        Some(Self { at, removed: old.len() - tail, inserted })
    }

    /// The same change on a text that others have changed meanwhile: what they inserted is kept, whatever this change
    /// removed around it.
    fn moved_onto(self, before: &str, now: &str) -> Self {
        let Some(theirs) = Splice::between(before, now) else {
            return self;
        };
        let our_end = self.at + self.removed;
        let their_end = theirs.at + theirs.removed;
        let came = theirs.inserted.len();
        if our_end <= theirs.at {
            return self;
        }
        if self.at >= their_end {
            return Self { at: self.at - theirs.removed + came, ..self };
        }
        // The changes overlap. Ours removes only what is left of the old text before or after theirs, whichever side
        // it began on, so that nothing they inserted is touched.
        if self.at < theirs.at {
            Self { removed: theirs.at - self.at, ..self }
        } else {
            // What ends alike hides where theirs ends: a word of theirs is not taken apart by one of ours.
            let end = theirs.at + came;
            let at = if self.removed == 0 { end_of_word(now, end) } else { end };
            Self { at, removed: our_end.saturating_sub(their_end), inserted: self.inserted }
        }
    }
}

/// Where the word ends, with the space behind it, in whose middle a place is; the place itself if it is in none.
fn end_of_word(text: &str, at: usize) -> usize {
    let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    if before.is_empty() || before.ends_with(char::is_whitespace) {
        return at;
    }
    let mut rest = behind.char_indices().skip_while(|(_, letter)| !letter.is_whitespace());
    match rest.next() {
        _ if behind.is_empty() || behind.starts_with(char::is_whitespace) => at,
        Some((length, space)) => at + length + space.len_utf8(),
        None => text.len(),
    }
}

fn common_start(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn common_end(one: &str, other: &str) -> usize {
    one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_two_copies_typed_before_they_parted_stands_once() {
        let mut original = SharedText::open(1, None).unwrap();
        let before = original.type_in("", "school ").unwrap().unwrap();
        let state = original.state().unwrap();
        let after = original.type_in("school ", "school today ").unwrap().unwrap();
        let mut copy = SharedText::open(2, Some(&state)).unwrap();
        let elsewhere = copy.type_in("school ", "school tomorrow ").unwrap().unwrap();
        assert_eq!(join(&before, &elsewhere), Ok(None));
        let whole = join(&before, &after).unwrap().unwrap();
        for order in [[&whole, &before, &elsewhere], [&before, &elsewhere, &whole]] {
            let mut text = SharedText::open(3, None).unwrap();
            for update in order {
                text.take_in(update).unwrap();
            }
            let words = text.words().unwrap();
            assert_eq!(words.matches("school").count(), 1, "{words}");
            assert!(words.contains("today") && words.contains("tomorrow"), "{words}");
        }
    }

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
        assert_eq!(text.words().unwrap(), "Late, Kit met me. Alone. again ");
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

    #[test]
    fn joined_updates_bring_both() {
        let mut text = SharedText::open(1, None).unwrap();
        let first = text.type_in("", "one").unwrap().unwrap();
        let second = text.type_in("one", "one two").unwrap().unwrap();
        let mut other = SharedText::open(2, None).unwrap();
        other.take_in(&join(&first, &second).unwrap().unwrap()).unwrap();
        assert_eq!(other.words().unwrap(), "one two");
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
            let (mut before, mut joined) = (String::new(), None::<Vec<u8>>);
            for after in steps {
                if let Some(update) = text.type_in(&before, &after).unwrap() {
                    prop_assert!(is_typing(&update, NAME));
                    joined = Some(joined.map_or(update.clone(), |earlier| join(&earlier, &update).unwrap().unwrap()));
                }
                before = after;
            }
            prop_assert!(joined.is_none_or(|joined| is_typing(&joined, NAME)));
        }
    }
}
