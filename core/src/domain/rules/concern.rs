//! A concern is handled by those who coordinate.
//!
//! Pure. Neither the state of the case nor want of contact bars what somebody's safety needs.

use super::reason::ONLY_COORDINATORS_HANDLE;
use super::{Asker, Verdict};

/// Recording how far a concern has come.
pub fn handle_concern(asker: Asker) -> Verdict {
    asker.only_coordinators(ONLY_COORDINATORS_HANDLE)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EVERYBODY, asker};
    use super::*;

    #[test]
    fn a_concern_is_handled_by_those_who_coordinate() {
        let handle = EVERYBODY.map(|role| handle_concern(asker(role)).is_ok());
        assert_eq!(handle, [false, false, true, true]);
    }
}
