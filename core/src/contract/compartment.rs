//! Compartments of a case: which part of it a record stands in, and who reads that part.
//!
//! Names only. Who belongs among the readers is the domain's to say, who does is the membership log's.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Compartment, PersonId, StaffRole};

/// Somebody who can read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ReaderRow {
    /// Their name; empty while the directory has not arrived.
    pub name: String,
    /// Who.
    pub person: PersonId,
    /// What they do in the organisation.
    pub role: StaffRole,
}

/// Where a record is kept, and who can read it there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Kept {
    /// The compartment; absent while it has not arrived which one this is.
    pub compartment: Option<Compartment>,
    /// Everybody who holds its key, by name.
    pub read_by: Vec<ReaderRow>,
}
