//! Case notes as a shell shows them.
//!
//! Ready to draw: what may be done and why not stands beside what was written.

use schemars::JsonSchema;
use serde::Serialize;

use super::{AttachmentId, CaseId, ContactKind, Kept, NoteId, Place, RecordId, Revision};

/// Something that can be done from a page, or the reason why it cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Action {
    /// Name of the command.
    pub command: String,
    /// Absent when it is allowed; else the key of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}

impl Action {
    /// An action that is allowed.
    #[must_use]
    pub fn allowed(command: &str) -> Self {
        Self { command: command.to_owned(), why_not: None }
    }

    /// An action that is refused for a reason, or allowed when there is none.
    #[must_use]
    pub fn unless(command: &str, why_not: Option<&str>) -> Self {
        Self { command: command.to_owned(), why_not: why_not.map(str::to_owned) }
    }
}

/// Who did something, when, and whether the time can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Made {
    /// Name of the member of staff; empty while the directory has not arrived.
    pub by: String,
    /// On which device, by the start of its name; tells two phones of one person apart.
    pub device: String,
    /// Milliseconds since 1970, corrected by what the device knew of its clock; when the endpoint held it, to the minute,
    /// if that cannot be true.
    pub at_ms: i64,
    /// True when the device's own clock disagreed with the endpoint's by more than two minutes, or the time lies after the
    /// endpoint held it or before the case was opened.
    pub clock_doubtful: bool,
}

/// A value that was recorded at the same time as the one shown, and that nobody has replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AlsoRecorded {
    /// The record it belongs to.
    pub record: RecordId,
    /// Which field.
    pub field: String,
    /// Name of the value, for the command `decide`.
    pub value_id: String,
    /// The value in words or as its lasting name.
    pub value: String,
    /// Whether it is the one that is shown.
    pub shown: bool,
    /// Who recorded it.
    pub made: Made,
    /// Key of the reason why the command `decide` is refused for this value to this person; absent when it is allowed.
    pub why_not: Option<String>,
}

/// A record that was taken back. It is still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Struck {
    /// Why.
    pub reason: String,
    /// By whom.
    pub made: Made,
    /// True when somebody edited the record without knowing that it was struck.
    pub edited_since: bool,
}

/// A correction or an afterthought to a signed note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Addendum {
    /// What was added.
    pub words: String,
    /// By whom.
    pub made: Made,
}

/// How much of an attachment is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// Parts of it have not come yet.
    Arriving,
    /// All of it is here, as it was attached.
    Complete,
    /// All of it is here, and it is not what was attached.
    Damaged,
}

/// A photo or document on a case note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AttachmentRow {
    /// The attachment.
    pub attachment: AttachmentId,
    /// What the file was called.
    pub name: String,
    /// What kind of file it says it is, such as image/jpeg.
    pub media_type: String,
    /// How long it is, in bytes.
    pub bytes: u32,
    /// How much of it is here.
    pub state: AttachmentState,
    /// Parts that are here.
    pub parts_here: u32,
    /// Parts that the endpoint holds; as many as are here of a colleague's.
    pub parts_sent: u32,
    /// All its parts.
    pub parts: u32,
    /// Who attached it.
    pub made: Made,
    /// Present when it was taken back.
    pub struck: Option<Struck>,
    /// What can be done with it.
    pub actions: Vec<Action>,
}

/// A stretch of a draft that a merge changed, or that lies between two such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Stretch {
    /// Its words; empty where words only went.
    pub words: String,
    /// Who brought it in and when; absent where nothing came in.
    pub came_in: Option<Made>,
    /// The words that stood there before, as far as they were taken away.
    pub gone: String,
    /// True when the same words stand right beside it: two people wrote them, and `take_out_came_in` leaves one.
    pub twice: bool,
}

/// Which of two texts says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum SaidOn {
    /// The note and the screen.
    Both,
    /// The note alone.
    Note,
    /// The screen alone.
    Screen,
}

/// A stretch of two texts that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ComparedStretch {
    /// Its words.
    pub words: String,
    /// Where they stand.
    pub on: SaidOn,
}

/// What a note says beside what a screen says: both can be read from the stretches, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct NoteComparedPage {
    /// The note.
    pub note: NoteId,
    /// What the note's text is called now.
    pub revision: Revision,
    /// Both texts.
    pub stretches: Vec<ComparedStretch>,
}

/// One case note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct NotePage {
    /// The note.
    pub note: NoteId,
    /// Its case.
    pub case: CaseId,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// The young person's name.
    pub young_person: String,
    /// Who began it.
    pub made: Made,
    /// When the contact began, in milliseconds since 1970.
    pub began_at_ms: Option<i64>,
    /// Where it took place.
    pub place: Option<Place>,
    /// What kind of contact it was.
    pub contact: Option<ContactKind>,
    /// Whether it had been planned.
    pub planned: Option<bool>,
    /// How long it took, in minutes.
    pub minutes: Option<u32>,
    /// Tags, in alphabetical order.
    pub tags: Vec<String>,
    /// What was agreed with the young person.
    pub agreed: String,
    /// The text; of a signed note, the text that was signed.
    pub body: String,
    /// What the text of the draft is called; a save says by it what it began from.
    pub revision: Revision,
    /// Of a draft into which a merge brought something that nobody has looked at on this device: the whole text in stretches,
    /// with who brought what in. Empty otherwise, and for whoever has neither typed into it nor looked at it before.
    pub came_in: Vec<Stretch>,
    /// Who signed it, if it is signed; a signed note never changes.
    pub signed: Option<Made>,
    /// Words that a colleague wrote into the draft before they knew of the signature.
    pub written_meanwhile: Option<String>,
    /// Photos and documents, oldest first.
    pub attachments: Vec<AttachmentRow>,
    /// Corrections and afterthoughts, oldest first.
    pub addenda: Vec<Addendum>,
    /// Present when the note was taken back.
    pub struck: Option<Struck>,
    /// Values that were recorded at the same time.
    pub also_recorded: Vec<AlsoRecorded>,
    /// Whether everything in it has reached the endpoint.
    pub sent: bool,
    /// What can be done.
    pub actions: Vec<Action>,
}
