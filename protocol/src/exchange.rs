//! The one round trip by which a device and the endpoint come level.
//!
//! Says what is carried, not when it is believed: acknowledgements count only once they are durable, and received items
//! only once they, their rows and the cursor are committed together.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};
use crate::receipt::Receipt;

/// Names one life of the endpoint's data. It changes when the endpoint is restored from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation(pub [u8; 8]);

impl std::fmt::Display for Generation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::id::write_hex(&self.0, out)
    }
}

/// How far a device has read. Only the endpoint that gave it out understands it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// Arrival from which the item became readable for this device.
    pub since: u64,
    /// Arrival of the item itself.
    pub arrival: u64,
}

/// How far a device has read each of the endpoint's two feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursors {
    /// Membership records and urgent segments: all of it is handed out before anything of the rest.
    pub first: Cursor,
    /// Segments of every other lane.
    pub rest: Cursor,
}

/// What a device sends. Who it is stands in the headers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// The generation to which `cursors` belong, if the device has exchanged before.
    pub generation: Option<Generation>,
    /// What has been received, settled and committed.
    pub cursors: Cursors,
    /// False when the device wants its segments away first and will fetch in the next round trip.
    pub fetch: bool,
    /// Kibibytes of items after which the reply is to be closed, as the device's link bears; 0 leaves it to the endpoint.
    pub page_kib: u16,
    /// Own chains of which the device does not know how far they arrived: each is acknowledged as if it had been sent.
    pub asks: Vec<AskedChain>,
    /// Membership records, oldest first, taken before any segment.
    pub membership: Vec<ByteBuf>,
    /// Segments in the order in which they should be kept; each chain's in its own order.
    pub segments: Vec<ByteBuf>,
}

/// One of the calling device's chains, as a segment's header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedChain {
    /// The first bytes of the vault's name.
    pub vault_tag: [u8; 4],
    /// Wire code of its lane.
    pub lane_code: u8,
}

/// What became of one membership record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAck {
    /// The vault of the log.
    pub vault: VaultId,
    /// Number of the record that was sent.
    pub number: u32,
    /// What the endpoint did with it.
    pub outcome: LogOutcome,
}

/// How the endpoint answers a membership record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogOutcome {
    /// Durable, now or already before.
    Kept,
    /// Another record stands at this place; fetch it and try again.
    Moved,
    /// The author may not do this.
    NotAllowed,
}

/// How far the endpoint holds one of the calling device's chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The vault of the chain.
    pub vault: VaultId,
    /// Wire code of its lane.
    pub lane_code: u8,
    /// Number of the last edit held, durable.
    pub seq: u64,
    /// Hash of the last segment held.
    pub hash: Hash,
    /// What became of the last segment sent for this chain.
    pub outcome: SegmentOutcome,
    /// Number of the last edit up to which the segments sent are held exactly as they were sent, 0 if not even the first
    /// is. Tells a device whose store was copied what of its own has arrived.
    pub agreed: u64,
}

/// How the endpoint answers a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SegmentOutcome {
    /// Durable, now or already before.
    Kept,
    /// Its number follows none that is held: something before it has to be sent again.
    Gap,
    /// Another segment with this number is held: this device is a clone or was rolled back.
    Fork,
    /// The signature, the membership or a limit forbids it.
    NotAllowed,
    /// The endpoint has no room left for this lane; what is urgent still goes into its reserve.
    Full,
    /// The device has left the vault. What it sent is kept apart, for somebody who coordinates to look at.
    Late,
    /// The vault has been erased by law: nothing of it is taken any more. The log says so.
    Erased,
}

/// Something for the device to take in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A membership record, verbatim.
    Membership(ByteBuf),
    /// A segment, or a bundle that stands for several, verbatim, and the chain it belongs to.
    Segment {
        /// The vault of the chain.
        vault: VaultId,
        /// The author.
        device: DeviceId,
        /// When the endpoint made it durable, by its own clock, in milliseconds since 1970.
        held_at_ms: i64,
        /// The signed bytes.
        bytes: ByteBuf,
    },
    /// A segment that came after its author had left, verbatim; it counts nowhere.
    Late {
        /// The vault that it names.
        vault: VaultId,
        /// The author.
        device: DeviceId,
        /// The bytes as they came.
        bytes: ByteBuf,
    },
}

/// What the endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The endpoint's generation. If it differs from the request's, `acks` names every chain of the device.
    pub generation: Generation,
    /// Whether the data were put back without a word about it: the request's cursors name what has never arrived here. Then
    /// too `acks` names every chain of the device, and its cursors count no longer.
    pub turned_back: bool,
    /// One for each membership record sent.
    pub log_acks: Vec<LogAck>,
    /// One for each chain that a segment was sent for or that was asked about.
    pub acks: Vec<Ack>,
    /// One for each urgent chain among `acks` of which something was kept.
    pub receipts: Vec<Receipt>,
    /// What arrived after the cursors in the device's vaults, other devices' only: first what is urgent, then the rest,
    /// either in its order of arrival.
    pub items: Vec<Item>,
    /// The cursors after `items`.
    pub cursors: Cursors,
    /// How many edits the endpoint holds under the calling device's name. More than the device knows of were written by a
    /// copy of it, or by itself before it was turned back.
    pub yours: u64,
    /// Whether another round trip would bring more.
    pub more: bool,
    /// The endpoint's clock in milliseconds since 1970, by which a device learns how far off its own is.
    pub now_ms: i64,
}
