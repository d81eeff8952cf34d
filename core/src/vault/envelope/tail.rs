//! The end of an envelope: what changes while no key is at hand, in fixed widths, so that either verdict is written alike.
//!
//! Not bound to any slot: whoever can write the file can change it, and the hardware's own count rules when it is larger.

use crate::vault::tries::Tries;

/// What an envelope ends in before its checksum, in bytes.
pub(super) const BYTES: usize = 40;

/// How often help was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// Questions since then.
    pub count: u32,
    /// When the first of them was asked by the phone's clock, in milliseconds since 1970.
    pub since_ms: i64,
}

/// Everything that changes without a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) tries: Tries,
    /// Failures that the right PIN has ended and that no audit has been told of yet.
    pub(super) untold: u32,
    /// When the last of them was.
    pub(super) untold_ms: i64,
    pub(super) asks: Asks,
}

impl Tail {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let Self { tries, untold, untold_ms, asks } = self;
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend(tries.failures.to_be_bytes());
        bytes.extend(tries.unanswered.to_be_bytes());
        bytes.extend(tries.last_ms.to_be_bytes());
        bytes.extend(untold.to_be_bytes());
        bytes.extend(untold_ms.to_be_bytes());
        bytes.extend(asks.count.to_be_bytes());
        bytes.extend(asks.since_ms.to_be_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8; BYTES]) -> Option<Self> {
        let (failures, left) = number(bytes)?;
        let (unanswered, left) = number(left)?;
        let (last_ms, left) = time(left)?;
        let (untold, left) = number(left)?;
        let (untold_ms, left) = time(left)?;
        let (count, left) = number(left)?;
        let (since_ms, _) = time(left)?;
        Some(Self {
            tries: Tries { failures, unanswered, last_ms },
            untold,
            untold_ms,
            asks: Asks { count, since_ms },
        })
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*first), rest))
}

fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (first, rest) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*first), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_the_end_is_read_again_and_is_never_longer_or_shorter() {
        let tries = Tries { failures: 1, unanswered: 2, last_ms: -3 };
        let tail = Tail { tries, untold: 4, untold_ms: 5, asks: Asks { count: 6, since_ms: 7 } };
        for tail in [tail, Tail::default(), Tail { untold: u32::MAX, ..tail }] {
            let bytes = <[u8; BYTES]>::try_from(tail.to_bytes()).unwrap();
            assert_eq!(Tail::parse(&bytes), Some(tail));
        }
    }
}
