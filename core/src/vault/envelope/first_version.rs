//! The envelope as the first version wrote it: one slot, no generation.
//!
//! It is only read: the next try writes it in today's form, with its slot as it was, and the right PIN seals that anew.

use serde::Deserialize;
use serde_bytes::ByteArray;

use super::slot::Slot;
use super::tail::Tail;
use super::{Body, MAGIC, NO_CHECK, StoreId};
use crate::vault::tries::Tries;

/// Its number.
pub(super) const VERSION: u8 = 1;
/// The number of its PIN. Whatever has it has a slot of this version.
pub(super) const GENERATION: u32 = 0;

#[derive(Deserialize)]
pub(super) struct FirstBody {
    store: StoreId,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    tries_max: u8,
    salt: [u8; 16],
    nonce: [u8; 12],
    sealed: ByteArray<48>,
    failures: u32,
    last_failure_ms: i64,
}

impl From<FirstBody> for (Body, Tail) {
    fn from(first: FirstBody) -> Self {
        let body = Body {
            store: first.store,
            memory_kib: first.memory_kib,
            passes: first.passes,
            lanes: first.lanes,
            tries_max: first.tries_max,
            generation: GENERATION,
            pin: Slot { salt: first.salt, nonce: first.nonce, sealed: first.sealed },
            check: NO_CHECK,
            biometric: None,
            help: None,
        };
        let tries = Tries { failures: first.failures, unanswered: 0, last_ms: first.last_failure_ms };
        (body, Tail { tries, ..Tail::default() })
    }
}

/// What its slot is bound to.
pub(super) fn bound(body: &Body) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend_from_slice(&body.memory_kib.to_be_bytes());
    bytes.extend_from_slice(&body.passes.to_be_bytes());
    bytes.extend_from_slice(&body.lanes.to_be_bytes());
    bytes.push(body.tries_max);
    bytes.extend_from_slice(&body.pin.salt);
    bytes.extend_from_slice(body.store.as_bytes());
    bytes.push(1);
    bytes
}
