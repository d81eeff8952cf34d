//! What can still be read of a request whose end never came.
//!
//! Only whole parts that carry their own author's signature are taken out; whether they are believed is not decided here.

use serde_bytes::ByteBuf;

use crate::exchange::{AskedChain, Cursors, Generation};
use crate::limits::REQUEST_ITEMS_MAX;

/// Everything of a request that stands before its records, in the order of its fields.
type Opening = (u8, Option<Generation>, Cursors, bool, u16, Vec<AskedChain>);

/// The whole records and segments at the start of a request that broke off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestPrefix {
    /// Membership records, oldest first.
    pub membership: Vec<ByteBuf>,
    /// Segments in the order in which they were sent.
    pub segments: Vec<ByteBuf>,
}

impl RequestPrefix {
    /// Reads as far as whole parts reach, at most [`REQUEST_ITEMS_MAX`] of them; a torn rest, or anything that is no
    /// request, is left out.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut prefix = Self::default();
        let mut items_left = REQUEST_ITEMS_MAX;
        let opening = postcard::take_from_bytes::<Opening>(bytes);
        let rest =
            opening.ok().and_then(|(_, rest)| whole_parts(rest, &mut items_left, &mut prefix.membership));
        if let Some(rest) = rest {
            whole_parts(rest, &mut items_left, &mut prefix.segments);
        }
        prefix
    }
}

/// Takes the whole parts of one list; returns what follows the list, if the list came to its end.
fn whole_parts<'b>(bytes: &'b [u8], items_left: &mut usize, parts: &mut Vec<ByteBuf>) -> Option<&'b [u8]> {
    let (count, mut rest) = postcard::take_from_bytes::<u32>(bytes).ok()?;
    for _ in 0..count {
        *items_left = items_left.checked_sub(1)?;
        let (part, after) = postcard::take_from_bytes::<&[u8]>(rest).ok()?;
        parts.push(ByteBuf::from(part.to_vec()));
        rest = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Cursor, Request};
    use crate::wire::encode;

    fn request(records: usize, segments: usize) -> Request {
        let parts = |count: usize| (0..count).map(|length| ByteBuf::from(vec![7; 90 * length])).collect();
        Request {
            version: crate::PROTOCOL_VERSION,
            generation: Some(Generation([3; 8])),
            cursors: Cursors { first: Cursor { since: 900, arrival: 700 }, rest: Cursor::default() },
            fetch: true,
            page_kib: 512,
            asks: vec![AskedChain { vault_tag: [1; 4], lane_code: 2 }],
            membership: parts(records),
            segments: parts(segments),
        }
    }

    #[test]
    fn every_cut_leaves_the_parts_that_were_whole() {
        let request = request(3, 4);
        let whole = encode(&request).unwrap();
        let mut most = (0, 0);
        for length in 0..=whole.len() {
            let RequestPrefix { membership, segments } = RequestPrefix::read(&whole[..length]);
            assert_eq!(membership, request.membership[..membership.len()]);
            assert_eq!(segments, request.segments[..segments.len()]);
            assert!((membership.len(), segments.len()) >= most, "a longer prefix holds as much");
            most = (membership.len(), segments.len());
            // A part is whole as soon as its last byte is there.
            let next = (request.membership.len() + request.segments.len()) - (most.0 + most.1);
            let missing: usize = request.segments.iter().rev().take(next).map(|part| part.len()).sum();
            assert!(next > 4 || whole.len() - length <= missing + 2 * next + 2, "{length}");
        }
        assert_eq!(most, (3, 4));
    }

    #[test]
    fn more_parts_than_a_request_may_hold_are_not_read() {
        let mut request = request(0, 0);
        request.segments = vec![ByteBuf::new(); REQUEST_ITEMS_MAX + 5];
        assert_eq!(RequestPrefix::read(&encode(&request).unwrap()).segments.len(), REQUEST_ITEMS_MAX);
    }

    #[test]
    fn noise_holds_nothing_and_stops_nobody() {
        let mut noise = 7_u32;
        for length in 0..400 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (noise >> 24) as u8
                })
                .collect();
            let prefix = RequestPrefix::read(&bytes);
            let held: usize = prefix.membership.iter().chain(&prefix.segments).map(|part| part.len()).sum();
            assert!(held <= length);
        }
    }
}
