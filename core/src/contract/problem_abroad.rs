//! What a problem says, for languages whose exceptions carry its fields alone.

use super::Problem;

/// In words, so that no app writes its own.
#[uniffi::export]
impl Problem {
    /// What happened.
    #[must_use]
    pub fn says(&self) -> String {
        self.to_string()
    }

    /// What a person can do next.
    #[must_use]
    pub fn next(&self) -> String {
        self.next_step().to_owned()
    }
}
