//! A segment: sealed edits of one chain, signed once, naming the segment before it.
//!
//! A **chain** is one lane of one device in one vault; its edits are numbered from 1 without gaps. Fixed cost about 120
//! bytes. What is inside is sealed: this module sees where a segment stands, never what it says.
//!
//! ```text
//! version 1 · lane 1 · vault tag 4 · first seq, count, epoch (varints) · membership head 8
//! · frontier (count, then per head: device tag 4, seq varint, hash 4) · salt 16 · length varint · sealed bytes · Ed25519 64
//! ```
//!
//! The signature covers the vault, the device, the previous segment's hash, the header and the *hash* of the sealed
//! bytes: a body erased by law leaves a chain that still verifies. Bytes are kept as they were signed, never re-encoded.

use serde::{Deserialize, Serialize};

use crate::SEGMENT_VERSION;
use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};
use crate::lane::Lane;
use crate::limits::{SEGMENT_BYTES_MAX, SEGMENT_EDITS_MAX, SEGMENT_FRONTIER_MAX};
use crate::signing::{BadSignature, Signature, VerifyKey};
use crate::wire::{self, Malformed};

const SIGNATURE_BYTES: usize = 64;

/// One lane of one device in one vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// The vault whose members can read the chain.
    pub vault: VaultId,
    /// The device that writes it.
    pub device: DeviceId,
    /// The lane it travels in.
    pub lane: Lane,
}

/// Where a chain ends: the number of its last edit and the hash of the segment that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last edit, 0 for a chain without any.
    pub seq: u64,
    /// Hash of the last segment, [`Hash::NOTHING`] for a chain without any.
    pub hash: Hash,
}

impl Head {
    /// The head of a chain that has not begun.
    pub const START: Self = Self { seq: 0, hash: Hash::NOTHING };
}

/// A head of another chain of the same vault and lane, as the author had seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHead {
    /// Short name of the other device.
    pub device_tag: [u8; 4],
    /// Number of its last edit that had been settled.
    pub seq: u64,
    /// Start of that segment's hash: two readers who were shown different histories notice here.
    pub hash: [u8; 4],
}

/// Everything of a segment that stands in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`SEGMENT_VERSION`] of the author; it also fixes the ciphers.
    pub version: u8,
    /// Wire code of the lane.
    pub lane_code: u8,
    /// Short name of the vault.
    pub vault_tag: [u8; 4],
    /// Number of the first edit inside, from 1.
    pub first_seq: u64,
    /// How many edits are inside, at least 1.
    pub count: u32,
    /// Key epoch of the vault under which it was sealed.
    pub epoch: u32,
    /// Start of the hash of the newest membership record the author knew.
    pub log_head: [u8; 8],
    /// Heads of the same lane whose position changed since the author's previous segment.
    pub frontier: Vec<SeenHead>,
    /// Random; the segment key is derived from it, so no restored phone can use a nonce twice.
    pub salt: [u8; 16],
}

impl Header {
    /// The lane, if this version knows it.
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        Lane::from_code(self.lane_code)
    }

    /// Number of the last edit inside.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.first_seq.saturating_add(u64::from(self.count)).saturating_sub(1)
    }

    /// The bytes that are signed and that the seal is bound to.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be encoded, which no value of this type can bring about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        wire::encode(self)
    }
}

/// A segment taken apart; [`Segment::bytes`] are the signed bytes, verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    header: Header,
    header_bytes: Vec<u8>,
    sealed: Vec<u8>,
    signature: Signature,
}

impl Segment {
    /// Puts a sealed body behind its header and has it signed.
    ///
    /// # Errors
    /// [`Malformed`] if the parts break a limit.
    pub fn sign(
        chain: &Chain,
        previous: Hash,
        header: Header,
        sealed: Vec<u8>,
        sign: impl FnOnce(&[u8]) -> Signature,
    ) -> Result<Self, Malformed> {
        let header_bytes = header.to_bytes()?;
        let signature = sign(&signed_bytes(chain, previous, &header_bytes, Hash::of(&[&sealed])));
        let segment = Self { header, header_bytes, sealed, signature };
        segment.check_limits()?;
        Ok(segment)
    }

    /// Takes a segment apart without believing anything in it.
    ///
    /// # Errors
    /// [`Malformed`] if it is cut short, over a limit, of another version or lane.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > SEGMENT_BYTES_MAX {
            return Err(Malformed);
        }
        let (header, rest) = postcard::take_from_bytes::<Header>(bytes).map_err(|_| Malformed)?;
        let header_bytes = bytes.get(..bytes.len() - rest.len()).ok_or(Malformed)?.to_vec();
        let (length, rest) = postcard::take_from_bytes::<u32>(rest).map_err(|_| Malformed)?;
        let (sealed, signature) = rest.split_at_checked(length as usize).ok_or(Malformed)?;
        let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature).map_err(|_| Malformed)?;
        let segment =
            Self { header, header_bytes, sealed: sealed.to_vec(), signature: Signature::new(signature) };
        segment.check_limits()?;
        // One segment, one spelling: the length stands outside the signature, so it may not be written in two ways.
        if segment.bytes() == bytes { Ok(segment) } else { Err(Malformed) }
    }

    fn check_limits(&self) -> Result<(), Malformed> {
        let Header { version, count, first_seq, frontier, .. } = &self.header;
        let fits = *version == SEGMENT_VERSION
            && self.header.lane().is_some()
            && (1..=SEGMENT_EDITS_MAX).contains(count)
            && *first_seq >= 1
            && first_seq.checked_add(u64::from(*count)).is_some_and(|next| i64::try_from(next).is_ok())
            && frontier.len() <= SEGMENT_FRONTIER_MAX
            && self.sealed.len() <= SEGMENT_BYTES_MAX
            // One value, one spelling: a header that encodes differently would be signed twice over.
            && self.header.to_bytes()? == self.header_bytes;
        if fits { Ok(()) } else { Err(Malformed) }
    }

    /// What stands in clear.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header as it was signed; the seal is bound to these bytes.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// The sealed body with its tag.
    #[must_use]
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// The segment on the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header_bytes.clone();
        let mut length = self.sealed.len();
        while length >= 0x80 {
            bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(&self.sealed);
        bytes.extend_from_slice(self.signature.as_bytes());
        bytes
    }

    /// The hash by which the next segment of the chain names this one.
    #[must_use]
    pub fn hash(&self, chain: &Chain, previous: Hash) -> Hash {
        Hash::of(&[&signed_bytes(chain, previous, &self.header_bytes, self.sealed_hash())])
    }

    /// Hash of the sealed body: what the signature and the next segment's "previous" rest on.
    #[must_use]
    pub fn sealed_hash(&self) -> Hash {
        Hash::of(&[&self.sealed])
    }

    /// Checks that `author` signed this segment as the successor of `previous` in `chain`.
    ///
    /// # Errors
    /// [`BadSignature`] if any of them differs.
    pub fn verify(&self, chain: &Chain, previous: Hash, author: &VerifyKey) -> Result<(), BadSignature> {
        let message = signed_bytes(chain, previous, &self.header_bytes, self.sealed_hash());
        author.verify(&message, &self.signature)
    }
}

/// The hash of a segment of which only the header and the hash of the sealed body are at hand.
///
/// # Errors
/// [`Malformed`] if the header cannot be encoded, which no value of its type can bring about.
pub fn hash_without_body(
    chain: &Chain,
    previous: Hash,
    header: &Header,
    sealed: Hash,
) -> Result<Hash, Malformed> {
    Ok(Hash::of(&[&signed_bytes(chain, previous, &header.to_bytes()?, sealed)]))
}

fn signed_bytes(chain: &Chain, previous: Hash, header_bytes: &[u8], sealed: Hash) -> Vec<u8> {
    let mut bytes = b"fieldfare/segment/1".to_vec();
    bytes.extend_from_slice(chain.vault.as_bytes());
    bytes.extend_from_slice(chain.device.as_bytes());
    bytes.extend_from_slice(&previous.0);
    bytes.extend_from_slice(header_bytes);
    bytes.extend_from_slice(&sealed.0);
    bytes
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    fn chain() -> Chain {
        Chain { vault: VaultId([1; 16]), device: DeviceId([2; 16]), lane: Lane::Notes }
    }

    fn header() -> Header {
        Header {
            version: SEGMENT_VERSION,
            lane_code: Lane::Notes.code(),
            vault_tag: chain().vault.tag(),
            first_seq: 1,
            count: 3,
            epoch: 1,
            log_head: [7; 8],
            frontier: vec![SeenHead { device_tag: [3; 4], seq: 200, hash: [4; 4] }],
            salt: [5; 16],
        }
    }

    fn signed() -> (Segment, VerifyKey) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let key = VerifyKey(pair.public_key().as_ref().try_into().unwrap());
        let sign = |message: &[u8]| Signature::new(pair.sign(message).as_ref().try_into().unwrap());
        (Segment::sign(&chain(), Hash::NOTHING, header(), vec![6; 300], sign).unwrap(), key)
    }

    #[test]
    fn a_segment_reads_back_byte_for_byte_and_verifies() {
        let (segment, key) = signed();
        let read = Segment::parse(&segment.bytes()).unwrap();
        assert_eq!(read, segment);
        assert_eq!(read.bytes(), segment.bytes());
        assert_eq!(read.verify(&chain(), Hash::NOTHING, &key), Ok(()));
    }

    #[test]
    fn the_fixed_cost_stays_near_a_hundred_and_twenty_bytes() {
        let (segment, _) = signed();
        let fixed = segment.bytes().len() - segment.sealed().len() + 16;
        assert!(fixed <= 130, "{fixed}");
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let (segment, key) = signed();
        let bytes = segment.bytes();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[position] ^= 1 << bit;
                let survives = Segment::parse(&flipped)
                    .is_ok_and(|read| read.verify(&chain(), Hash::NOTHING, &key).is_ok());
                assert!(!survives, "bit {bit} of byte {position}");
            }
        }
    }

    #[test]
    fn a_length_that_is_spelled_longer_than_needed_is_malformed() {
        let (segment, _) = signed();
        let mut bytes = segment.header_bytes().to_vec();
        bytes.extend_from_slice(&[0x80 | 44, 0x82, 0x00]); // 300 in three bytes
        bytes.extend_from_slice(segment.sealed());
        bytes.extend_from_slice(segment.signature.as_bytes());
        assert_eq!(Segment::parse(&bytes), Err(Malformed));
    }

    #[test]
    fn a_segment_is_refused_in_any_other_place() {
        let (segment, key) = signed();
        let elsewhere = Chain { vault: VaultId([8; 16]), ..chain() };
        assert_eq!(segment.verify(&elsewhere, Hash::NOTHING, &key), Err(BadSignature));
        assert_eq!(segment.verify(&chain(), Hash([1; 32]), &key), Err(BadSignature));
    }

    #[test]
    fn every_truncation_is_malformed() {
        let bytes = signed().0.bytes();
        for length in 0..bytes.len() {
            assert_eq!(Segment::parse(&bytes[..length]), Err(Malformed), "{length}");
        }
    }
}
