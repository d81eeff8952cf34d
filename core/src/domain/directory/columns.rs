//! The columns of a published table, found by their names in its header row.
//!
//! It does not know what any cell means.

use super::service::Published;
use csv::StringRecord;

/// The columns a table must have, in any order and any case; others are ignored.
pub const COLUMNS: [&str; 6] =
    ["name", "offers", "ages_as_published", "areas_as_published", "contact_as_published", "checked_on"];

/// Why a first row is not the header of this table. Names our columns, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnRefusal {
    /// It lacks columns.
    #[error("the first row lacks the columns {}", missing.join(", "))]
    Missing {
        /// Those it lacks, as in [`COLUMNS`].
        missing: Vec<&'static str>,
    },
    /// It has a column twice, so that we cannot tell which is meant.
    #[error("the first row has the column {column} more than once")]
    Repeated {
        /// As in [`COLUMNS`].
        column: &'static str,
    },
}

/// Where each of [`COLUMNS`] stands in the table, in the same order.
pub(super) struct Columns([usize; COLUMNS.len()]);

impl Columns {
    /// Finds them in a header row.
    pub(super) fn find(header: &StringRecord) -> Result<Self, ColumnRefusal> {
        let places = COLUMNS.map(|column| {
            let called = |cell: &&str| cell.trim().eq_ignore_ascii_case(column);
            (column, header.iter().position(|cell| called(&cell)), header.iter().filter(called).count())
        });
        if let Some((column, ..)) = places.iter().find(|(_, _, count)| *count > 1) {
            return Err(ColumnRefusal::Repeated { column });
        }
        let missing: Vec<_> =
            places.iter().filter(|(_, place, _)| place.is_none()).map(|(column, ..)| *column).collect();
        if !missing.is_empty() {
            return Err(ColumnRefusal::Missing { missing });
        }
        Ok(Self(places.map(|(_, place, _)| place.unwrap_or(usize::MAX))))
    }

    /// What a row below the header publishes; a missing cell is empty.
    pub(super) fn published<'a>(&self, cells: &'a StringRecord) -> Published<'a> {
        let [name, offers, ages, areas, contact, checked_on] =
            self.0.map(|place| cells.get(place).unwrap_or_default());
        Published { name, offers, ages, areas, contact, checked_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_in_any_order_and_case() {
        let header = [
            "CHECKED_ON",
            "x",
            " contact_as_published",
            "areas_as_published",
            "ages_as_published",
            "offers",
            "Name ",
        ];
        let columns = Columns::find(&StringRecord::from(header.to_vec())).unwrap();
        let cells = StringRecord::from(vec!["1", "2", "3", "4", "5", "6"]);
        let published = columns.published(&cells);
        assert_eq!((published.checked_on, published.contact, published.offers), ("1", "3", "6"));
        assert_eq!(published.name, "");
    }

    #[test]
    fn missing_columns_are_named_and_so_is_one_that_comes_twice() {
        let find = |header: &[&str]| Columns::find(&StringRecord::from(header.to_vec())).err().unwrap();
        let missing = vec!["offers", "checked_on"];
        let lacking = ["name", "ages_as_published", "areas_as_published", "contact_as_published"];
        assert_eq!(find(&lacking), ColumnRefusal::Missing { missing });
        assert_eq!(
            find(&[COLUMNS.as_slice(), &["Name"]].concat()),
            ColumnRefusal::Repeated { column: "name" }
        );
    }
}
