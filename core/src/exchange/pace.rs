//! How an exchange goes about it: how much at a time, whether it may call at all, and what it no longer waits for.
//!
//! Decides by counts and times alone. A link that is slow or breaks gets smaller portions, so that a concern that is
//! written meanwhile never waits for minutes; an endpoint that asks to be left alone is, but for what is urgent.

use fieldfare_protocol::exchange::{Reply, SegmentOutcome};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{
    REQUEST_BYTES_TARGET_LEAST, RETRY_AFTER_S_MAX, SEGMENT_PLAIN_BYTES_TARGET_LEAST,
    SEGMENT_PLAIN_BYTES_TARGET_MOST,
};

use super::call::Unanswered;
use super::outgoing::Outgoing;
use crate::contract::Problem;
use crate::ports::Entropy;
use crate::store::{Link, Read, Write};

/// A full round trip that took no longer doubles the portions.
const QUICK_MS: i64 = 4_000;
/// A full round trip that took longer halves them.
const SLOW_MS: i64 = 20_000;
/// A clock that says so was set meanwhile: no call takes longer.
const BELIEVABLE_MS: i64 = 600_000;
/// Wait after the first refusal that names no time, in seconds; each further one doubles it.
const BACK_OFF_S: u64 = 5;
/// What `batch_bytes` ends at when request after request is too large: a single segment goes.
const BATCH_BYTES_LEAST: usize = 1;

/// The pace of one exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The link as it was found.
    pub(super) link: Link,
    /// Whether only what is urgent may go: the endpoint asked this device to stay away.
    pub(super) urgent_only: bool,
    /// Whether the endpoint has said during this exchange that it has no room but for what is urgent.
    pub(super) full: bool,
    /// Urgent edits that the endpoint did not take; nothing else waits for these.
    pub(super) given_up: u64,
}

impl Pace {
    /// Begins an exchange.
    ///
    /// # Errors
    /// [`Problem::EndpointBusy`] if this device was asked to stay away and has nothing urgent.
    pub(super) fn begin(read: &Read<'_>, me: DeviceId, now_ms: i64) -> Result<Self, Problem> {
        let mut link = read.link()?;
        // Whatever refused so small a request may have been put right since.
        if link.batch_bytes_most < REQUEST_BYTES_TARGET_LEAST {
            link.batch_bytes_most = link.batch_bytes_most.saturating_mul(2);
        }
        match wait_s(&link, now_ms) {
            Some(retry_after_s) if read.unsent(me)?.urgent == 0 => {
                Err(Problem::EndpointBusy { retry_after_s })
            }
            wait => Ok(Self { link, urgent_only: wait.is_some(), full: false, given_up: 0 }),
        }
    }

    /// Notes, before a request leaves, that nobody will know how much of it arrived.
    pub(super) fn leaves(&mut self, write: &Write<'_>, outgoing: &Outgoing) -> Result<(), Problem> {
        self.link.unsure |= outgoing.segments.len() > 1;
        Ok(write.set_link(&self.link)?)
    }

    /// Learns from a reply.
    pub(super) fn answered(
        &mut self,
        write: &Write<'_>,
        outgoing: &Outgoing,
        reply: &Reply,
        took_ms: i64,
    ) -> Result<(), Problem> {
        self.link.unsure = false;
        self.link.refusals = 0;
        if !self.urgent_only {
            self.link.not_before_ms = None;
        }
        let others = reply.acks.iter().filter(|ack| ack.lane_code != Lane::Urgent.code());
        if reply.acks.iter().any(|ack| ack.outcome == SegmentOutcome::Full) {
            self.link.no_room = true;
            self.full = true;
        } else if outgoing.asks.is_empty() && others.count() > 0 {
            self.link.no_room = false;
        }
        let full = outgoing.left_behind || (reply.more && !reply.items.is_empty());
        match took_ms {
            0..=QUICK_MS if full => {
                self.link.batch_bytes =
                    self.link.batch_bytes.saturating_mul(2).min(self.link.batch_bytes_most);
                self.link.segment_bytes =
                    self.link.segment_bytes.saturating_mul(2).min(SEGMENT_PLAIN_BYTES_TARGET_MOST);
            }
            SLOW_MS..BELIEVABLE_MS => self.halve(),
            _ => {}
        }
        Ok(write.set_link(&self.link)?)
    }

    /// Learns from a call that brought no reply; `None` means that a smaller request may do.
    pub(super) fn unanswered(
        &mut self,
        write: &Write<'_>,
        why: Unanswered,
        outgoing: &Outgoing,
        now_ms: i64,
        entropy: &dyn Entropy,
    ) -> Result<Option<Problem>, Problem> {
        let problem = match why {
            Unanswered::Busy { retry_after_s } => {
                let wait_s = retry_after_s.unwrap_or_else(|| back_off_s(self.link.refusals, entropy));
                let retry_after_s = wait_s.clamp(1, RETRY_AFTER_S_MAX);
                self.link.refusals = self.link.refusals.saturating_add(1);
                self.link.not_before_ms = Some(now_ms.saturating_add(milliseconds(retry_after_s)));
                // It said no, so nothing of it was taken.
                self.link.unsure = false;
                Some(Problem::EndpointBusy { retry_after_s })
            }
            Unanswered::TooLarge
                if self.link.batch_bytes > BATCH_BYTES_LEAST
                    && outgoing.segments.len().saturating_add(outgoing.membership.len()) > 1 =>
            {
                self.link.unsure = false;
                self.link.batch_bytes = (self.link.batch_bytes / 2).max(BATCH_BYTES_LEAST);
                self.link.batch_bytes_most = self.link.batch_bytes;
                None
            }
            Unanswered::TooLarge | Unanswered::Stale(_) => Some(Problem::EndpointNonsense),
            Unanswered::Broken => {
                self.halve();
                Some(Problem::EndpointUnreachable)
            }
            Unanswered::For(problem) => Some(problem),
        };
        write.set_link(&self.link)?;
        Ok(problem)
    }

    fn halve(&mut self) {
        let least = REQUEST_BYTES_TARGET_LEAST.min(self.link.batch_bytes);
        self.link.batch_bytes = (self.link.batch_bytes / 2).max(least);
        self.link.segment_bytes = (self.link.segment_bytes / 2).max(SEGMENT_PLAIN_BYTES_TARGET_LEAST);
    }
}

/// Seconds for which this device was asked to stay away yet.
fn wait_s(link: &Link, now_ms: i64) -> Option<u64> {
    let left_ms = link.not_before_ms?.saturating_sub(now_ms);
    // Longer than anybody may ask for: the clock was set back since.
    if left_ms <= 0 || left_ms > milliseconds(RETRY_AFTER_S_MAX) {
        return None;
    }
    u64::try_from(left_ms).ok().map(|left_ms| left_ms.div_ceil(1_000))
}

/// Doubles with every refusal; drawn from the upper half, so that devices that were refused together come back apart.
fn back_off_s(refusals: u32, entropy: &dyn Entropy) -> u64 {
    let most_s = BACK_OFF_S.saturating_mul(1 << refusals.min(10)).min(RETRY_AFTER_S_MAX);
    let mut drawn = [0; 2];
    // Without randomness they come back together, which is no reason not to come back.
    let _ = entropy.fill(&mut drawn);
    let half_s = most_s / 2;
    most_s.saturating_sub(half_s.saturating_mul(u64::from(u16::from_be_bytes(drawn))) / u64::from(u16::MAX))
}

fn milliseconds(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemEntropy;

    fn link(not_before_ms: Option<i64>) -> Link {
        Link { not_before_ms, ..Link::default() }
    }

    #[test]
    fn a_wait_is_counted_down_and_ends() {
        assert_eq!(wait_s(&link(None), 0), None);
        assert_eq!(wait_s(&link(Some(10_000)), 0), Some(10));
        assert_eq!(wait_s(&link(Some(10_000)), 9_001), Some(1));
        assert_eq!(wait_s(&link(Some(10_000)), 10_000), None);
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_away_for_ever() {
        assert_eq!(wait_s(&link(Some(4_000_000_000_000)), 0), None);
        assert_eq!(wait_s(&link(Some(i64::MAX)), i64::MIN), None);
    }

    #[test]
    fn waits_grow_within_their_bound_and_differ() {
        let entropy = SystemEntropy::default();
        for refusals in 0..40 {
            let most_s = (BACK_OFF_S << refusals.min(12)).min(RETRY_AFTER_S_MAX);
            for _ in 0..20 {
                let drawn_s = back_off_s(refusals, &entropy);
                assert!((most_s / 2..=most_s).contains(&drawn_s), "{refusals}: {drawn_s}");
            }
        }
        let drawn: std::collections::BTreeSet<u64> = (0..50).map(|_| back_off_s(20, &entropy)).collect();
        assert!(drawn.len() > 10);
    }

    #[test]
    fn portions_shrink_to_their_least_and_no_further() {
        let mut pace = Pace { link: Link::default(), urgent_only: false, full: false, given_up: 0 };
        for _ in 0..9 {
            pace.halve();
        }
        assert_eq!(
            (pace.link.batch_bytes, pace.link.segment_bytes),
            (REQUEST_BYTES_TARGET_LEAST, SEGMENT_PLAIN_BYTES_TARGET_LEAST)
        );
        pace.link.batch_bytes = 3_000;
        pace.halve();
        assert_eq!(pace.link.batch_bytes, 3_000, "what a proxy refused is not tried again");
    }
}
