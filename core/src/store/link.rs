//! What the store remembers of the link to the endpoint: how much it bears, and what was asked of this device.
//!
//! Keeps it and judges nothing; how it changes is the exchange's.

use fieldfare_protocol::limits::{
    REQUEST_BYTES_TARGET, REQUEST_BYTES_TARGET_BEGIN, SEGMENT_PLAIN_BYTES_TARGET,
};
use serde::{Deserialize, Serialize};

use super::problem::StoreProblem;
use super::{Read, Write};

/// The link as the last exchanges found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Plaintext bytes after which a segment is closed.
    pub segment_bytes: usize,
    /// Bytes after which a request is closed, and a reply is asked to be.
    pub batch_bytes: usize,
    /// What `batch_bytes` may grow to: less than it might, once the endpoint or a proxy has refused a request as too large.
    pub batch_bytes_most: usize,
    /// Whether a request with several segments left and no answer came: nobody knows how much of it arrived.
    pub unsure: bool,
    /// Until when this device was asked to stay away, by its own clock.
    pub not_before_ms: Option<i64>,
    /// How often in a row it was asked to.
    pub refusals: u32,
    /// Whether the endpoint has no room but for what is urgent.
    pub no_room: bool,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_PLAIN_BYTES_TARGET,
            batch_bytes: REQUEST_BYTES_TARGET_BEGIN,
            batch_bytes_most: REQUEST_BYTES_TARGET,
            unsure: false,
            not_before_ms: None,
            refusals: 0,
            no_room: false,
        }
    }
}

const LINK: &str = "link";

impl Read<'_> {
    /// The link as the last exchanges found it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn link(&self) -> Result<Link, StoreProblem> {
        let Some(bytes) = self.meta(LINK)? else { return Ok(Link::default()) };
        postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(LINK))
    }
}

impl Write<'_> {
    /// Remembers the link, if it changed.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_link(&self, link: &Link) -> Result<(), StoreProblem> {
        if self.read().link()? == *link { Ok(()) } else { self.set_meta_of(LINK, link) }
    }
}
