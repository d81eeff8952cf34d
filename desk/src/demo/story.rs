//! Telling and checking: plain words to the reader, claims that are true or end the story badly.
//!
//! Knows nothing of what is told.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use fieldfare_core::contract::Problem;

/// The story as it is told.
pub(super) struct Story {
    claims: u32,
    broken: u32,
}

/// Why the story could not be told to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The core refused something that the story needs.
    Problem(Problem),
    /// A part of the scenery did not work.
    Scenery(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Scenery(error.to_string())
    }
}

impl Story {
    pub(super) const fn begin() -> Self {
        Self { claims: 0, broken: 0 }
    }

    /// Begins a chapter.
    pub(super) fn chapter(&mut self, title: &str) {
        print(&format!("\n{title}\n{}", "-".repeat(title.chars().count())));
    }

    /// Tells something that needs no proof.
    pub(super) fn say(&mut self, words: &str) {
        print(words);
    }

    /// Tells something that is checked.
    pub(super) fn claim(&mut self, words: &str, holds: bool) {
        self.claims = self.claims.saturating_add(1);
        if holds {
            print(&format!("  [true]  {words}"));
        } else {
            self.broken = self.broken.saturating_add(1);
            print(&format!("  [FALSE] {words}"));
        }
    }

    /// Ends the story.
    pub(super) fn end(self, told: Result<(), Failure>, took: Duration) -> ExitCode {
        if let Err(failure) = told {
            match failure {
                Failure::Problem(problem) => {
                    print(&format!("\nThe story broke off: {problem}. {}", problem.next_step()));
                }
                Failure::Scenery(why) => print(&format!("\nThe story broke off: {why}.")),
            }
            return ExitCode::FAILURE;
        }
        print(&format!(
            "\n{} claims checked, {} of them false, in {:.1} seconds.",
            self.claims,
            self.broken,
            took.as_secs_f64()
        ));
        if self.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn print(words: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever has closed the book does not hear the end.
    let _ = writeln!(out, "{words}").and_then(|()| out.flush());
}
