//! Taking bundles: from the author of a chain, over whole kept segments, by their real hashes, and over none twice.
//!
//! What is sealed inside is nobody's business here; whoever opens a bundle checks that it adds up to the segments' hashes.

use fieldfare_protocol::bundle::{Bundle, BundlesReply, BundlesRequest};
use fieldfare_protocol::exchange::SegmentOutcome;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::limits::{BUNDLE_PIECES_MAX, BUNDLES_MAX};
use fieldfare_protocol::request::Refused;
use fieldfare_protocol::segment::Chain;

use crate::directory::Draft;
use crate::keeper::Keeper;
use crate::problem::{Failure, Trouble};
use crate::store::{KeptBundle, Write};

/// Takes the bundles of a recognised device, each judged for itself, durable before a word of the reply is said.
pub(crate) fn take(
    keeper: &Keeper,
    caller: DeviceId,
    request: &BundlesRequest,
) -> Result<BundlesReply, Failure> {
    if request.bundles.len() > BUNDLES_MAX {
        return Err(Refused::TooLarge.into());
    }
    keeper.change(|write, draft| {
        let judged =
            request.bundles.iter().map(|bytes| judge(write, draft, caller, keeper.quota_bytes, bytes));
        Ok(BundlesReply { outcomes: judged.collect::<Result<_, Trouble>>()? })
    })
}

fn judge(
    write: &Write<'_>,
    draft: &Draft<'_>,
    caller: DeviceId,
    quota_bytes: Option<u64>,
    bytes: &[u8],
) -> Result<SegmentOutcome, Trouble> {
    let Ok(bundle) = Bundle::parse(bytes) else {
        return Ok(SegmentOutcome::NotAllowed);
    };
    let header = bundle.header();
    let (Some(lane), Some(writable)) = (header.lane(), draft.writable(caller, header.vault_tag)) else {
        return Ok(SegmentOutcome::NotAllowed);
    };
    if draft.is_erased(writable.vault) {
        return Ok(SegmentOutcome::Erased);
    }
    let chain = Chain { vault: writable.vault, device: caller, lane };
    let card = draft.organisation().and_then(|kept| kept.devices.get(&caller));
    let signed = card.is_some_and(|card| bundle.verify(&chain, &card.verify_key).is_ok());
    if !signed || !(1..=writable.epoch).contains(&header.epoch) {
        return Ok(SegmentOutcome::NotAllowed);
    }
    let Some(covered) = write.read().covered(&chain, header.first_seq, header.last_seq)? else {
        return Ok(SegmentOutcome::Gap);
    };
    if (covered.before, covered.last_hash) != (header.before, header.last_hash) {
        return Ok(SegmentOutcome::Fork);
    }
    if covered.same {
        return Ok(SegmentOutcome::Kept);
    }
    if covered.bundled > 0 || covered.segments < 2 || covered.segments as usize > BUNDLE_PIECES_MAX {
        return Ok(SegmentOutcome::NotAllowed);
    }
    // Bundles save time and hold nothing new: they may not use up the room that segments need.
    let after = write.read().kept_bytes()?.saturating_add(bytes.len() as u64);
    if quota_bytes.is_some_and(|quota| after > quota / 2) {
        return Ok(SegmentOutcome::Full);
    }
    let (first_seq, last_seq) = (header.first_seq, header.last_seq);
    write.keep_bundle(&KeptBundle { chain, first_seq, last_seq, bytes })?;
    Ok(SegmentOutcome::Kept)
}
