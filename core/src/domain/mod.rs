//! The nouns of the field and their rules: records, edits, how values settle, and what the measures mean.
//!
//! Pure. Nothing in here reads a clock, a file, a key or the network.

pub mod attachment;
pub mod auto_lock;
pub mod case;
pub mod check_in;
pub mod compartment;
pub mod concern;
pub mod day;
pub mod digest;
pub mod directory;
pub mod edit;
pub mod field;
pub mod goal;
pub mod kind;
pub mod lease;
pub mod measure;
pub mod merge;
pub mod note;
pub mod organisation;
pub mod person;
pub mod rules;
pub mod scale_pack;
pub mod service;
pub mod stamp;
pub mod step;
pub mod text;
pub mod value;
pub mod vocabulary;
pub mod young_person;
