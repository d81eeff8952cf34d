//! The only vocabulary that a shell sees: commands, pages, problems, topics, and the words they are made of.
//!
//! Shapes without behaviour. How a command is carried out, where a page comes from and who keeps it is not known here.

mod audit;
mod auto_lock;
mod case;
mod check_in;
mod choice;
mod command;
mod compartment;
mod concern;
mod done;
mod erasing;
mod exchanged;
mod export;
mod folder;
mod goal;
mod handover;
mod id;
mod note;
mod page;
mod people;
mod problem;
#[cfg(feature = "foreign")]
mod problem_abroad;
mod search;
mod services;
mod topic;

pub use audit::*;
pub use auto_lock::AutoLock;
pub use case::*;
pub use check_in::*;
pub use choice::*;
pub use command::Command;
pub use compartment::*;
pub use concern::*;
pub use done::{Done, Drilled, ImportReport, RefusedRow};
pub use erasing::*;
pub use exchanged::Exchanged;
pub use export::{Exported, Withheld, WithholdReason};
pub use folder::FolderHolds;
pub use goal::*;
pub use handover::*;
pub use id::*;
pub use note::*;
pub use page::{Ask, Page};
pub use people::*;
pub use problem::{Problem, Thing};
pub use search::*;
pub use services::*;
pub use topic::Topic;
