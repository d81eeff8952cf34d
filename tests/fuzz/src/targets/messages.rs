//! Messages between device and endpoint, in both directions.
//!
//! Whatever decodes encodes to the very bytes it came from: one value, one spelling.

use std::fmt::Debug;

use fieldfare_protocol::admission::{
    FoundReply, FoundRequest, InvitationReply, InvitationRequest, JoinRequest, RecoveryRequest,
};
use fieldfare_protocol::bundle::{BundlesReply, BundlesRequest};
use fieldfare_protocol::exchange::{Reply, Request, SegmentOutcome};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId, read_hex};
use fieldfare_protocol::limits::{REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use fieldfare_protocol::offer::{HeldChain, OfferReply, OfferRequest, OfferedSegment};
use fieldfare_protocol::receipt::Receipt;
use fieldfare_protocol::request::{EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH, Refused};
use fieldfare_protocol::signing::VerifyKey;
use fieldfare_protocol::{PROTOCOL_VERSION, wire};

use super::captured::captured;
use crate::Target;
use crate::supply::Supply;

/// Shorter than the limits, so that a fuzzer does not spend its time on length.
const BYTES_MAX: usize = if REPLY_BYTES_MAX < REQUEST_BYTES_MAX { 64 * 1024 } else { 32 * 1024 };

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "request", bytes_max: BYTES_MAX, runs: 4_000, seeds: requests, read: request },
        Target { name: "reply", bytes_max: BYTES_MAX, runs: 4_000, seeds: replies, read: reply },
        Target { name: "admission", bytes_max: BYTES_MAX, runs: 4_000, seeds: admissions, read: admission },
        Target { name: "offer", bytes_max: BYTES_MAX, runs: 4_000, seeds: offers, read: offer },
        Target { name: "receipt", bytes_max: 512, runs: 4_000, seeds: receipts, read: receipt },
        Target { name: "header", bytes_max: 512, runs: 4_000, seeds: headers, read: header },
    ]
}

fn reads_one_way<T>(bytes: &[u8]) -> Option<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug,
{
    let message: T = wire::decode(bytes).ok()?;
    assert_eq!(wire::encode(&message).expect("what was read can be written"), bytes, "two spellings");
    Some(message)
}

fn request(bytes: &[u8]) {
    if let Some(request) = reads_one_way::<Request>(bytes) {
        let held: usize = request.segments.iter().chain(&request.membership).map(|one| one.len()).sum();
        assert!(held <= bytes.len());
    }
}

fn reply(bytes: &[u8]) {
    reads_one_way::<Reply>(bytes);
}

fn admission(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 7 {
        0 => drop(reads_one_way::<FoundRequest>(bytes)),
        1 => drop(reads_one_way::<FoundReply>(bytes)),
        2 => drop(reads_one_way::<InvitationRequest>(bytes)),
        3 => drop(reads_one_way::<InvitationReply>(bytes)),
        4 => drop(reads_one_way::<JoinRequest>(bytes)),
        5 => drop(reads_one_way::<RecoveryRequest>(bytes)),
        _ => drop(reads_one_way::<Refused>(bytes)),
    }
}

/// What is brought beside an exchange: colleagues' segments, and bundles of one's own.
fn offer(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 4 {
        0 => drop(reads_one_way::<OfferRequest>(bytes)),
        1 => drop(reads_one_way::<OfferReply>(bytes)),
        2 => drop(reads_one_way::<BundlesRequest>(bytes)),
        _ => drop(reads_one_way::<BundlesReply>(bytes)),
    }
}

fn receipt(bytes: &[u8]) {
    let Some((key, bytes)) = bytes.split_first_chunk::<32>() else { return };
    let Some(mut receipt) = reads_one_way::<Receipt>(bytes) else { return };
    if receipt.verify(&VerifyKey(*key)).is_ok() {
        receipt.attested.seq ^= 1;
        assert!(receipt.verify(&VerifyKey(*key)).is_err(), "one signature stands under two receipts");
    }
}

fn header(bytes: &[u8]) {
    let mut supply = Supply::new(bytes);
    let which = supply.byte();
    let Ok(text) = std::str::from_utf8(supply.rest()) else { return };
    match which % 3 {
        0 => drop(text.parse::<VaultId>().map(|id| assert!(id.to_string().eq_ignore_ascii_case(text)))),
        1 => drop(text.parse::<DeviceId>().map(|id| assert!(id.to_string().eq_ignore_ascii_case(text)))),
        _ => drop(read_hex::<64>(text).map(|_| assert_eq!(text.len(), 128))),
    }
}

fn bodies(path: &'static str) -> impl Iterator<Item = &'static super::captured::Heard> {
    captured().iter().filter(move |heard| heard.call.path == path)
}

fn requests() -> Vec<Vec<u8>> {
    bodies(EXCHANGE_PATH).map(|heard| heard.call.body.clone()).collect()
}

fn replies() -> Vec<Vec<u8>> {
    bodies(EXCHANGE_PATH).map(|heard| heard.answer.body.clone()).collect()
}

fn admissions() -> Vec<Vec<u8>> {
    let both = |path, first: u8| {
        bodies(path).flat_map(move |heard| {
            [(first, &heard.call.body), (first + 1, &heard.answer.body)]
                .map(|(which, body)| [&[which], body.as_slice()].concat())
        })
    };
    both(FOUND_PATH, 0).chain(both(INVITATION_PATH, 2)).chain(both(JOIN_PATH, 4)).collect()
}

fn offers() -> Vec<Vec<u8>> {
    let (version, vault, device) = (PROTOCOL_VERSION, VaultId([7; 16]), DeviceId([1; 16]));
    let mut pieces = requests().into_iter().filter_map(|body| wire::decode::<Request>(&body).ok());
    let bytes =
        pieces.find_map(|request| request.segments.into_iter().next()).expect("somebody sent something");
    let segments = vec![OfferedSegment { vault, device, bytes: bytes.clone() }];
    let held = HeldChain { vault, device, lane_code: 1, seq: 3, hash: Hash([9; 32]) };
    let outcomes = vec![SegmentOutcome::Kept, SegmentOutcome::Gap];
    let messages = [
        wire::encode(&OfferRequest { version, vaults: vec![vault], segments }),
        wire::encode(&OfferReply { held: vec![held] }),
        wire::encode(&BundlesRequest { version, bundles: vec![bytes] }),
        wire::encode(&BundlesReply { outcomes }),
    ];
    let with_kind = |(which, message): (usize, Result<Vec<u8>, _>)| {
        [&[which as u8], message.expect("a message").as_slice()].concat()
    };
    messages.into_iter().enumerate().map(with_kind).collect()
}

fn receipts() -> Vec<Vec<u8>> {
    let founded = bodies(FOUND_PATH).find_map(|heard| wire::decode::<FoundReply>(&heard.answer.body).ok());
    let key = founded.expect("somebody founded").receipt_key;
    let replies = bodies(EXCHANGE_PATH).filter_map(|heard| wire::decode::<Reply>(&heard.answer.body).ok());
    replies
        .flat_map(|reply| reply.receipts)
        .map(|receipt| [key.0.as_slice(), &wire::encode(&receipt).expect("a receipt")].concat())
        .collect()
}

fn headers() -> Vec<Vec<u8>> {
    let called = bodies(EXCHANGE_PATH).take(2).flat_map(|heard| &heard.call.headers);
    called.enumerate().map(|(which, (_, value))| [&[which as u8 % 3], value.as_bytes()].concat()).collect()
}
