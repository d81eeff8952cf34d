//! The faults that are done to a world, each with what must hold for it beside what always must.
//!
//! A fault strikes in every run, or the run counts as failed. Which mutants it has to notice stands in `tests/mutants`.

mod absence;
mod bombs;
mod busy;
mod bytes;
mod clocks;
mod compaction;
mod copies;
mod histories;
mod keys;
mod leaving;
mod line;
mod load;
mod power;
mod recovery;
mod typing;
mod versions;

use super::ground::{Ground, Load};
use super::{Held, World};

/// A fault.
#[derive(Clone, Copy)]
pub struct Fault {
    /// Its number among the faults that the agreement of phones must survive.
    pub number: u8,
    /// What is done.
    pub name: &'static str,
    /// Whose phones take part, by their place among the staff.
    pub staff: &'static [usize],
    /// Where its world begins.
    pub ground: Ground,
    /// Does it, lets the world settle down, and looks at it.
    pub play: fn(&mut World) -> Held,
    /// What does not hold yet, and is known; every test run leaves such a fault out, the `world` binary does not.
    pub owed: Option<&'static str>,
}

impl Fault {
    /// The same fault with as much as a phone must be able to bear, if it is one of much at once.
    #[must_use]
    pub fn in_full(&self) -> Option<Self> {
        matches!(self.ground, Ground::Heavy(_)).then(|| Self { ground: Ground::Heavy(Load::FULL), ..*self })
    }
}

/// Every fault that can be played, in the order of their numbers.
pub static FAULTS: &[Fault] = &[
    Fault {
        number: 1,
        name: "clocks off by years, jumping, standing still, in another summer",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: clocks::wander,
        owed: None,
    },
    Fault {
        number: 2,
        name: "one phone in 2099, then the others edit",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: clocks::in_2099,
        owed: None,
    },
    Fault {
        number: 3,
        name: "backup put onto a second phone, both write",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: copies::second_phone,
        owed: None,
    },
    Fault {
        number: 4,
        name: "two processes on one store",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: clocks::two_processes,
        owed: None,
    },
    Fault {
        number: 5,
        name: "two endpoints tell two stories",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: histories::two_stories,
        owed: None,
    },
    Fault {
        number: 6,
        name: "endpoint put back from a backup",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: histories::restored,
        owed: None,
    },
    Fault {
        number: 7,
        name: "endpoint empty, or another organisation's",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: histories::foreign,
        owed: None,
    },
    Fault {
        number: 8,
        name: "replay, across vaults too",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: bytes::replay,
        owed: None,
    },
    Fault {
        number: 9,
        name: "flipped, cut short, oversized, noise, bombs",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: bytes::damaged,
        owed: None,
    },
    Fault {
        number: 10,
        name: "connection cut at any byte of request and reply",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: line::cut,
        owed: None,
    },
    Fault {
        number: 11,
        name: "reordered, doubled, months late",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: line::disorder,
        owed: None,
    },
    Fault {
        number: 12,
        name: "a predecessor that never comes",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: line::never_comes,
        owed: None,
    },
    Fault {
        number: 13,
        name: "edits of a newer app",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: versions::newer_app,
        owed: None,
    },
    Fault {
        number: 14,
        name: "an edit that makes a library panic",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: versions::library_fails,
        owed: None,
    },
    Fault {
        number: 15,
        name: "update interrupted, older app on a newer store",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: versions::older_app,
        owed: None,
    },
    Fault {
        number: 16,
        name: "delete against edit on two offline phones",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: typing::deleted,
        owed: None,
    },
    Fault {
        number: 17,
        name: "two to five people on one note",
        staff: &[1, 2, 3, 4, 5],
        ground: Ground::Fresh,
        play: typing::together,
        owed: None,
    },
    Fault {
        number: 18,
        name: "removed phone sends old, new and back-dated",
        staff: &[0, 1, 2, 3],
        ground: Ground::Fresh,
        play: leaving::removed,
        owed: None,
    },
    Fault {
        number: 19,
        name: "several change a key at once",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: leaving::keys_at_once,
        owed: None,
    },
    Fault {
        number: 20,
        name: "keys changed by somebody who forgets a member, lets one in or leaves out the recovery key",
        staff: &[0, 1, 2, 3],
        ground: Ground::Fresh,
        play: keys::forged,
        owed: None,
    },
    Fault {
        number: 21,
        name: "every phone lost",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: recovery::every_phone_lost,
        owed: None,
    },
    Fault {
        number: 22,
        name: "half a year offline",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: absence::half_a_year,
        owed: None,
    },
    Fault {
        number: 23,
        name: "disk full or read-only at any write, store busy",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: power::disk_refuses,
        owed: None,
    },
    Fault {
        number: 24,
        name: "power fails around every commit, and while a PIN is changed",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: power::fails,
        owed: None,
    },
    Fault {
        number: 25,
        name: "edit during an upload",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: line::meanwhile,
        owed: None,
    },
    Fault {
        number: 26,
        name: "a large case, many cases, many segments at once",
        staff: &[1, 8],
        ground: Ground::Heavy(Load::SMALL),
        play: load::first_sync,
        owed: None,
    },
    Fault {
        number: 27,
        name: "429, 503 and 413, no room at the endpoint",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: busy::turned_away,
        owed: None,
    },
    Fault {
        number: 28,
        name: "sizes on the line",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: busy::sizes,
        owed: None,
    },
    Fault {
        number: 29,
        name: "one phone packs its history while others write",
        staff: &[1, 2, 3, 5, 6],
        ground: Ground::Worn,
        play: compaction::while_others_write,
        owed: None,
    },
    Fault {
        number: 30,
        name: "power fails while fetching",
        staff: &[1, 2, 3],
        ground: Ground::Fresh,
        play: power::while_fetching,
        owed: None,
    },
];

/// The fault of a number.
#[must_use]
pub fn fault(number: u8) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.number == number)
}
