//! Search over case notes as a shell shows it.
//!
//! What is found stays inside the encrypted store; no index lives beside it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CaseId, Kept, Made, NoteId};

/// What of a note says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum NotePart {
    /// Its text: of a signed note, what was signed.
    Text,
    /// What a colleague wrote into the draft before they knew of the signature; nobody signed it.
    WrittenMeanwhile,
    /// What was agreed.
    Agreed,
    /// A correction or an afterthought.
    Addendum,
}

/// One note that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Found {
    /// The note.
    pub note: NoteId,
    /// Its case.
    pub case: CaseId,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// The young person's name.
    pub young_person: String,
    /// The words around the first match, out of one part of the note.
    pub excerpt: String,
    /// Out of which: words that nobody signed are never shown among signed ones.
    pub part: NotePart,
    /// When the contact began, in milliseconds since 1970.
    pub began_at_ms: Option<i64>,
    /// Who wrote it.
    pub made: Made,
}

/// Notes that hold all the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct SearchPage {
    /// The words that were looked for.
    pub words: String,
    /// The latest first, at most 50.
    pub found: Vec<Found>,
    /// Whether there were more than are shown.
    pub more: bool,
}
