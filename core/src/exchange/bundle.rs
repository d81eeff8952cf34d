//! What is inside a bundle: for every segment that it stands for its header and the hash of its sealed body, and all edits.
//!
//! Decides whether it adds up, never what settles. The headers and hashes lead from the segment before the first to the hash
//! of the last: no number, frontier or place can be told otherwise than it was signed.

use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::bundle::BundleHeader;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::limits::{BUNDLE_EDITS_MAX, BUNDLE_PIECES_MAX, SEGMENT_PLAIN_BYTES_MAX};
use fieldfare_protocol::segment::{Chain, Header, SeenHead, Segment, hash_without_body};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

use super::body::{self, BadBody};
use crate::domain::edit::Edit;

/// The part of a bundle that one segment was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The header as it was signed.
    pub header: Header,
    /// Hash of the segment before it.
    pub previous: Hash,
    /// Its own hash.
    pub hash: Hash,
    /// Its edits.
    pub edits: Vec<Edit>,
}

/// A bundle's body as it is encoded.
#[derive(Serialize, Deserialize)]
struct Whole {
    pieces: Vec<Part>,
    /// As the edits of one long segment are encoded.
    edits: ByteBuf,
}

/// Of a header only what the bundle's own does not say.
#[derive(Serialize, Deserialize)]
struct Part {
    count: u32,
    epoch: u32,
    log_head: [u8; 8],
    frontier: Vec<SeenHead>,
    salt: [u8; 16],
    sealed: Hash,
}

/// Encodes the run of segments whose edits these are.
///
/// # Errors
/// [`BadBody`] if it is more than a bundle holds.
pub fn encode(chain: &Chain, run: &[Segment], edits: &[Edit]) -> Result<Zeroizing<Vec<u8>>, BadBody> {
    let part = |segment: &Segment| {
        let header = segment.header().clone();
        Part {
            count: header.count,
            epoch: header.epoch,
            log_head: header.log_head,
            frontier: header.frontier,
            salt: header.salt,
            sealed: segment.sealed_hash(),
        }
    };
    let encoded = body::encode(chain.device, edits)?;
    let whole = Whole { pieces: run.iter().map(part).collect(), edits: ByteBuf::from(encoded.to_vec()) };
    let plain = Zeroizing::new(postcard::to_stdvec(&whole).map_err(|_| BadBody)?);
    let fits = plain.len() <= SEGMENT_PLAIN_BYTES_MAX && run.len() <= BUNDLE_PIECES_MAX;
    if fits { Ok(plain) } else { Err(BadBody) }
}

/// Reads the pieces of a bundle, in the order of their numbers.
///
/// # Errors
/// [`BadBody`] unless they lead, without a gap, from what the header says stands before to the last hash that it names.
pub fn decode(chain: &Chain, header: &BundleHeader, plain: &[u8]) -> Result<Vec<Piece>, BadBody> {
    let (whole, rest) = postcard::take_from_bytes::<Whole>(plain).map_err(|_| BadBody)?;
    if !rest.is_empty() || !(1..=BUNDLE_PIECES_MAX).contains(&whole.pieces.len()) {
        return Err(BadBody);
    }
    let count = whole.pieces.iter().fold(0_u32, |sum, part| sum.saturating_add(part.count));
    let promised = header.last_seq.saturating_sub(header.first_seq).saturating_add(1);
    if count > BUNDLE_EDITS_MAX || u64::from(count) != promised {
        return Err(BadBody);
    }
    let mut edits = body::decode(chain.device, count, &whole.edits)?.into_iter();
    let (mut pieces, mut previous, mut first_seq) = (Vec::new(), header.before, header.first_seq);
    for part in whole.pieces {
        let original = Header {
            version: SEGMENT_VERSION,
            lane_code: header.lane_code,
            vault_tag: header.vault_tag,
            first_seq,
            count: part.count,
            epoch: part.epoch,
            log_head: part.log_head,
            frontier: part.frontier,
            salt: part.salt,
        };
        if part.count == 0 {
            return Err(BadBody);
        }
        let hash = hash_without_body(chain, previous, &original, part.sealed).map_err(|_| BadBody)?;
        first_seq = original.last_seq().saturating_add(1);
        let edits = edits.by_ref().take(part.count as usize).collect();
        pieces.push(Piece { header: original, previous, hash, edits });
        previous = hash;
    }
    if previous == header.last_hash { Ok(pieces) } else { Err(BadBody) }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
