//! What a device has not read yet, in an order in which no page boundary can lose or repeat an item.
//!
//! An item's position is `(max(arrival, since), arrival)`, where `since` is the arrival of the record that let the device
//! into the item's vault. A device that is let in late thus finds the whole history of that vault after its cursor, in
//! the order of arrival; and whatever arrives later stands behind everything that stood there before.

use fieldfare_protocol::exchange::{Cursor, Item};
use fieldfare_protocol::id::{DeviceId, VaultId};
use rusqlite::{Row, named_params};

use super::{Read, read_back, stored};
use crate::limits::REPLY_ITEMS_MAX;
use crate::problem::Trouble;

/// What an item costs on the wire beside its own bytes: kind, vault, author and length.
const ITEM_FIXED_BYTES: usize = 1 + 16 + 16 + 5;

/// Some items and where they end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// In order of position.
    pub(crate) items: Vec<Item>,
    /// Position of the last item, or where the page began.
    pub(crate) cursor: Cursor,
    /// Whether anything stands behind it.
    pub(crate) more: bool,
}

// The row value decides what belongs to the page. The plain bound on `arrival` excludes nothing that the row value would
// include: it lets SQLite enter the index where the cursor is, except in vaults whose history may still be ahead.
const POSITIONS: &str = "
    SELECT max(item.arrival, reader.since) AS since, item.arrival AS arrival, 0 AS is_segment
    FROM member AS reader JOIN membership AS item ON item.vault = reader.vault
    WHERE reader.device = :device
      AND item.arrival >= CASE WHEN reader.since >= :since THEN 0 ELSE :since END
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    UNION ALL
    SELECT max(item.arrival, reader.since), item.arrival, 1
    FROM member AS reader JOIN segment AS item ON item.vault = reader.vault
    WHERE reader.device = :device AND item.device <> :device
      AND item.arrival >= CASE WHEN reader.since >= :since THEN 0 ELSE :since END
      AND (max(item.arrival, reader.since), item.arrival) > (:since, :arrival)
    ORDER BY 1, 2
    LIMIT :at_most";

impl Read<'_> {
    /// The membership records and other devices' segments of the device's vaults that stand behind `after`.
    ///
    /// The page is closed once it holds `bytes_target`; with any target above 0 it holds an item if there is one.
    pub(crate) fn page(&self, device: DeviceId, after: Cursor, bytes_target: usize) -> Result<Page, Trouble> {
        let mut positions = self.0.prepare_cached(POSITIONS)?;
        // One more than a page holds tells whether there is another page.
        let at_most = i64::try_from(REPLY_ITEMS_MAX.saturating_add(1)).unwrap_or(i64::MAX);
        let mut rows = positions.query(named_params! {
            ":device": device.as_bytes(),
            ":since": stored(after.since),
            ":arrival": stored(after.arrival),
            ":at_most": at_most,
        })?;
        let mut page = Page { items: Vec::new(), cursor: after, more: false };
        let mut bytes_used = 0_usize;
        while let Some(row) = rows.next()? {
            if bytes_used >= bytes_target || page.items.len() >= REPLY_ITEMS_MAX {
                page.more = true;
                break;
            }
            let arrival: i64 = row.get("arrival")?;
            let item =
                if row.get("is_segment")? { self.sent_segment(arrival)? } else { self.sent_record(arrival)? };
            bytes_used = bytes_used.saturating_add(cost_bytes(&item));
            page.items.push(item);
            page.cursor = Cursor { since: read_back(row.get("since")?), arrival: read_back(arrival) };
        }
        Ok(page)
    }

    fn sent_record(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut record = self.0.prepare_cached("SELECT bytes FROM membership WHERE arrival = :arrival")?;
        let bytes: Vec<u8> =
            record.query_row(named_params! { ":arrival": arrival }, |row| row.get("bytes"))?;
        Ok(Item::Membership(bytes.into()))
    }

    fn sent_segment(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut segment =
            self.0.prepare_cached("SELECT vault, device, bytes FROM segment WHERE arrival = :arrival")?;
        let item = |row: &Row<'_>| {
            let bytes: Vec<u8> = row.get("bytes")?;
            Ok(Item::Segment {
                vault: VaultId(row.get("vault")?),
                device: DeviceId(row.get("device")?),
                bytes: bytes.into(),
            })
        };
        Ok(segment.query_row(named_params! { ":arrival": arrival }, item)?)
    }
}

fn cost_bytes(item: &Item) -> usize {
    let (Item::Membership(bytes) | Item::Segment { bytes, .. }) = item;
    bytes.len().saturating_add(ITEM_FIXED_BYTES)
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
