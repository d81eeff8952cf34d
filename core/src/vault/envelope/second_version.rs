//! The envelope as the second version wrote it: no check of the hardware key, and the count of tries among all the rest.
//!
//! It is only read: the next try writes it in today's form, under the same PIN.

use serde::Deserialize;

use super::help::HelpSlot;
use super::slot::Slot;
use super::tail::Tail;
use super::{Body, NO_CHECK, StoreId};
use crate::vault::tries::Tries;

/// Its number.
pub(super) const VERSION: u8 = 2;

#[derive(Deserialize)]
pub(super) struct SecondBody {
    store: StoreId,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    tries_max: u8,
    generation: u32,
    pin: Slot,
    biometric: Option<Slot>,
    help: Option<HelpSlot>,
    failures: u32,
    last_failure_ms: i64,
}

impl From<SecondBody> for (Body, Tail) {
    fn from(second: SecondBody) -> Self {
        let body = Body {
            store: second.store,
            memory_kib: second.memory_kib,
            passes: second.passes,
            lanes: second.lanes,
            tries_max: second.tries_max,
            generation: second.generation,
            pin: second.pin,
            check: NO_CHECK,
            biometric: second.biometric,
            help: second.help,
        };
        let tries = Tries { failures: second.failures, unanswered: 0, last_ms: second.last_failure_ms };
        (body, Tail { tries, ..Tail::default() })
    }
}
