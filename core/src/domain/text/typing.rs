//! What one batch of typing may look like before the text library gets to see it.
//!
//! The library trusts counts that a few bytes can claim: it would reserve gigabytes for them, and nested values would use up
//! the stack, which no catch helps against. So the bytes are walked here first: one text, characters and deletions,
//! nothing else, every count paid for by the bytes behind it. Knows the format and not the text.

/// Content that a change may carry: the length of something deleted, or characters.
const DELETED: u8 = 1;
const CHARACTERS: u8 = 4;
/// Whole blocks without content: cleared away, or left out.
const CLEARED: u8 = 0;
const LEFT_OUT: u8 = 10;

const HAS_ORIGIN: u8 = 0b1000_0000;
const HAS_RIGHT_ORIGIN: u8 = 0b0100_0000;
const KNOWN_FLAGS: u8 = HAS_ORIGIN | HAS_RIGHT_ORIGIN;

/// Most places that a text has: far beyond what a note holds, and far below where the library's counting ends.
const PLACES_MAX: u64 = 1 << 30;

/// Whether an update is typing into the text of that name, and nothing that could harm the library.
#[must_use]
pub(super) fn is_typing(update: &[u8], text: &str) -> bool {
    let mut walk = Walk::new(update);
    walk.update(text).is_some() && walk.rest.is_empty()
}

/// The characters that an update brings, in the order in which they were typed; `None` if it is no typing.
#[must_use]
pub(super) fn characters(update: &[u8], text: &str) -> Option<String> {
    let mut walk = Walk::new(update);
    walk.update(text).filter(|()| walk.rest.is_empty())?;
    Some(walk.said)
}

/// A character that stands already, by who typed it and where in what they typed.
pub(super) type Origin = (u64, u64);

/// Characters that were put between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Put<'u> {
    pub(super) behind: Option<Origin>,
    pub(super) before: Option<Origin>,
    pub(super) words: &'u str,
}

/// An update of one writer taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'u> {
    pub(super) writer: u64,
    /// The place of the first of its characters in what its writer typed.
    pub(super) first: u64,
    /// In the order in which they were typed.
    pub(super) put: Vec<Put<'u>>,
    /// What was taken away, as it is.
    pub(super) gone: &'u [u8],
}

/// Takes an update of ours apart; `None` if it only takes away, or holds anything but characters put beside others.
pub(super) fn parts(update: &[u8]) -> Option<Parts<'_>> {
    let mut walk = Walk::new(update);
    (walk.count()? == 1).then_some(())?;
    let changes = walk.count()?;
    let (writer, first) = (walk.number()?, walk.places()?);
    let mut put = Vec::new();
    for _ in 0..changes {
        let info = walk.byte()?;
        (info & !KNOWN_FLAGS == CHARACTERS && info & KNOWN_FLAGS != 0).then_some(())?;
        let behind = if info & HAS_ORIGIN != 0 { Some((walk.number()?, walk.places()?)) } else { None };
        let before = if info & HAS_RIGHT_ORIGIN != 0 { Some((walk.number()?, walk.places()?)) } else { None };
        put.push(Put { behind, before, words: std::str::from_utf8(walk.bytes()?).ok()? });
    }
    Some(Parts { writer, first, put, gone: walk.rest })
}

/// Puts an update together: what each writer put where, from which place on, and what was taken away.
pub(super) fn put_together(by: &[(u64, u64, Vec<&Put<'_>>)], gone: &[u8]) -> Vec<u8> {
    let mut update = Vec::new();
    number_into(&mut update, by.len() as u64);
    for (writer, first, put) in by {
        number_into(&mut update, put.len() as u64);
        number_into(&mut update, *writer);
        number_into(&mut update, *first);
        for Put { behind, before, words } in put {
            let flag = |given: &Option<Origin>, flag: u8| if given.is_some() { flag } else { 0 };
            update.push(CHARACTERS | flag(behind, HAS_ORIGIN) | flag(before, HAS_RIGHT_ORIGIN));
            for (writer, place) in behind.iter().chain(before) {
                number_into(&mut update, *writer);
                number_into(&mut update, *place);
            }
            number_into(&mut update, words.len() as u64);
            update.extend_from_slice(words.as_bytes());
        }
    }
    update.extend_from_slice(gone);
    update
}

fn number_into(update: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        update.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    update.push((number & 0x7f) as u8);
}

/// What is left to be read. Whatever makes no sense is `None`.
struct Walk<'u> {
    rest: &'u [u8],
    /// The characters that were passed.
    said: String,
}

impl<'u> Walk<'u> {
    const fn new(update: &'u [u8]) -> Self {
        Self { rest: update, said: String::new() }
    }

    fn update(&mut self, text: &str) -> Option<()> {
        // A person types alone, and each of their corrections is its own writer, so that two who correct alike are one.
        for _ in 0..self.count()? {
            self.changes(text)?;
        }
        for _ in 0..self.count()? {
            self.number()?;
            for _ in 0..self.count()? {
                let (from, length) = (self.places()?, self.places()?);
                (from.saturating_add(length) <= PLACES_MAX).then_some(())?;
            }
        }
        Some(())
    }

    fn changes(&mut self, text: &str) -> Option<()> {
        let changes = self.count()?;
        self.number()?;
        let mut at = self.places()?;
        for _ in 0..changes {
            at = at.checked_add(self.change(text)?).filter(|at| *at <= PLACES_MAX)?;
        }
        Some(())
    }

    /// One change; returns how many places it takes at most.
    fn change(&mut self, text: &str) -> Option<u64> {
        let info = self.byte()?;
        if matches!(info, CLEARED | LEFT_OUT) {
            return self.places().filter(|places| *places > 0);
        }
        if info & HAS_ORIGIN != 0 {
            self.id()?;
        }
        if info & HAS_RIGHT_ORIGIN != 0 {
            self.id()?;
        }
        if info & KNOWN_FLAGS == 0 {
            // Otherwise it stands beside another change, in the same text.
            (self.number()? == 1).then_some(())?;
            (self.bytes()? == text.as_bytes()).then_some(())?;
        }
        match info & !KNOWN_FLAGS {
            DELETED => self.places().filter(|places| *places > 0),
            CHARACTERS => {
                let characters = self.bytes()?;
                let words = std::str::from_utf8(characters).ok().filter(|words| !words.is_empty())?;
                // Two places of a text are not one word.
                let apart =
                    self.said.ends_with(char::is_whitespace) || words.starts_with(char::is_whitespace);
                if !self.said.is_empty() && !apart {
                    self.said.push(' ');
                }
                self.said.push_str(words);
                Some(words.len() as u64)
            }
            _ => None,
        }
    }

    fn id(&mut self) -> Option<()> {
        self.number()?;
        self.places()?;
        Some(())
    }

    fn bytes(&mut self) -> Option<&'u [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    /// A count of things of which each takes a byte or more.
    fn count(&mut self) -> Option<u64> {
        self.number().filter(|count| *count <= self.rest.len() as u64)
    }

    fn places(&mut self) -> Option<u64> {
        self.number().filter(|places| *places <= PLACES_MAX)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_deletions_are_typing() {
        assert!(is_typing(&[0, 0], "text"));
        let typed = [1, 1, 9, 0, CHARACTERS, 1, 4, b't', b'e', b'x', b't', 2, b'h', b'i', 0];
        assert!(is_typing(&typed, "text"));
        assert!(!is_typing(&typed, "other"));
        assert!(!is_typing(&typed[..typed.len() - 1], "text"));
    }

    #[test]
    fn what_was_taken_apart_is_put_together_again() {
        let typed =
            [1, 2, 9, 0, 0xc4, 3, 7, 3, 8, 2, b'h', b'i', 0x84, 0x80, 0x02, 1, 1, b'x', 1, 3, 1, 8, 2];
        let parts = parts(&typed).unwrap();
        assert_eq!((parts.writer, parts.first, parts.put.len()), (9, 0, 2));
        assert_eq!(parts.put[1], Put { behind: Some((256, 1)), before: None, words: "x" });
        let by = [(9, 0, parts.put.iter().collect())];
        assert_eq!(put_together(&by, parts.gone), typed);
        assert!(is_typing(&typed, "text"));
    }

    #[test]
    fn a_count_that_no_bytes_stand_behind_is_refused() {
        let billions = [0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(!is_typing(&[billions.as_slice(), &[0; 8]].concat(), "text"), "writers");
        assert!(!is_typing(&[[1].as_slice(), &billions, &[9, 0, 0]].concat(), "text"), "changes");
        assert!(!is_typing(&[[0].as_slice(), &billions].concat(), "text"), "deletions");
        assert!(!is_typing(&[[0, 1, 9].as_slice(), &billions, &[0, 1]].concat(), "text"), "ranges");
    }

    #[test]
    fn anything_but_characters_and_deletions_is_refused() {
        for content in [2, 3, 5, 6, 7, 8, 9, 11] {
            let update = [1, 1, 9, 0, content, 1, 4, b't', b'e', b'x', b't', 1, b'x', 0, 0];
            assert!(!is_typing(&update, "text"), "{content}");
        }
    }
}
