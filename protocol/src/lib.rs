//! What travels between a device and the central endpoint: segments, membership records, messages, limits and versions.
//!
//! Nothing here does I/O, says SQL or holds a secret. The endpoint is built on this crate alone, and this crate has no
//! way to open a segment: what an edit looks like is known to the core only.

pub mod admission;
pub mod bundle;
pub mod call_number;
pub mod exchange;
pub mod hash;
pub mod id;
pub mod lane;
pub mod limits;
pub mod membership;
pub mod offer;
pub mod prefix;
pub mod receipt;
pub mod request;
pub mod segment;
pub mod signing;
pub mod wire;

/// Version of every message: of the calls, their answers and the membership records in them.
pub const PROTOCOL_VERSION: u8 = 2;

/// Version of sealed segments and bundles; it also fixes the ciphers.
pub const SEGMENT_VERSION: u8 = 1;
