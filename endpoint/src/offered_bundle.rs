//! Taking back a stretch of history that its bringer knows from a bundle alone: the bundle stands where its segments stood.
//!
//! What is sealed inside cannot be looked at here. Its author signed where it begins and how it ends; whoever opens it checks
//! that it leads from the one to the other.

use fieldfare_protocol::bundle::{Bundle, HANDED_MARK, HandedBundle};
use fieldfare_protocol::exchange::SegmentOutcome;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::offer::OfferedSegment;
use fieldfare_protocol::segment::{Chain, Head};
use fieldfare_protocol::wire;

use crate::directory::Writable;
use crate::intake::{Intake, TouchedChain};
use crate::offer::Brought;
use crate::problem::Trouble;

impl Intake<'_, '_, '_> {
    /// Takes a bundle of somebody else's chain that the caller brings.
    pub(crate) fn take_offered_bundle(
        &mut self,
        offered: &OfferedSegment,
        brought: &mut Brought,
    ) -> Result<(), Trouble> {
        let OfferedSegment { vault, device, bytes } = offered;
        let Ok(bundle) = Bundle::parse(bytes) else { return Ok(()) };
        let header = bundle.header();
        let writable = self.draft.writable(self.caller, header.vault_tag);
        let writable = writable.filter(|writable| writable.vault == *vault && *device != self.caller);
        let writable = writable.filter(|writable| !self.draft.is_erased(writable.vault));
        let (Some(writable), Some(lane)) = (writable, header.lane()) else { return Ok(()) };
        let chain = Chain { vault: *vault, device: *device, lane };
        let so_far = self.brought_chain(&chain, brought)?;
        if so_far.goes_on() {
            so_far.outcome = self.judge_offered_bundle(writable, &chain, &bundle, bytes, so_far)?;
        }
        Ok(())
    }

    fn judge_offered_bundle(
        &self,
        writable: Writable,
        chain: &Chain,
        bundle: &Bundle,
        bytes: &[u8],
        so_far: &mut TouchedChain,
    ) -> Result<SegmentOutcome, Trouble> {
        let header = bundle.header();
        let next_seq = so_far.head.seq.saturating_add(1);
        if header.last_seq < next_seq {
            return Ok(SegmentOutcome::Kept);
        }
        if header.first_seq > next_seq {
            return Ok(SegmentOutcome::Gap);
        }
        let before = match header.first_seq {
            first_seq if first_seq == next_seq => Some(so_far.head.hash),
            1 => Some(Hash::NOTHING),
            // What is held of it already must lie behind what it begins with.
            first_seq => self.write.read().hash_at(chain, first_seq.saturating_sub(1))?,
        };
        if before != Some(header.before) {
            return Ok(SegmentOutcome::Fork);
        }
        let head = Head { seq: header.last_seq, hash: header.last_hash };
        let card = self.draft.organisation().and_then(|kept| kept.devices.get(&chain.device));
        let signed = card.is_some_and(|card| bundle.verify(chain, &card.verify_key).is_ok());
        if !signed || !(1..=writable.epoch).contains(&header.epoch) || !self.draft.counts(chain, head) {
            return Ok(SegmentOutcome::NotAllowed);
        }
        if !self.has_room(chain.lane, bytes.len())? {
            return Ok(SegmentOutcome::Full);
        }
        // When each of its segments was held before nobody here remembers: all are held since now.
        let handed =
            HandedBundle { mark: HANDED_MARK, held_at_ms: Vec::new(), bundle: bytes.to_vec().into() };
        let handed = wire::encode(&handed).map_err(|_| Trouble::Damaged)?;
        self.keep(chain, next_seq, head, &handed, so_far)?;
        Ok(SegmentOutcome::Kept)
    }
}
