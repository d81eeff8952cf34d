//! Membership records, one by one and as logs that add up to who may read what.
//!
//! A record that nobody signed changes nothing, and the same log never adds up to two things.

use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::limits::{MEMBERSHIP_RECORD_BYTES_MAX, VAULT_MEMBERS_MAX};
use fieldfare_protocol::membership::{Act, CaseFile, Organisation, SignedRecord};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::{admission, wire};
use serde_bytes::ByteBuf;

use super::captured::captured;
use crate::Target;

/// Room for a log of a few records.
const BYTES_MAX: usize = 8 * 1024;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "record", bytes_max: BYTES_MAX, runs: 4_000, seeds: records, read: record },
        Target { name: "log", bytes_max: BYTES_MAX, runs: 2_000, seeds: logs, read: log },
    ]
}

fn record(bytes: &[u8]) {
    if let Ok(signed) = SignedRecord::parse(bytes) {
        assert_eq!(signed.bytes(), bytes);
        assert!(bytes.len() <= MEMBERSHIP_RECORD_BYTES_MAX);
        let spelled = wire::encode(&signed.record).expect("what was read can be written");
        assert_eq!(spelled, bytes[..bytes.len() - 64], "two spellings");
    }
}

/// Records that travelled, all of them genuine.
fn genuine() -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for heard in captured() {
        let body = &heard.call.body;
        if heard.call.path == EXCHANGE_PATH {
            let request: Request = wire::decode(body).expect("a request");
            records.extend(request.membership.into_iter().map(ByteBuf::into_vec));
        } else if let Ok(request) = wire::decode::<admission::FoundRequest>(body) {
            records.push(request.record.into_vec());
        } else if let Ok(request) = wire::decode::<admission::JoinRequest>(body) {
            records.push(request.record.into_vec());
        }
    }
    records
}

/// A list of records; the first founds an organisation, each later one belongs to it or to a case's file.
fn log(bytes: &[u8]) {
    let Ok(records) = wire::decode::<Vec<ByteBuf>>(bytes) else { return };
    let mut signed = records.iter().filter_map(|bytes| SignedRecord::parse(bytes).ok());
    let Some(Ok(mut organisation)) = signed.next().map(|first| Organisation::found(&first)) else { return };
    let mut file: Option<CaseFile> = None;
    for record in signed {
        let (number, devices) = (organisation.next_number, organisation.devices.len());
        match &record.record.act {
            Act::FoundCaseFile { .. } => {
                file = CaseFile::found(&record, &organisation).ok().or(file);
            }
            _ if record.record.vault == organisation.vault => {
                if organisation.take(&record, None).is_err() {
                    assert_eq!((organisation.next_number, organisation.devices.len()), (number, devices));
                }
            }
            _ => {
                let Some(file) = &mut file else { continue };
                let (number, members) = (file.next_number, file.members.len());
                if file.take(&record, &organisation).is_err() {
                    assert_eq!((file.next_number, file.members.len()), (number, members));
                }
            }
        }
        assert!(organisation.devices.len() + organisation.invitations.len() <= VAULT_MEMBERS_MAX);
        assert!(file.as_ref().is_none_or(|file| file.members.len() <= VAULT_MEMBERS_MAX));
    }
}

fn records() -> Vec<Vec<u8>> {
    genuine()
}

fn logs() -> Vec<Vec<u8>> {
    let records: Vec<ByteBuf> = genuine().into_iter().map(ByteBuf::from).collect();
    let backwards: Vec<&ByteBuf> = records.iter().rev().collect();
    let doubled: Vec<&ByteBuf> = records.iter().flat_map(|record| [record, record]).collect();
    [wire::encode(&records), wire::encode(&backwards), wire::encode(&doubled)]
        .map(|log| log.expect("a log"))
        .to_vec()
}
