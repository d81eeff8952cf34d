//! The envelope as the first version wrote it: one slot, no generation. It is read, counted in, and turned at the next unlock.
//!
//! Writes that form only to count a try in a file that has it already.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::slot::Slot;
use super::{Body, MAGIC, StoreId};

/// Its number.
pub(super) const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
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

impl From<FirstBody> for Body {
    fn from(first: FirstBody) -> Self {
        Self {
            store: first.store,
            memory_kib: first.memory_kib,
            passes: first.passes,
            lanes: first.lanes,
            tries_max: first.tries_max,
            generation: 0,
            pin: Slot { salt: first.salt, nonce: first.nonce, sealed: first.sealed },
            biometric: None,
            help: None,
            failures: first.failures,
            last_failure_ms: first.last_failure_ms,
        }
    }
}

impl From<&Body> for FirstBody {
    fn from(body: &Body) -> Self {
        Self {
            store: body.store,
            memory_kib: body.memory_kib,
            passes: body.passes,
            lanes: body.lanes,
            tries_max: body.tries_max,
            salt: body.pin.salt,
            nonce: body.pin.nonce,
            sealed: body.pin.sealed,
            failures: body.failures,
            last_failure_ms: body.last_failure_ms,
        }
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
