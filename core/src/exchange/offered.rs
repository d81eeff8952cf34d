//! Offering an endpoint that began a new life what it lost of other people's work: their phones may be gone for good.
//!
//! Runs once all of ours is level, and only after a new life; in steady state not a byte travels for it.

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::limits::{OFFER_VAULTS_MAX, REQUEST_BYTES_TARGET, REQUEST_ITEMS_MAX};
use fieldfare_protocol::offer::{HeldChain, OfferReply, OfferRequest, OfferedSegment};
use fieldfare_protocol::request::OFFER_PATH;
use serde_bytes::ByteBuf;

use super::{Exchange, Outcome, ROUND_TRIPS_MAX};
use crate::contract::Problem;
use crate::store::{Alarm, Read};

/// What the endpoint lacks of some vaults.
#[derive(Default)]
struct Lacking {
    segments: Vec<OfferedSegment>,
    /// Chains that it holds another history of: vault, author and number.
    contradicted: Vec<(VaultId, DeviceId, u64)>,
}

impl Exchange<'_> {
    /// Brings the endpoint whatever it lacks of others' chains, vault by vault.
    pub(super) fn offer_others(&self, done: &mut Outcome) -> Result<(), Problem> {
        while done.round_trips < ROUND_TRIPS_MAX {
            let vaults = self.store.read(|read| read.vaults_to_offer(OFFER_VAULTS_MAX))?;
            if vaults.is_empty() {
                break;
            }
            self.offer(&vaults, done)?;
        }
        Ok(())
    }

    fn offer(&self, vaults: &[VaultId], done: &mut Outcome) -> Result<(), Problem> {
        let mut held = self.bring(vaults, Vec::new(), done)?;
        loop {
            let lacking = self.store.read(|read| self.lacking(read, vaults, &held))?;
            let before = held;
            let nothing = lacking.segments.is_empty() || done.round_trips >= ROUND_TRIPS_MAX;
            held = if nothing { before.clone() } else { self.bring(vaults, lacking.segments, done)? };
            // What it does not take from us now, somebody else may be able to bring.
            if nothing || held == before {
                return self.store.write(|write| {
                    for (vault, device, seq) in lacking.contradicted {
                        let now_ms = self.ports.clock.now_ms();
                        write.raise_alarm(Alarm::TwoHistories, vault, device, seq, now_ms)?;
                    }
                    Ok(vaults.iter().try_for_each(|vault| write.offered(*vault))?)
                });
            }
        }
    }

    /// Compares what is here with what the endpoint holds, within the limits of one request.
    fn lacking(&self, read: &Read<'_>, vaults: &[VaultId], held: &[HeldChain]) -> Result<Lacking, Problem> {
        let (mut lacking, mut room) = (Lacking::default(), REQUEST_BYTES_TARGET);
        for vault in vaults {
            for (no, chain, head) in read.chains_of_others(*vault, self.me.device)? {
                let theirs = held.iter().find(|held| {
                    (held.vault, held.device, held.lane_code) == (*vault, chain.device, chain.lane.code())
                });
                let seq = theirs.map_or(0, |held| held.seq);
                if seq > head.seq {
                    continue;
                }
                if let Some(theirs) = theirs
                    && read.segment_hash_at(no, seq)? != Some(theirs.hash)
                {
                    lacking.contradicted.push((*vault, chain.device, seq));
                    continue;
                }
                if seq == head.seq || room == 0 || lacking.segments.len() >= REQUEST_ITEMS_MAX / 2 {
                    continue;
                }
                let mut at = seq;
                while at < head.seq && room > 0 && lacking.segments.len() < REQUEST_ITEMS_MAX {
                    let pieces = what_follows(read, no, at, room)?;
                    let Some((last_seq, _)) = pieces.last() else { break };
                    at = *last_seq;
                    for (_, bytes) in pieces {
                        room = room.saturating_sub(bytes.len());
                        let bytes = ByteBuf::from(bytes);
                        lacking.segments.push(OfferedSegment { vault: *vault, device: chain.device, bytes });
                    }
                }
            }
        }
        lacking.segments.truncate(REQUEST_ITEMS_MAX);
        Ok(lacking)
    }

    fn bring(
        &self,
        vaults: &[VaultId],
        segments: Vec<OfferedSegment>,
        done: &mut Outcome,
    ) -> Result<Vec<HeldChain>, Problem> {
        let endpoint = self.store.read(|read| read.endpoint())?;
        let request = OfferRequest { version: PROTOCOL_VERSION, vaults: vaults.to_vec(), segments };
        let answer: OfferReply =
            self.signed(&endpoint.base_url, self.me.device, OFFER_PATH, &request, done)?;
        Ok(answer.held)
    }
}

/// What follows an edit of a chain, each with the number of its last edit: segments as they came, or the bundle that stands for
/// them if they did not.
fn what_follows(
    read: &Read<'_>,
    chain_no: i64,
    seq: u64,
    room: usize,
) -> Result<Vec<(u64, Vec<u8>)>, Problem> {
    let segments = read.segments_after(chain_no, seq, room)?;
    if !segments.is_empty() {
        return Ok(segments.into_iter().map(|segment| (segment.last_seq, segment.bytes)).collect());
    }
    let bundles = read.bundles_of(chain_no)?.into_iter();
    let over = |(first_seq, last_seq, _): &(u64, u64, Vec<u8>)| {
        (*first_seq..=*last_seq).contains(&seq.saturating_add(1))
    };
    Ok(bundles.filter(over).map(|(_, last_seq, bytes)| (last_seq, bytes)).take(1).collect())
}
