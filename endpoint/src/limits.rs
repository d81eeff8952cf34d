//! What one endpoint takes on at a time, by name.
//!
//! Bounds that both ends must share are in the protocol; these are the endpoint's own and no device relies on them.

/// Threads that talk to sockets.
pub(crate) const SOCKET_THREADS: usize = 2;

/// Threads that wait for the disk; one writes, the others read and check signatures.
pub(crate) const DISK_THREADS_MAX: usize = 8;

/// Requests being read or answered at once; with the largest body each, 64 MiB. Further ones are asked to come back.
pub(crate) const REQUESTS_MAX: usize = 64;

/// Requests of announced smallness beside them: whoever uploads slowly must not keep a concern out.
pub(crate) const SMALL_REQUESTS_MAX: usize = 384;

/// The largest body that is small, in bytes: a concern of many pages of text, sealed.
pub(crate) const SMALL_REQUEST_BYTES_MAX: usize = 16 * 1024;

/// Open connections; further ones wait in the operating system's queue.
pub(crate) const CONNECTIONS_MAX: usize = 512;

/// Longest silence of a peer, and longest time for its request to arrive in full, in seconds.
pub(crate) const PATIENCE_S: u64 = 60;

/// Longest time that `stop` waits for requests under way, in seconds.
pub(crate) const STOP_S_MAX: u64 = 10;

/// What a device that was turned away is told to wait, in seconds.
pub(crate) const RETRY_AFTER_S: u32 = 5;

/// Idle connections to the database that are kept for reading.
pub(crate) const READERS_MAX: usize = 4;

/// Vaults of one organisation: their logs' states stay in memory, about half a kilobyte each.
pub(crate) const VAULTS_MAX: usize = 65_536;

/// Items of one reply; the smallest segments would fill it at about this many anyway.
pub(crate) const REPLY_ITEMS_MAX: usize = 4_096;

/// The numbers of arrivals grow by a random step up to this. Data that were put back give out the same number again in two
/// cases of a million, and the order of arrival has room for eight thousand billion steps.
pub(crate) const ARRIVAL_STEP_MAX: u32 = 1 << 20;

/// Calls of one device at once; a first exchange of a large organisation takes some hundred.
pub(crate) const CALLS_AT_ONCE_MAX: i64 = 3_000;

/// Calls that a device wins back each second.
pub(crate) const CALLS_PER_SECOND: i64 = 20;

/// Calls beyond these for a device that brings nothing but what is urgent.
pub(crate) const URGENT_CALLS_MORE: i64 = 100;

/// Bytes beyond an organisation's quota that are kept for what is urgent.
pub(crate) const URGENT_RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// Segments of one device that are kept after it has left.
pub(crate) const LATE_SEGMENTS_MAX: u64 = 1_024;

/// Bytes of segments of one device that are kept after it has left: a phone that wrote without signal for months.
pub(crate) const LATE_BYTES_MAX: u64 = 8 * 1024 * 1024;
