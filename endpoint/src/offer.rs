//! Taking back what a restore lost: segments of authors who may never come again, brought by whoever has them.
//!
//! Judged like their author's own delivery. Nothing is acknowledged to the bringer but how far each chain is held.

use std::collections::BTreeMap;

use fieldfare_protocol::exchange::SegmentOutcome;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::limits::{OFFER_VAULTS_MAX, REQUEST_ITEMS_MAX};
use fieldfare_protocol::offer::{HeldChain, OfferReply, OfferRequest};
use fieldfare_protocol::request::Refused;

use crate::intake::{Intake, TouchedChain};
use crate::keeper::Keeper;
use crate::problem::Failure;

/// The chains that segments were brought for: vault, author and lane code.
pub(crate) type Brought = BTreeMap<(VaultId, DeviceId, u8), TouchedChain>;

/// Takes in what a recognised device brings of others, and says how far every chain is held.
pub(crate) fn offer(
    keeper: &Keeper,
    caller: DeviceId,
    request: &OfferRequest,
) -> Result<OfferReply, Failure> {
    if request.vaults.len() > OFFER_VAULTS_MAX || request.segments.len() > REQUEST_ITEMS_MAX {
        return Err(Refused::TooLarge.into());
    }
    keeper.change(|write, draft| {
        let now_ms = keeper.now_ms();
        let mut intake = Intake { write, draft, caller, now_ms, quota_bytes: keeper.quota_bytes };
        let mut brought = Brought::new();
        for segment in &request.segments {
            intake.take_offered(segment, &mut brought)?;
        }
        let mut held = Vec::new();
        for vault in &request.vaults {
            if intake.draft.writable(caller, vault.tag()).is_none_or(|writable| writable.vault != *vault) {
                continue;
            }
            for (device, lane_code, head) in write.read().chains_of(*vault)? {
                held.push(HeldChain { vault: *vault, device, lane_code, seq: head.seq, hash: head.hash });
            }
        }
        Ok(OfferReply { held })
    })
}

impl TouchedChain {
    /// Whether anything more of the chain is worth looking at.
    pub(crate) fn goes_on(&self) -> bool {
        self.outcome == SegmentOutcome::Kept
    }
}
