//! What a command answers when it has been carried out and is durable.

use schemars::JsonSchema;
use serde::Serialize;

use super::{RecordId, Revision, Topic};

/// A command was carried out; everything it wrote survives a crash from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Done {
    /// Name of the command.
    pub did: String,
    /// The record that it made, if it made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<RecordId>,
    /// What the text on the screen is called from now on, after `begin_note`, `save_draft` and `take_out_came_in`: what the
    /// next save from the same screen began from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
    /// What an import took and what it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportReport>,
    /// Pages that should be read again.
    pub topics: Vec<Topic>,
}

/// What became of an imported table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ImportReport {
    /// Rows that came in as new records.
    pub added: u32,
    /// Rows that changed a record which was there already.
    pub updated: u32,
    /// Rows that say what is known already.
    pub unchanged: u32,
    /// Rows that made no sense; the others came in.
    pub refused: Vec<RefusedRow>,
    /// What a person should look at, by row: a misspelt place that was understood, and the like.
    pub notes: Vec<RefusedRow>,
}

/// A row and what to say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct RefusedRow {
    /// Number of the row as a spreadsheet shows it; the header is row 1.
    pub row: u32,
    /// What the row calls itself.
    pub name: String,
    /// What is wrong, or worth a look.
    pub why: String,
}

/// What a drill found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Drilled {
    /// Vaults that the recovery key opens: the organisation's own and the files of cases that this device knows.
    pub opened: u32,
    /// Vaults that it does not open. Their keys have to be changed while somebody can still read them.
    pub failed: u32,
}
