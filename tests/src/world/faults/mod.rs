//! The faults that are done to a world, each with what must hold for it beside what always must.
//!
//! A fault strikes in every run, or the run counts as failed. Its switch breaks the promise that protects against it.

mod line;
mod power;
mod typing;

use fieldfare_protocol::sabotage::Sabotage;

use super::{Held, World};

/// A fault.
pub struct Fault {
    /// Its number among the faults that the agreement of phones must survive.
    pub number: u8,
    /// What is done.
    pub name: &'static str,
    /// Whose phones take part, by their place among the staff.
    pub staff: &'static [usize],
    /// What to break so that somebody notices.
    pub switch: Sabotage,
    /// Does it, lets the world settle down, and looks at it.
    pub play: fn(&mut World) -> Held,
}

/// Every fault that can be played, in the order of their numbers.
pub static FAULTS: &[Fault] = &[
    Fault {
        number: 10,
        name: "connection cut at any byte of request and reply",
        staff: &[1, 2, 3],
        switch: Sabotage::TakeSilenceForYes,
        play: line::cut,
    },
    Fault {
        number: 17,
        name: "two to five people on one note",
        staff: &[1, 2, 3, 4, 5],
        switch: Sabotage::TypeOverOthers,
        play: typing::together,
    },
    Fault {
        number: 24,
        name: "power fails around every commit",
        staff: &[1, 2, 3],
        switch: Sabotage::AcknowledgeBeforeDurable,
        play: power::fails,
    },
];

/// The fault of a number.
#[must_use]
pub fn fault(number: u8) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.number == number)
}
