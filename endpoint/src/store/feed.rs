//! What a device has not read yet, in an order in which no page boundary can lose or repeat an item.
//!
//! An item's position is `(max(arrival, since), arrival)`, where `since` is the arrival of the record that let the device
//! into the item's vault. A device that is let in late thus finds the whole history of that vault after its cursor, in
//! the order of arrival; and whatever arrives later stands behind everything that stood there before.
//!
//! Segments that a bundle covers are left out for whoever was let in after the bundle arrived; the bundle stands where the
//! first of them stood. Whether it does never changes for a reader, so it moves no cursor.
//!
//! There are two such orders, each with a cursor of its own: membership records with urgent segments, and the rest. Nothing
//! of the rest is handed out while anything of the first stands unread, so a concern never queues behind notes.
//!
//! Who departs from a case's file is handed its log, and segments up to that moment. Who has left a vault is handed its log
//! up to the record that says so, and nothing else. What came after its author had left goes to
//! those who coordinate, whichever vault it is of.

use fieldfare_protocol::bundle::{HANDED_MARK, HandedBundle};
use fieldfare_protocol::exchange::{Cursor, Cursors, Item};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::wire;
use rusqlite::{Row, named_params};

use super::{Read, read_back, stored};
use crate::limits::REPLY_ITEMS_MAX;
use crate::problem::Trouble;

/// What an item costs on the wire beside its own bytes: kind, vault, author and length.
const ITEM_FIXED_BYTES: usize = 1 + 16 + 16 + 10 + 5;

/// Some items and where they end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The first feed's, then the rest's, each in order of position.
    pub(crate) items: Vec<Item>,
    /// Position of the last item of each, or where the page began.
    pub(crate) cursors: Cursors,
    /// Whether anything stands behind either.
    pub(crate) more: bool,
}

/// What a page still holds.
struct Room {
    bytes: usize,
    items: usize,
}

// The row value decides what belongs to the page. The plain bound on `arrival` excludes nothing that the row value would
// include: it lets SQLite enter the index where the cursor is, except in vaults whose history may still be ahead.
const FIRST: &str = "
    SELECT max(item.arrival, reader.since) AS since, item.arrival AS arrival, 0 AS what
    FROM member AS reader JOIN membership AS item ON item.vault = reader.vault
    WHERE reader.device = :device AND item.arrival <= ifnull(reader.until, item.arrival)
      AND item.arrival >= CASE WHEN reader.since >= :since THEN 0 ELSE :since END
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    UNION ALL
    SELECT max(item.arrival, reader.since), item.arrival, CASE WHEN item.bundle < reader.since THEN 3 ELSE 1 END
    FROM member AS reader JOIN segment AS item ON item.vault = reader.vault
    WHERE reader.device = :device AND reader.until IS NULL AND item.arrival < ifnull(reader.departed, item.arrival + 1)
      AND item.device <> :device AND item.lane = 0
      AND (item.bundle IS NULL OR item.bundle > reader.since
           OR item.first_seq = (SELECT first_seq FROM bundle WHERE arrival = item.bundle))
      AND item.arrival >= CASE WHEN reader.since >= :since THEN 0 ELSE :since END
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    UNION ALL
    SELECT max(item.arrival, reader.since), item.arrival, 2
    FROM member AS reader JOIN late AS item ON item.lane = 0 AND item.device <> :device
    WHERE reader.device = :device AND reader.late = 1
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    ORDER BY 1, 2
    LIMIT :at_most";

const REST: &str = "
    SELECT max(item.arrival, reader.since) AS since, item.arrival AS arrival,
           CASE WHEN item.bundle < reader.since THEN 3 ELSE 1 END AS what
    FROM member AS reader JOIN segment AS item ON item.vault = reader.vault
    WHERE reader.device = :device AND reader.until IS NULL AND item.arrival < ifnull(reader.departed, item.arrival + 1)
      AND item.device <> :device AND item.lane <> 0
      AND (item.bundle IS NULL OR item.bundle > reader.since
           OR item.first_seq = (SELECT first_seq FROM bundle WHERE arrival = item.bundle))
      AND item.arrival >= CASE WHEN reader.since >= :since THEN 0 ELSE :since END
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    UNION ALL
    SELECT max(item.arrival, reader.since), item.arrival, 2
    FROM member AS reader JOIN late AS item ON item.lane <> 0 AND item.device <> :device
    WHERE reader.device = :device AND reader.late = 1
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    ORDER BY 1, 2
    LIMIT :at_most";

impl Read<'_> {
    /// The membership records and other devices' segments of the device's vaults that stand behind `after`.
    ///
    /// The page is closed once it holds `bytes_target`; with any target above 0 it holds an item if there is one.
    pub(crate) fn page(
        &self,
        device: DeviceId,
        after: Cursors,
        bytes_target: usize,
    ) -> Result<Page, Trouble> {
        let mut page = Page { items: Vec::new(), cursors: after, more: false };
        let mut room = Room { bytes: bytes_target, items: REPLY_ITEMS_MAX };
        let Cursors { first, rest } = &mut page.cursors;
        for (positions, cursor) in [(FIRST, first), (REST, rest)] {
            // What is urgent goes alone: on a slow link it would arrive no sooner than all that goes with it.
            if page.items.iter().any(|item| matches!(item, Item::Segment { .. })) {
                room.bytes = 0;
            }
            // Without room this only finds out whether there is more.
            page.more = self.read_on(positions, device, cursor, &mut room, &mut page.items)?;
            if page.more {
                break;
            }
        }
        Ok(page)
    }

    /// Reads on in one feed as far as there is room; returns whether anything stands behind that.
    fn read_on(
        &self,
        positions: &str,
        device: DeviceId,
        cursor: &mut Cursor,
        room: &mut Room,
        items: &mut Vec<Item>,
    ) -> Result<bool, Trouble> {
        let mut positions = self.0.prepare_cached(positions)?;
        // One more than a page holds tells whether there is another page.
        let at_most = i64::try_from(room.items.saturating_add(1)).unwrap_or(i64::MAX);
        let mut rows = positions.query(named_params! {
            ":device": device.as_bytes(),
            ":since": stored(cursor.since),
            ":arrival": stored(cursor.arrival),
            ":at_most": at_most,
        })?;
        while let Some(row) = rows.next()? {
            if room.bytes == 0 || room.items == 0 {
                return Ok(true);
            }
            let arrival: i64 = row.get("arrival")?;
            let item = match row.get("what")? {
                0_i64 => self.sent_record(arrival)?,
                1 => self.sent_segment(arrival)?,
                2 => self.sent_late(arrival)?,
                _ => self.sent_bundle(arrival)?,
            };
            room.bytes = room.bytes.saturating_sub(cost_bytes(&item));
            room.items = room.items.saturating_sub(1);
            items.push(item);
            *cursor = Cursor { since: read_back(row.get("since")?), arrival: read_back(arrival) };
        }
        Ok(false)
    }

    fn sent_record(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut record = self.0.prepare_cached("SELECT bytes FROM membership WHERE arrival = :arrival")?;
        let bytes: Vec<u8> =
            record.query_row(named_params! { ":arrival": arrival }, |row| row.get("bytes"))?;
        Ok(Item::Membership(bytes.into()))
    }

    fn sent_segment(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut segment = self.0.prepare_cached(
            "SELECT vault, device, received_at_ms, bytes FROM segment WHERE arrival = :arrival",
        )?;
        let item = |row: &Row<'_>| {
            let bytes: Vec<u8> = row.get("bytes")?;
            Ok(Item::Segment {
                vault: VaultId(row.get("vault")?),
                device: DeviceId(row.get("device")?),
                held_at_ms: row.get("received_at_ms")?,
                bytes: bytes.into(),
            })
        };
        Ok(segment.query_row(named_params! { ":arrival": arrival }, item)?)
    }

    /// The bundle that covers a segment, with the arrivals of all that it covers.
    fn sent_bundle(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut bundle = self.0.prepare_cached(
            "SELECT bundle.vault AS vault, bundle.device AS device, segment.lane AS lane, bundle.first_seq AS first_seq,
                    bundle.last_seq AS last_seq, segment.received_at_ms AS received_at_ms, bundle.bytes AS bytes
             FROM segment JOIN bundle ON bundle.arrival = segment.bundle WHERE segment.arrival = :arrival",
        )?;
        let mut times = self.0.prepare_cached(
            "SELECT received_at_ms FROM segment
             WHERE device = :device AND vault = :vault AND lane = :lane AND first_seq BETWEEN :first_seq AND :last_seq
             ORDER BY first_seq",
        )?;
        let item = |row: &Row<'_>| {
            let (vault, device): ([u8; 16], [u8; 16]) = (row.get("vault")?, row.get("device")?);
            let run = named_params! {
                ":device": device,
                ":vault": vault,
                ":lane": row.get::<_, i64>("lane")?,
                ":first_seq": row.get::<_, i64>("first_seq")?,
                ":last_seq": row.get::<_, i64>("last_seq")?,
            };
            let held_at_ms = times.query_map(run, |time| time.get(0))?.collect::<Result<_, _>>()?;
            let bundle: Vec<u8> = row.get("bytes")?;
            let handed = HandedBundle { mark: HANDED_MARK, held_at_ms, bundle: bundle.into() };
            Ok((VaultId(vault), DeviceId(device), row.get("received_at_ms")?, handed))
        };
        let named = named_params! { ":arrival": arrival };
        let (vault, device, held_at_ms, handed) = bundle.query_row(named, item)?;
        let bytes = wire::encode(&handed).map_err(|_| Trouble::Unavailable)?;
        Ok(Item::Segment { vault, device, held_at_ms, bytes: bytes.into() })
    }
}

fn cost_bytes(item: &Item) -> usize {
    let (Item::Membership(bytes) | Item::Segment { bytes, .. } | Item::Late { bytes, .. }) = item;
    bytes.len().saturating_add(ITEM_FIXED_BYTES)
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
