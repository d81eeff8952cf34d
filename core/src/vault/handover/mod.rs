//! The hand-over: the phone is lent to a young person, and what they answer is sealed until the mentor takes it back.
//!
//! Knows the two files of a hand-over and the key that its answers are sealed to. Who is asked, what an answer means and what
//! becomes of it is not known here.
//!
//! The ticket says what is asked and to which public key the answers are sealed, and nothing about anybody. The box takes
//! sealed steps, one after another, and this phone cannot read one of them back: the private half is inside the closed store.

mod box_file;
mod step;
mod taken;
mod ticket;

use std::io;
use std::path::Path;

pub use box_file::{BOX_BYTES_MAX, BOX_FILE, Progress, STEPS_MAX};
pub use step::{Given, Head, STEP_BYTES, Step, StepProblem, open, seal};
pub use taken::{Expected, MISSING, Reason, SetAside, Taken, take_out};
pub use ticket::{TICKET_BYTES_MAX, TICKET_FILE, Ticket, TicketRefusal, WORDS_CHARS_MAX};

use super::durable;
use crate::ports::Disk;
use ticket::digest_of;

/// What a home says about a hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nobody has been handed this phone.
    Nothing,
    /// There is a ticket that makes no sense, or a box that is another's: nothing more is asked, and nothing added.
    Damaged,
    /// A hand-over stands.
    Standing {
        /// What is asked.
        ticket: Box<Ticket>,
        /// How far it has come.
        progress: Progress,
    },
}

/// Looks for a hand-over in a home.
///
/// # Errors
/// Whatever the system reports.
pub fn find(home: &Path) -> io::Result<Found> {
    let bytes = match durable::read(&home.join(TICKET_FILE), TICKET_BYTES_MAX) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Ok(Found::Damaged),
        Err(error) => return Err(error),
    };
    let Ok(ticket) = Ticket::read(&bytes) else { return Ok(Found::Damaged) };
    let boxed = match box_file::read(home) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Ok(Found::Damaged),
        read => read?,
    };
    Ok(match boxed.and_then(|bytes| Progress::read(&bytes, &ticket)) {
        Some(progress) => Found::Standing { ticket: Box::new(ticket), progress },
        None => Found::Damaged,
    })
}

/// Whether there is a ticket in a home, whatever it says.
#[must_use]
pub fn is_standing(home: &Path) -> bool {
    home.join(TICKET_FILE).exists()
}

/// Lays out the empty box of a hand-over, before anybody remembers that there is one: a box that is missing later was taken away.
///
/// # Errors
/// Whatever the system reports.
pub fn lay_out_box(disk: &dyn Disk, home: &Path, session: &[u8; 16]) -> io::Result<()> {
    box_file::begin(disk, home, session)
}

/// Begins a hand-over whose box is there: with its ticket, questions are asked.
///
/// # Errors
/// Whatever the system reports.
pub fn begin(disk: &dyn Disk, home: &Path, ticket: &[u8]) -> io::Result<()> {
    durable::replace(disk, &home.join(TICKET_FILE), ticket)
}

/// Adds a sealed step to the box, durably.
///
/// # Errors
/// Whatever the system reports; the step is then not in the box.
pub fn add(disk: &dyn Disk, home: &Path, sealed: &[u8; STEP_BYTES]) -> io::Result<()> {
    box_file::add(disk, home, sealed)
}

/// All that is in the box of a home, up to a limit, and how many bytes there really are; `None` if there is no box.
///
/// # Errors
/// Whatever the system reports.
pub fn boxed(home: &Path) -> io::Result<Option<(Vec<u8>, u64)>> {
    box_file::read_up_to(home)
}

/// Destroys both files of a hand-over: the ticket first, so that nobody is asked anything more whose answers would be lost. A
/// box that a crash leaves behind is cleared away at the next unlocking; by then it may be blank.
///
/// # Errors
/// Whatever the system reports first; both have been tried by then.
pub fn destroy(disk: &dyn Disk, home: &Path) -> io::Result<()> {
    let ticket = durable::destroy(disk, &home.join(TICKET_FILE));
    durable::destroy(disk, &home.join(BOX_FILE)).and(ticket)
}

/// Whether a box has been blanked on its way out, or no step was ever put in it: then it says nothing, whoever it belonged to.
#[must_use]
pub fn is_blank(boxed: &[u8]) -> bool {
    boxed.iter().all(|byte| *byte == 0) || box_file::is_empty(boxed)
}

/// The digest of a ticket's bytes.
#[must_use]
pub fn ticket_digest(bytes: &[u8]) -> fieldfare_protocol::hash::Hash {
    digest_of(bytes)
}
