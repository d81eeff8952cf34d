//! Calls to a living endpoint: raw bytes, and requests that a member signed but meant badly.
//!
//! The endpoint answers every one in words of the protocol, never with trouble of its own, and goes on serving.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::members::{Signer, found_organisation};
use fieldfare_core::vault::{Identity, RecoveryKey};
use fieldfare_endpoint::{Answer, Body, Counter, Machine};
use fieldfare_protocol::admission::FoundRequest;
use fieldfare_protocol::bundle::{BUNDLE_MARK, Bundle, BundleHeader, BundlesRequest};
use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::exchange::{
    Ack, AskedChain, Cursor, Cursors, Generation, Reply, Request, SegmentOutcome,
};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId, write_hex};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::offer::{OfferRequest, OfferedSegment};
use fieldfare_protocol::request::{
    BUNDLES_PATH, CALL_HEADER, DEVICE_HEADER, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH,
    OFFER_PATH, ORGANISATION_HEADER, RECOVERY_PATH, Refused, SIGNATURE_HEADER, signed_bytes,
};
use fieldfare_protocol::segment::{Chain, Head, Header, SeenHead, Segment};
use fieldfare_protocol::wire;
use fieldfare_protocol::{PROTOCOL_VERSION, SEGMENT_VERSION};
use serde_bytes::ByteBuf;
use tempfile::TempDir;

use crate::Target;
use crate::supply::Supply;

const VAULT: VaultId = VaultId([7; 16]);
const DEVICE: DeviceId = DeviceId([1; 16]);
const PATHS: [&str; 8] = [
    EXCHANGE_PATH,
    FOUND_PATH,
    INVITATION_PATH,
    JOIN_PATH,
    "/v1/nowhere",
    OFFER_PATH,
    BUNDLES_PATH,
    RECOVERY_PATH,
];

pub(super) fn target() -> Target {
    Target { name: "endpoint", bytes_max: 16 * 1024, runs: 400, seeds, read: call }
}

/// An endpoint with an organisation of one device, whose keys are here.
struct Scene {
    _folder: TempDir,
    counter: Counter,
    identity: Identity,
    record: Vec<u8>,
    /// Where the urgent chain ends, as the endpoint said.
    head: Head,
    /// The last call that was made.
    call: Mutex<CallNumber>,
}

fn scene() -> &'static Mutex<Scene> {
    static SCENE: OnceLock<Mutex<Scene>> = OnceLock::new();
    SCENE.get_or_init(|| {
        let entropy = SystemEntropy::default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let counter = Counter::open(folder.path(), Arc::new(Machine)).expect("an endpoint");
        let identity = Identity::generate(&entropy).expect("keys");
        let recovery = RecoveryKey::generate(&entropy).expect("a recovery key");
        let signer = Signer { device: DEVICE, identity: &identity };
        let (signed, _) =
            found_organisation(VAULT, &signer, PersonId([2; 16]), recovery.identity(), &entropy)
                .expect("a record");
        let record = signed.bytes().to_vec();
        let scene =
            Scene { _folder: folder, counter, identity, record, head: Head::START, call: Mutex::default() };
        let found = FoundRequest { version: PROTOCOL_VERSION, record: ByteBuf::from(scene.record.clone()) };
        let answer = scene.post(FOUND_PATH, &wire::encode(&found).expect("a message"), &[]);
        assert_eq!(answer.status, 200);
        Mutex::new(scene)
    })
}

impl Scene {
    fn post(&self, path: &str, body: &[u8], headers: &[(String, String)]) -> Answer {
        self.counter.answer(path, headers, Body::Whole(body))
    }

    fn signed(&self, path: &str, body: &[u8]) -> Answer {
        let answer = self.signed_as(path, body, self.next_call());
        match wire::decode(&answer.body) {
            Ok(Refused::Stale(last)) if answer.status == 409 => {
                *self.call.lock().expect("no panic") = last;
                self.signed_as(path, body, self.next_call())
            }
            _ => answer,
        }
    }

    fn next_call(&self) -> CallNumber {
        let mut call = self.call.lock().expect("no panic");
        *call = call.next();
        *call
    }

    fn signed_as(&self, path: &str, body: &[u8], call: CallNumber) -> Answer {
        let signature = self.identity.sign(&signed_bytes(path, VAULT, DEVICE, call, body));
        let mut hex = String::new();
        write_hex(signature.as_bytes(), &mut hex).expect("a text");
        let headers = [
            (ORGANISATION_HEADER, VAULT.to_string()),
            (DEVICE_HEADER, DEVICE.to_string()),
            (CALL_HEADER, call.to_hex()),
            (SIGNATURE_HEADER, hex),
        ];
        self.post(path, body, &headers.map(|(name, value)| (name.to_owned(), value)))
    }

    fn segment(&self, supply: &mut Supply<'_>) -> Vec<u8> {
        let lane = Lane::ALL[supply.below(Lane::ALL.len())];
        let chain = Chain { vault: VAULT, device: DEVICE, lane };
        let next = supply.below(2) == 0 && lane == Lane::Urgent;
        let (first_seq, previous) = if next {
            (self.head.seq + 1, self.head.hash)
        } else {
            (supply.number(), Hash([supply.byte(); 32]))
        };
        let seen = |supply: &mut Supply<'_>| SeenHead {
            device_tag: supply.array(),
            seq: supply.number(),
            hash: supply.array(),
        };
        let header = Header {
            version: SEGMENT_VERSION,
            lane_code: lane.code(),
            vault_tag: VAULT.tag(),
            first_seq,
            count: if next { 1 } else { supply.number() as u32 },
            epoch: supply.number() as u32,
            log_head: [0; 8],
            frontier: (0..supply.below(4)).map(|_| seen(supply)).collect(),
            salt: [5; 16],
        };
        let sealed = supply.bytes(600).to_vec();
        let signed = Segment::sign(&chain, previous, header, sealed, |message| self.identity.sign(message));
        let mut bytes = signed.map_or_else(|_| supply.bytes(300).to_vec(), |segment| segment.bytes());
        if supply.below(4) == 0 && !bytes.is_empty() {
            let at = supply.below(bytes.len());
            bytes[at] ^= supply.byte();
        }
        bytes
    }

    fn offered(&self, supply: &mut Supply<'_>) -> OfferedSegment {
        let device = if supply.below(4) == 0 { DeviceId(supply.array()) } else { DEVICE };
        OfferedSegment { vault: VAULT, device, bytes: ByteBuf::from(self.segment(supply)) }
    }

    fn bundle(&self, supply: &mut Supply<'_>) -> Vec<u8> {
        let lane = Lane::ALL[supply.below(Lane::ALL.len())];
        let chain = Chain { vault: VAULT, device: DEVICE, lane };
        let first_seq = supply.number();
        let header = BundleHeader {
            mark: BUNDLE_MARK,
            version: SEGMENT_VERSION,
            lane_code: lane.code(),
            vault_tag: VAULT.tag(),
            first_seq,
            last_seq: first_seq.saturating_add(supply.number()),
            before: if supply.below(2) == 0 { Hash::NOTHING } else { Hash([supply.byte(); 32]) },
            last_hash: if supply.below(2) == 0 { self.head.hash } else { Hash([supply.byte(); 32]) },
            epoch: supply.number() as u32,
            log_head: [0; 8],
            salt: [5; 16],
        };
        let sealed = supply.bytes(600).to_vec();
        let signed = Bundle::sign(&chain, header, sealed, |message| self.identity.sign(message));
        signed.and_then(|bundle| bundle.bytes()).unwrap_or_else(|_| supply.bytes(300).to_vec())
    }

    fn request(&self, supply: &mut Supply<'_>) -> Request {
        let mut membership = Vec::new();
        for _ in 0..supply.below(3) {
            let mut record = self.record.clone();
            let at = supply.below(record.len());
            record[at] ^= supply.byte();
            membership.push(ByteBuf::from(record));
        }
        Request {
            version: PROTOCOL_VERSION,
            generation: match supply.below(3) {
                0 => Some(self.counter.generation()),
                1 => Some(Generation(supply.array())),
                _ => None,
            },
            cursors: cursors(supply),
            fetch: supply.below(2) == 0,
            page_kib: u16::from(supply.byte()),
            asks: (0..supply.below(3))
                .map(|_| AskedChain { vault_tag: supply.array(), lane_code: supply.byte() })
                .collect(),
            membership,
            segments: (0..supply.below(5)).map(|_| ByteBuf::from(self.segment(supply))).collect(),
        }
    }
}

fn cursors(supply: &mut Supply<'_>) -> Cursors {
    let mut cursor = || Cursor { since: supply.number(), arrival: supply.number() };
    Cursors { first: cursor(), rest: cursor() }
}

fn call(input: &[u8]) {
    let mut scene = scene().lock().unwrap_or_else(PoisonError::into_inner);
    let mut supply = Supply::new(input);
    let kind = supply.below(6);
    let answer = if kind == 4 {
        let brought = OfferRequest {
            version: PROTOCOL_VERSION,
            vaults: vec![VAULT; supply.below(3)],
            segments: (0..supply.below(4)).map(|_| scene.offered(&mut supply)).collect(),
        };
        scene.signed(OFFER_PATH, &wire::encode(&brought).expect("a message"))
    } else if kind == 5 {
        let bundles = (0..supply.below(4)).map(|_| ByteBuf::from(scene.bundle(&mut supply))).collect();
        let brought = BundlesRequest { version: PROTOCOL_VERSION, bundles };
        scene.signed(BUNDLES_PATH, &wire::encode(&brought).expect("a message"))
    } else if kind > 0 {
        let request = scene.request(&mut supply);
        let mut body = wire::encode(&request).expect("a request");
        if supply.below(8) == 1 {
            body = supply.rest().to_vec();
        }
        scene.signed(EXCHANGE_PATH, &body)
    } else {
        let path = PATHS[supply.below(PATHS.len())];
        scene.post(path, supply.rest(), &[])
    };
    if answer.status != 200 {
        let refused: Refused = wire::decode(&answer.body).expect("a refusal in the protocol's words");
        assert!(refused != Refused::Trouble && answer.status < 500, "{refused}");
        return;
    }
    if !(1..=3).contains(&kind) {
        return;
    }
    let reply: Reply = wire::decode(&answer.body).expect("a reply");
    assert_eq!(reply.generation, scene.counter.generation());
    let urgent = |ack: &&Ack| (ack.vault, ack.lane_code) == (VAULT, Lane::Urgent.code());
    if let Some(ack) = reply.acks.iter().find(urgent) {
        assert!(ack.seq >= scene.head.seq, "what was acknowledged is gone");
        assert!(ack.seq > scene.head.seq || ack.hash == scene.head.hash, "what was acknowledged has changed");
        assert!(ack.outcome != SegmentOutcome::Kept || ack.seq > 0);
        scene.head = Head { seq: ack.seq, hash: ack.hash };
    }
}

fn seeds() -> Vec<Vec<u8>> {
    // One segment that follows, two of which the second does not, an old cursor, raw bytes, a forged record.
    vec![
        [&[1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 200][..], &[9; 220], &[1, 0]].concat(),
        [&[1, 0, 1, 3, 3, 2, 0, 0, 1, 1, 4, 4][..], &[7; 500]].concat(),
        [&[1, 2, 7, 2, 2, 0, 0][..], &[1; 40]].concat(),
        [&[0, 0, PROTOCOL_VERSION][..], &[0; 60]].concat(),
        [&[0, 1, PROTOCOL_VERSION][..], &[3; 200]].concat(),
        // Colleagues' work brought again, and a bundle over what is held.
        [&[4, 1, 1, 1, 0, 0, 1, 0, 200][..], &[9; 220]].concat(),
        [&[5, 1, 0, 1, 0, 0, 0, 1, 200][..], &[9; 220]].concat(),
    ]
}
