//! What is printed: JSON, one object a line, and problems in the same shape everywhere.
//!
//! Nothing is printed that a person wrote, except where a page was asked for.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use fieldfare_core::contract::Problem;
use serde::Serialize;

/// Why an action ended without success.
pub(crate) enum Refusal {
    /// The problem is yet to be printed.
    Problem(Problem),
    /// Problems have been printed already.
    Told,
    /// Standard output is closed.
    NobodyListens,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// A problem as it is printed: its fields, what it says, and what to do next.
#[derive(Serialize)]
struct Told<'p> {
    #[serde(flatten)]
    problem: &'p Problem,
    says: String,
    next: &'static str,
}

/// Prints one object on a line of its own.
pub(crate) fn line(object: &impl Serialize) -> Result<(), Refusal> {
    let Ok(mut text) = serde_json::to_string(object) else {
        return Err(Problem::Unexpected { place: "output".to_owned() }.into());
    };
    text.push('\n');
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|_| Refusal::NobodyListens)
}

/// Prints a problem.
pub(crate) fn problem(problem: &Problem) {
    let told = Told { problem, says: problem.to_string(), next: problem.next_step() };
    // If nobody listens, the exit status says it.
    let _ = line(&told);
}

/// Where the last panic happened, if one did.
static PANIC_PLACE: Mutex<String> = Mutex::new(String::new());

/// A panic is our bug; it must not print what was being worked on. One that a library causes is caught in the core.
pub(crate) fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
        *PANIC_PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
}

/// The problem that a panic which nobody caught is told as.
pub(crate) fn panicked() -> Problem {
    Problem::Unexpected { place: PANIC_PLACE.lock().unwrap_or_else(PoisonError::into_inner).clone() }
}
