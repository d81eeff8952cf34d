//! The daily digest: up to where a device had settled a vault, and a hash over everything up to there.
//!
//! Pure. It is no casework: no page shows it, no digest counts a digest, and nobody calls because of one.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use serde::{Deserialize, Serialize};

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::RecordId;

/// How long what has changed waits for a digest that covers it, in milliseconds: a day.
pub const DIGEST_EVERY_MS: u64 = 24 * 3_600_000;
/// Most bytes of a digest: every lane of as many devices as a vault can have, under all their names.
pub const SETTLED_BYTES_MAX: usize = 32 * 1024;
/// Which rules a digest was made by.
const VERSION: u8 = 1;

/// What was settled.
pub const SETTLED: Field =
    Field::one("settled", Shape::Bytes { bytes_max: SETTLED_BYTES_MAX }, Category::Ordinary);

/// Digests, one record for each device and vault.
pub static KIND: RecordKind =
    RecordKind { name: "digest", home: Home::Every, lane: Lane::Progress, fields: &[SETTLED] };

/// The record in which a device keeps its digests of a vault.
#[must_use]
pub fn record_of(vault: VaultId, device: DeviceId) -> RecordId {
    let hash = Hash::of(&[b"fieldfare/digest-record/1", vault.as_bytes(), &device.0]);
    let mut id = hash.short::<16>();
    for (to, from) in id.iter_mut().zip(vault.tag()) {
        *to = from;
    }
    RecordId(id)
}

/// Up to where the chains of one device were settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceHeads {
    /// The start of the device's name; whoever knows two devices of that start compares nothing.
    pub tag: [u8; 4],
    /// Number of the last settled edit of each lane, by the lane's code; 0 where there is none.
    pub seqs: [u64; Lane::ALL.len()],
}

/// What a device says that it had settled of a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    version: u8,
    /// Whether its author understood every edit up to there. If not, the hash says nothing of which values stand: that may
    /// differ between two versions of the app, and rightly so.
    pub understood: bool,
    /// Up to where.
    pub heads: Vec<DeviceHeads>,
    /// The start of the hash over everything up to there.
    pub hash: [u8; 16],
}

impl Settled {
    /// A digest whose hash is yet to be made.
    #[must_use]
    pub const fn up_to(heads: Vec<DeviceHeads>, understood: bool) -> Self {
        Self { version: VERSION, understood, heads, hash: [0; 16] }
    }

    /// The same with its hash.
    #[must_use]
    pub fn with_hash(&self, hash: [u8; 16]) -> Self {
        Self { hash, ..self.clone() }
    }

    /// The bytes of the field.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads a digest; `None` if it was made by other rules than ours.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match postcard::take_from_bytes::<Self>(bytes) {
            Ok((settled, [])) if settled.version == VERSION => Some(settled),
            _ => None,
        }
    }
}

/// One edit as a digest sees it.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'e> {
    /// Who made it.
    pub device: DeviceId,
    /// Wire code of the lane it came in.
    pub lane_code: u8,
    /// Its number in its chain.
    pub seq: u64,
    /// Code of its operation.
    pub op_code: u8,
    /// Its stamp, as it was written.
    pub stamp: i64,
    /// Whether its value stands among the edits that are counted; false wherever that is not compared.
    pub stands: bool,
    /// Hash of its value.
    pub value: &'e Hash,
}

/// The hash over what a digest covers as far as it has come: record by record, field by field, device by device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running(pub Hash);

impl Running {
    /// Of nothing yet.
    #[must_use]
    pub fn begin(vault: VaultId) -> Self {
        Self(Hash::of(&[b"fieldfare/daily-digest/1", vault.as_bytes()]))
    }

    /// Goes on with the next edit of a field.
    pub fn take(&mut self, record: RecordId, field: &str, edit: &Counted<'_>) {
        self.0 = Hash::of(&[
            &self.0.0,
            &record.0,
            field.as_bytes(),
            &[0, edit.op_code, edit.lane_code, u8::from(edit.stands)],
            &edit.device.0,
            &edit.seq.to_be_bytes(),
            &edit.stamp.to_be_bytes(),
            &edit.value.0,
        ]);
    }

    /// What a digest says.
    #[must_use]
    pub fn end(self) -> [u8; 16] {
        self.0.short()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written_and_one_by_other_rules_is_not() {
        let heads = vec![DeviceHeads { tag: [7; 4], seqs: [1, 0, 300, u64::MAX] }];
        let settled = Settled { hash: [5; 16], ..Settled::up_to(heads, true) };
        let mut bytes = settled.to_bytes();
        assert_eq!(Settled::from_bytes(&bytes), Some(settled));
        bytes.push(0);
        assert_eq!(Settled::from_bytes(&bytes), None);
        bytes.pop();
        bytes[0] = 2;
        assert_eq!(Settled::from_bytes(&bytes), None);
    }

    #[test]
    fn every_device_of_a_full_vault_fits() {
        let full = DeviceHeads { tag: [255; 4], seqs: [1 << 39; 4] };
        let members = fieldfare_protocol::limits::VAULT_MEMBERS_MAX;
        let settled = Settled::up_to(vec![full; members * 3], true);
        assert!(settled.to_bytes().len() <= SETTLED_BYTES_MAX, "{}", settled.to_bytes().len());
    }

    #[test]
    fn each_device_has_a_record_of_its_own_within_the_vault() {
        let vault = VaultId([3; 16]);
        let (one, other) = (record_of(vault, DeviceId([1; 16])), record_of(vault, DeviceId([2; 16])));
        assert_ne!(one, other);
        assert!(one.is_of(vault) && other.is_of(vault));
    }

    #[test]
    fn whatever_differs_of_an_edit_differs_in_the_hash() {
        let value = Hash::of(&[b"a value"]);
        let other_value = Hash::of(&[b"another"]);
        let edit = Counted {
            device: DeviceId([1; 16]),
            lane_code: 1,
            seq: 2,
            op_code: 0,
            stamp: 3,
            stands: true,
            value: &value,
        };
        let record = RecordId([9; 16]);
        let hash = |record, field, edit: &Counted<'_>| {
            let mut running = Running::begin(VaultId([3; 16]));
            running.take(record, field, edit);
            running.end()
        };
        let all = [
            hash(record, "agreed", &edit),
            hash(RecordId([8; 16]), "agreed", &edit),
            hash(record, "place", &edit),
            hash(record, "agreed", &Counted { device: DeviceId([2; 16]), ..edit }),
            hash(record, "agreed", &Counted { lane_code: 2, ..edit }),
            hash(record, "agreed", &Counted { seq: 1, ..edit }),
            hash(record, "agreed", &Counted { op_code: 1, ..edit }),
            hash(record, "agreed", &Counted { stamp: 4, ..edit }),
            hash(record, "agreed", &Counted { stands: false, ..edit }),
            hash(record, "agreed", &Counted { value: &other_value, ..edit }),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
