//! Phones, logs and chains as the endpoint sees them: signed for real, sealed with nothing.
//!
//! For tests alone, of the rules inside the crate and of the calls from outside.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by two test crates that each use a part")]

use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, InvitationId, PersonId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{
    Act, DeviceCard, Epoch, MemberWrap, Record, Role, SignedRecord, Wrap, joining_bytes,
};
use fieldfare_protocol::segment::{Chain, Head, Header, Segment};
use fieldfare_protocol::signing::{SealingKey, Signature, VerifyKey};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// A generator of the same numbers from the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.roll() as u8).collect()
    }
}

/// A key pair and whatever it signs.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    pub fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature::new(self.0.sign(message).as_ref().try_into().unwrap())
    }

    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.public_key().as_ref().try_into().unwrap())
    }
}

/// A device with its keys.
pub struct Phone {
    pub card: DeviceCard,
    pub signer: Signer,
}

impl Phone {
    pub fn new(seed: u8, role: Role) -> Self {
        let signer = Signer::new(seed);
        let card = DeviceCard {
            device: DeviceId([seed; 16]),
            person: PersonId([seed; 16]),
            role,
            verify_key: signer.verify_key(),
            sealing_key: SealingKey([seed; 32]),
        };
        Self { card, signer }
    }

    pub fn id(&self) -> DeviceId {
        self.card.device
    }
}

/// A membership log as its authors know it.
#[derive(Clone)]
pub struct Log {
    pub vault: VaultId,
    pub number: u32,
    pub head: Hash,
}

impl Log {
    pub fn new(vault: VaultId) -> Self {
        Self { vault, number: 0, head: Hash::NOTHING }
    }

    /// Signs the next record and moves on.
    pub fn next(&mut self, author: &Phone, act: Act) -> SignedRecord {
        let signed = self.propose(author, act);
        self.number += 1;
        self.head = signed.hash();
        signed
    }

    /// Signs the next record and stays, as somebody does whose record may be refused.
    pub fn propose(&self, author: &Phone, act: Act) -> SignedRecord {
        let record =
            Record { vault: self.vault, number: self.number, previous: self.head, author: author.id(), act };
        SignedRecord::sign(record, |message| author.signer.sign(message)).unwrap()
    }
}

pub fn wrap() -> Wrap {
    Wrap { encapsulated: [0; 32].into(), sealed: [0; 48].into() }
}

pub fn epoch() -> Epoch {
    Epoch { number: 1, key_id: [0; 16].into(), recovery: wrap() }
}

pub fn founding_organisation(founder: &Phone) -> Act {
    Act::FoundOrganisation {
        founder: founder.card.clone(),
        recovery_key: SealingKey([0; 32]),
        recovery_verify_key: founder.card.verify_key,
        epoch: epoch(),
        wrap: wrap(),
    }
}

pub fn founding_file(members: &[DeviceId]) -> Act {
    Act::FoundCaseFile { epoch: epoch(), wraps: wraps(members) }
}

pub fn admitting(members: &[DeviceId]) -> Act {
    Act::Admit { as_of: 1, wraps: wraps(members) }
}

fn wraps(members: &[DeviceId]) -> Vec<MemberWrap> {
    members.iter().map(|device| MemberWrap { device: *device, wrap: wrap() }).collect()
}

/// The key of the invitation by which `guest` will join.
pub fn invitation_signer(guest: &Phone) -> Signer {
    Signer::new(guest.card.device.0[0] ^ 0x80)
}

pub fn invitation_of(guest: &Phone) -> InvitationId {
    InvitationId(guest.card.device.0)
}

pub fn inviting(guest: &Phone, expires_at_ms: i64) -> Act {
    Act::Invite {
        invitation: invitation_of(guest),
        person: guest.card.person,
        role: guest.card.role,
        verify_key: invitation_signer(guest).verify_key(),
        sealing_key: guest.card.sealing_key,
        expires_at_ms,
        wrap: wrap(),
    }
}

pub fn joining(organisation: VaultId, guest: &Phone) -> Act {
    Act::Join {
        invitation: invitation_of(guest),
        card: guest.card.clone(),
        proof: invitation_signer(guest).sign(&joining_bytes(organisation, &guest.card)),
        wrap: wrap(),
    }
}

/// A chain as its author knows it.
#[derive(Clone)]
pub struct Writing {
    pub chain: Chain,
    pub head: Head,
}

impl Writing {
    pub fn new(vault: VaultId, author: &Phone, lane: Lane) -> Self {
        Self { chain: Chain { vault, device: author.id(), lane }, head: Head::START }
    }

    /// Signs the next segment with this sealed body and moves on.
    pub fn next(&mut self, author: &Phone, count: u32, sealed: Vec<u8>) -> Vec<u8> {
        let segment = self.propose(author, count, 1, sealed);
        self.head =
            Head { seq: self.head.seq + u64::from(count), hash: segment.hash(&self.chain, self.head.hash) };
        segment.bytes()
    }

    /// Signs the next segment and stays.
    pub fn propose(&self, author: &Phone, count: u32, epoch: u32, sealed: Vec<u8>) -> Segment {
        let header = Header {
            version: SEGMENT_VERSION,
            lane_code: self.chain.lane.code(),
            vault_tag: self.chain.vault.tag(),
            first_seq: self.head.seq + 1,
            count,
            epoch,
            log_head: [0; 8],
            frontier: Vec::new(),
            salt: [0; 16],
        };
        let sign = |message: &[u8]| author.signer.sign(message);
        Segment::sign(&self.chain, self.head.hash, header, sealed, sign).unwrap()
    }
}
