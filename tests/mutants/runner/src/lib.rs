//! Mutants: bugs on purpose that live outside the sources, each with the test or world fault that must notice it.
//!
//! Reads and changes text, calls Cargo and Git; knows nothing of what the sources do.

pub mod cargo;
pub mod change;
pub mod choice;
pub mod copy;
pub mod kept;
pub mod killer;
pub mod process;
pub mod shape;
pub mod table;
pub mod trial;
