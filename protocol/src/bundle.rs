//! A bundle: a long run of small segments of one chain, packed together anew by their author and signed once.
//!
//! It stands in for the segments that it covers when somebody reads a history late. Like a segment it is sealed: this
//! module sees which segments it covers, never what they say, and the segments themselves stay where they are.
//!
//! ```text
//! mark 1 · version 1 · lane 1 · vault tag 4 · first seq, last seq (varints) · hash before 32 · last hash 32 · epoch varint
//! · membership head 8 · salt 16 · length varint · sealed bytes · Ed25519 64
//! ```

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::SEGMENT_VERSION;
use crate::exchange::SegmentOutcome;
use crate::hash::Hash;
use crate::lane::Lane;
use crate::limits::{BUNDLE_EDITS_MAX, BUNDLE_PIECES_MAX, SEGMENT_BYTES_MAX};
use crate::segment::Chain;
use crate::signing::{BadSignature, Signature, VerifyKey};
use crate::wire::{self, Malformed};

/// The first byte of every bundle. No segment begins with it, since a segment begins with its version.
pub const BUNDLE_MARK: u8 = 0xb1;

/// The first byte of a bundle as the endpoint hands it out.
pub const HANDED_MARK: u8 = 0xb2;

const SIGNATURE_BYTES: usize = 64;

/// Most bytes of a bundle as it is handed out: its own, ten for each time, and its frame.
const HANDED_BYTES_MAX: usize = SEGMENT_BYTES_MAX + BUNDLE_PIECES_MAX * 10 + 16;

/// Everything of a bundle that stands in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleHeader {
    /// [`BUNDLE_MARK`].
    pub mark: u8,
    /// [`SEGMENT_VERSION`] of the author; it also fixes the ciphers.
    pub version: u8,
    /// Wire code of the lane.
    pub lane_code: u8,
    /// Short name of the vault.
    pub vault_tag: [u8; 4],
    /// Number of the first edit inside.
    pub first_seq: u64,
    /// Number of the last edit inside.
    pub last_seq: u64,
    /// Hash of the segment before the first one covered, [`Hash::NOTHING`] at the start of a chain.
    pub before: Hash,
    /// Hash of the last segment covered.
    pub last_hash: Hash,
    /// Key epoch of the vault under which it was sealed.
    pub epoch: u32,
    /// Start of the hash of the newest membership record the author knew.
    pub log_head: [u8; 8],
    /// Random; the key is derived from it.
    pub salt: [u8; 16],
}

impl BundleHeader {
    /// The lane, if this version knows it.
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        Lane::from_code(self.lane_code)
    }

    /// The bytes that are signed and that the seal is bound to.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be encoded, which no value of this type can bring about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        wire::encode(self)
    }
}

/// A bundle as it is spelled on the wire, before its signature.
#[derive(Serialize, Deserialize)]
struct Parts {
    header: BundleHeader,
    sealed: ByteBuf,
}

/// A bundle taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    header: BundleHeader,
    sealed: Vec<u8>,
    signature: Signature,
}

impl Bundle {
    /// Puts a sealed body behind its header and has it signed.
    ///
    /// # Errors
    /// [`Malformed`] if the parts break a limit.
    pub fn sign(
        chain: &Chain,
        header: BundleHeader,
        sealed: Vec<u8>,
        sign: impl FnOnce(&[u8]) -> Signature,
    ) -> Result<Self, Malformed> {
        let signature = sign(&signed_bytes(chain, &header, &sealed)?);
        let bundle = Self { header, sealed, signature };
        bundle.check_limits()?;
        Ok(bundle)
    }

    /// Takes a bundle apart without believing anything in it.
    ///
    /// # Errors
    /// [`Malformed`] if it is cut short, over a limit, of another version or lane, or spelled in another way.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > SEGMENT_BYTES_MAX {
            return Err(Malformed);
        }
        let split = bytes.len().checked_sub(SIGNATURE_BYTES).ok_or(Malformed)?;
        let (parts, signature) = bytes.split_at_checked(split).ok_or(Malformed)?;
        let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature).map_err(|_| Malformed)?;
        let Parts { header, sealed } = wire::decode(parts)?;
        let bundle = Self { header, sealed: sealed.into_vec(), signature: Signature::new(signature) };
        bundle.check_limits()?;
        // One bundle, one spelling: the length stands outside the signature.
        if bundle.bytes()? == bytes { Ok(bundle) } else { Err(Malformed) }
    }

    fn check_limits(&self) -> Result<(), Malformed> {
        let BundleHeader { mark, version, first_seq, last_seq, .. } = &self.header;
        let fits = *mark == BUNDLE_MARK
            && *version == SEGMENT_VERSION
            && self.header.lane().is_some()
            && *first_seq >= 1
            && last_seq.checked_sub(*first_seq).is_some_and(|more| more < u64::from(BUNDLE_EDITS_MAX))
            && i64::try_from(*last_seq).is_ok_and(|last| last < i64::MAX);
        if fits { Ok(()) } else { Err(Malformed) }
    }

    /// What stands in clear.
    #[must_use]
    pub const fn header(&self) -> &BundleHeader {
        &self.header
    }

    /// The sealed body with its tag.
    #[must_use]
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// The bundle on the wire.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be encoded, which no value of this type can bring about.
    pub fn bytes(&self) -> Result<Vec<u8>, Malformed> {
        let parts = Parts { header: self.header.clone(), sealed: ByteBuf::from(self.sealed.clone()) };
        let mut bytes = wire::encode(&parts)?;
        bytes.extend_from_slice(self.signature.as_bytes());
        Ok(bytes)
    }

    /// Checks that `author` signed this bundle for `chain`.
    ///
    /// # Errors
    /// [`BadSignature`] if either differs.
    pub fn verify(&self, chain: &Chain, author: &VerifyKey) -> Result<(), BadSignature> {
        let message = signed_bytes(chain, &self.header, &self.sealed).map_err(|_| BadSignature)?;
        author.verify(&message, &self.signature)
    }
}

fn signed_bytes(chain: &Chain, header: &BundleHeader, sealed: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut bytes = b"fieldfare/bundle/1".to_vec();
    bytes.extend_from_slice(chain.vault.as_bytes());
    bytes.extend_from_slice(chain.device.as_bytes());
    bytes.extend_from_slice(&header.to_bytes()?);
    bytes.extend_from_slice(&Hash::of(&[sealed]).0);
    Ok(bytes)
}

/// A bundle as the endpoint hands it out: with what it says of each segment that the bundle stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedBundle {
    /// [`HANDED_MARK`].
    pub mark: u8,
    /// When the endpoint made each covered segment durable, by its own clock, in milliseconds since 1970.
    pub held_at_ms: Vec<i64>,
    /// The signed bytes.
    pub bundle: ByteBuf,
}

impl HandedBundle {
    /// Whether bytes claim to be a bundle that was handed out, and not a segment.
    #[must_use]
    pub fn is_marked(bytes: &[u8]) -> bool {
        bytes.first() == Some(&HANDED_MARK)
    }

    /// Takes it apart without believing anything in it: what the endpoint says, and what the author signed.
    ///
    /// # Errors
    /// [`Malformed`] if it is cut short, over a limit or something else.
    pub fn parse(bytes: &[u8]) -> Result<(Vec<i64>, Bundle), Malformed> {
        if bytes.len() > HANDED_BYTES_MAX {
            return Err(Malformed);
        }
        let handed: Self = wire::decode(bytes)?;
        let known = handed.mark == HANDED_MARK && handed.held_at_ms.len() <= BUNDLE_PIECES_MAX;
        if known { Ok((handed.held_at_ms, Bundle::parse(&handed.bundle)?)) } else { Err(Malformed) }
    }
}

/// What a device hands over when it has nothing else to say. Who it is stands in the headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundlesRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// Bundles of its own chains.
    pub bundles: Vec<ByteBuf>,
}

/// What the endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundlesReply {
    /// What became of each, in the order in which they were sent: kept, or not because segments that it covers are not held
    /// (a gap), because others are held (a fork), or because it may not be.
    pub outcomes: Vec<SegmentOutcome>,
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::id::{DeviceId, VaultId};

    fn chain() -> Chain {
        Chain { vault: VaultId([1; 16]), device: DeviceId([2; 16]), lane: Lane::Notes }
    }

    fn header() -> BundleHeader {
        BundleHeader {
            mark: BUNDLE_MARK,
            version: SEGMENT_VERSION,
            lane_code: Lane::Notes.code(),
            vault_tag: [1; 4],
            first_seq: 5,
            last_seq: 68,
            before: Hash([3; 32]),
            last_hash: Hash([4; 32]),
            epoch: 1,
            log_head: [5; 8],
            salt: [6; 16],
        }
    }

    fn signed() -> (Bundle, VerifyKey) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
        let key = VerifyKey(pair.public_key().as_ref().try_into().unwrap());
        let sign = |message: &[u8]| Signature::new(pair.sign(message).as_ref().try_into().unwrap());
        (Bundle::sign(&chain(), header(), vec![7; 300], sign).unwrap(), key)
    }

    #[test]
    fn a_bundle_reads_back_and_verifies() {
        let (bundle, key) = signed();
        let bytes = bundle.bytes().unwrap();
        let read = Bundle::parse(&bytes).unwrap();
        assert_eq!(read, bundle);
        assert_eq!(read.verify(&chain(), &key), Ok(()));
    }

    fn handed(held_at_ms: Vec<i64>) -> Vec<u8> {
        let bundle = ByteBuf::from(signed().0.bytes().unwrap());
        wire::encode(&HandedBundle { mark: HANDED_MARK, held_at_ms, bundle }).unwrap()
    }

    #[test]
    fn a_bundle_is_handed_out_with_its_times() {
        assert_eq!(HandedBundle::parse(&handed(vec![7, 9])), Ok((vec![7, 9], signed().0)));
        assert_eq!(HandedBundle::parse(&handed(vec![7; BUNDLE_PIECES_MAX + 1])), Err(Malformed));
        assert_eq!(HandedBundle::parse(&signed().0.bytes().unwrap()), Err(Malformed));
    }

    #[test]
    fn no_segment_is_a_bundle_and_no_bundle_a_segment() {
        let bytes = signed().0.bytes().unwrap();
        assert!(crate::segment::Segment::parse(&bytes).is_err());
        let handed = handed(vec![1, 2]);
        assert!(HandedBundle::is_marked(&handed) && !HandedBundle::is_marked(&[SEGMENT_VERSION]));
        assert!(crate::segment::Segment::parse(&handed).is_err());
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_found() {
        let (bundle, key) = signed();
        let bytes = bundle.bytes().unwrap();
        for length in 0..bytes.len() {
            assert_eq!(Bundle::parse(&bytes[..length]), Err(Malformed), "{length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let survives = Bundle::parse(&flipped).is_ok_and(|read| read.verify(&chain(), &key).is_ok());
            assert!(!survives, "bit {bit}");
        }
    }

    #[test]
    fn a_bundle_stands_in_one_chain() {
        let (bundle, key) = signed();
        let elsewhere = Chain { device: DeviceId([3; 16]), ..chain() };
        assert_eq!(bundle.verify(&elsewhere, &key), Err(BadSignature));
    }

    #[test]
    fn bounds_are_kept() {
        let sign = |_: &[u8]| Signature::new([0; 64]);
        for broken in [
            BundleHeader { first_seq: 0, ..header() },
            BundleHeader { last_seq: 4, ..header() },
            BundleHeader { last_seq: 5 + u64::from(BUNDLE_EDITS_MAX), ..header() },
            BundleHeader { mark: 1, ..header() },
            BundleHeader { version: 2, ..header() },
            BundleHeader { lane_code: 9, ..header() },
        ] {
            assert_eq!(Bundle::sign(&chain(), broken, vec![], sign).err(), Some(Malformed));
        }
    }
}
