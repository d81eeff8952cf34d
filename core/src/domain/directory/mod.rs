//! The directory of local services: read from the published table, searched by age, area and need (G01–G07).
//!
//! Pure rules over text handed in. Nothing here knows a file, a clock, a store or the young person who is helped.
//!
//! The published table is untidy, so every reading errs towards *showing* a service: a service shown in vain costs a
//! telephone call, a service hidden costs somebody help. What was published always stays beside what we read in it.

pub mod ages;
pub mod areas;
pub mod checked;
pub mod columns;
pub mod district;
pub mod import;
pub mod service;
pub mod tags;

mod places;
mod rows;
mod words;

#[cfg(test)]
mod published_table;

pub use ages::{AgeRange, AgeRefusal};
pub use areas::{Areas, PlaceNote};
pub use checked::{DateRefusal, Staleness};
pub use columns::ColumnRefusal;
pub use district::District;
pub use import::{Import, ImportRefusal, Note, RefusedRow, RowNote, RowRefusal};
pub use service::{Published, Reading, Service, ServiceRefusal};
pub use tags::Tag;
