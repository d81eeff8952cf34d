//! Every bound of the protocol, by name, so that both ends refuse the same things.
//!
//! A bound here protects memory and fairness; bounds on what a person may write live in the core's domain.

/// Most edits that one segment may hold. Sixteen times a busy day.
pub const SEGMENT_EDITS_MAX: u32 = 1_024;

/// Most plaintext bytes that one segment may unfold to; a decompressor stops here.
pub const SEGMENT_PLAIN_BYTES_MAX: usize = 256 * 1024;

/// Most bytes of one segment on the wire: incompressible plaintext, its padding of up to 8 KiB, and the heads it names.
pub const SEGMENT_BYTES_MAX: usize = SEGMENT_PLAIN_BYTES_MAX + 16 * 1024;

/// Plaintext bytes after which a segment is closed and the next one begun, unless a single edit is larger: where a device
/// begins that knows nothing of its link.
pub const SEGMENT_PLAIN_BYTES_TARGET: usize = 16 * 1024;

/// The same on the slowest link.
pub const SEGMENT_PLAIN_BYTES_TARGET_LEAST: usize = 4 * 1024;

/// The same on a quick link.
pub const SEGMENT_PLAIN_BYTES_TARGET_MOST: usize = 32 * 1024;

/// Most edits that one bundle may hold: it unfolds within the bounds of a segment.
pub const BUNDLE_EDITS_MAX: u32 = SEGMENT_EDITS_MAX;

/// Most segments that one bundle may stand for.
pub const BUNDLE_PIECES_MAX: usize = 256;

/// Most bundles in one request.
pub const BUNDLES_MAX: usize = 16;

/// Most heads that one segment may name.
pub const SEGMENT_FRONTIER_MAX: usize = 256;

/// Most bytes of one membership record: 200 devices and their wraps.
pub const MEMBERSHIP_RECORD_BYTES_MAX: usize = 64 * 1024;

/// Most members of one vault.
pub const VAULT_MEMBERS_MAX: usize = 200;

/// Most names that one device may have had: each use of a copied store takes another.
pub const DEVICE_NAMES_MAX: usize = 16;

/// Most vaults that a device asks an endpoint about at once when it offers others' segments again.
pub const OFFER_VAULTS_MAX: usize = 4;

/// Most bytes of one request body.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of segments after which a device on a quick link closes a request and leaves the rest for the next round trip.
pub const REQUEST_BYTES_TARGET: usize = 512 * 1024;

/// Bytes of attachments that a device sends in one request, at least one segment: a note written meanwhile goes next.
pub const ATTACHMENT_REQUEST_BYTES_TARGET: usize = 128 * 1024;

/// The same where a device begins that knows nothing of its link: 23 seconds at 23 kbit/s.
pub const REQUEST_BYTES_TARGET_BEGIN: usize = 64 * 1024;

/// The same on the slowest link.
pub const REQUEST_BYTES_TARGET_LEAST: usize = 32 * 1024;

/// Longest time for which a device stays away because it was asked to, in seconds.
pub const RETRY_AFTER_S_MAX: u64 = 3_600;

/// Bytes after which the endpoint closes a reply and says that there is more.
pub const REPLY_BYTES_TARGET: usize = 512 * 1024;

/// Most bytes of one reply body that a device reads: a full reply and one largest item.
pub const REPLY_BYTES_MAX: usize = REPLY_BYTES_TARGET + SEGMENT_BYTES_MAX + 64 * 1024;

/// Most segments and membership records in one request.
pub const REQUEST_ITEMS_MAX: usize = 4_096;

/// Longest life of an invitation, in milliseconds: 14 days.
pub const INVITATION_LIFE_MS_MAX: i64 = 14 * 24 * 3600 * 1000;

/// Most epochs that only one branch of a forked log has.
pub const FORK_EPOCHS_MAX: u32 = 64;

/// Most chains that a record names which erases a vault: what fits into one record.
pub const ERASED_CHAINS_MAX: usize = 1_024;

/// Most records of the branch that ends with a fork.
pub const FORK_RECORDS_MAX: usize = 256;
