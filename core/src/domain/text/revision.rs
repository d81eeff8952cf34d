//! What a text said at some moment, and how it is called.
//!
//! A name says of which record and field it is and is made from the words, so that the same words have the same name. An
//! older text is kept as what turns the next newer one into it. Where these are kept is not known here.

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};

use super::Changes;
use super::difference::places;

/// Bytes of a name.
pub const NAME_BYTES: usize = 16;
/// So many of them say whose text it is.
const WHOSE_BYTES: usize = 4;

/// How a text of a record's field is called.
#[must_use]
pub fn name(record: &[u8; 16], field: &str, words: &str) -> [u8; NAME_BYTES] {
    let whose = whose(record, field);
    let said = Hash::of(&[b"fieldfare revision", record, field.as_bytes(), b":", words.as_bytes()]);
    let mut name = [0; NAME_BYTES];
    for (to, from) in name.iter_mut().zip(whose.into_iter().chain(said.0)) {
        *to = from;
    }
    name
}

/// Whether a name is one of a text of that record's field.
#[must_use]
pub fn is_of(name: &[u8; NAME_BYTES], record: &[u8; 16], field: &str) -> bool {
    name.starts_with(&whose(record, field))
}

/// How a save is called that turned a text into another.
#[must_use]
pub fn save_name(from: &[u8; NAME_BYTES], words: &str) -> [u8; NAME_BYTES] {
    let said = Hash::of(&[b"fieldfare save", from, words.as_bytes()]);
    said.0.first_chunk().copied().unwrap_or_default()
}

fn whose(record: &[u8; 16], field: &str) -> [u8; WHOSE_BYTES] {
    Hash::of(&[b"fieldfare text", record, field.as_bytes()]).0.first_chunk().copied().unwrap_or_default()
}

#[derive(Serialize, Deserialize)]
struct Step<'t>(usize, usize, &'t str);

/// What turns the text that changes led to into the one that they began from.
#[must_use]
pub fn way_back(changes: &Changes<'_>) -> Vec<u8> {
    let steps: Vec<Step<'_>> = changes
        .splices
        .iter()
        .zip(places(&changes.splices))
        .map(|(one, at)| {
            let gone = changes.before.get(one.at..one.end()).unwrap_or_default();
            Step(at, one.inserted.len(), gone)
        })
        .collect();
    postcard::to_stdvec(&steps).unwrap_or_default()
}

/// The older text, out of the newer one; `None` if the way does not lead from it.
#[must_use]
pub fn go_back(newer: &str, way: &[u8]) -> Option<String> {
    let steps: Vec<Step<'_>> = postcard::from_bytes(way).ok()?;
    let mut older = String::with_capacity(newer.len());
    let mut at = 0_usize;
    for Step(from, removed, inserted) in steps {
        older.push_str(newer.get(at..from)?);
        older.push_str(inserted);
        at = from.checked_add(removed)?;
    }
    older.push_str(newer.get(at..)?);
    Some(older)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_says_whose_it_is_and_what_was_said() {
        let (one, other) = ([1; 16], [2; 16]);
        assert_eq!(name(&one, "body", "We met."), name(&one, "body", "We met."));
        assert_ne!(name(&one, "body", "We met."), name(&one, "body", "We met"));
        assert!(is_of(&name(&one, "body", "We met."), &one, "body"));
        assert!(!is_of(&name(&one, "body", "We met."), &other, "body"));
        assert!(!is_of(&name(&one, "body", "We met."), &one, "agreed"));
    }

    #[test]
    fn a_way_that_leads_from_another_text_leads_nowhere() {
        let way = way_back(&Changes::between("a text", "a long text that was written later"));
        assert_eq!(go_back("short", &way), None);
        assert_eq!(go_back("short", &[0xff; 9]), None);
    }

    proptest! {
        #[test]
        fn a_way_back_leads_back(newer in "[ab日é ]{0,30}", older in "[ab日é ]{0,30}") {
            prop_assert_eq!(go_back(&newer, &way_back(&Changes::between(&older, &newer))), Some(older));
        }
    }
}
