//! What a folder holds where somebody would begin a home.
//!
//! Names kinds of files and no file: what others call theirs is nobody's to print.

use schemars::JsonSchema;
use serde::Serialize;

/// What stands against beginning a home in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum FolderHolds {
    /// A store or a device key, and not the envelope that opens them.
    HomeWithoutLock,
    /// Files that are not Fieldfare's.
    OtherFiles,
    /// A home that was begun for something else, and is not finished.
    OtherBeginning,
}

impl std::fmt::Display for FolderHolds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::HomeWithoutLock => {
                "a store, answers or a device key of Fieldfare without the file `envelope` that opens them"
            }
            Self::OtherFiles => "files that are not Fieldfare's",
            Self::OtherBeginning => "a home that was begun for something else and is not finished",
        })
    }
}
