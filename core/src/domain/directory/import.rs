//! A published table of services, read whole: what comes in, what is refused row by row, what a person should check.
//!
//! It does not know where the text came from, nor what happens to the services afterwards.

use super::areas::PlaceNote;
use super::checked::DateForm;
use super::columns::{ColumnRefusal, Columns};
use super::rows::{Row, Rows};
use super::service::{NAME_CHARS_MAX, Published, Reading, Service, ServiceRefusal};
use chrono::NaiveDate;
use csv::StringRecord;
use std::collections::BTreeMap;
use std::fmt;

/// Largest table, in bytes. Our own choice; the published one has under 4,000.
pub const FILE_BYTES_MAX: usize = 262_144;

/// Most rows below the header that have anything in them. Our own choice; the published table has 31.
pub const ROWS_MAX: usize = 2_000;

/// A table that was read. All three lists are in the order of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Import {
    /// The services that came in.
    pub services: Vec<Service>,
    /// The rows that did not.
    pub refused: Vec<RefusedRow>,
    /// What to check about those that did.
    pub notes: Vec<RowNote>,
}

/// A row that did not come in.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Its number as a spreadsheet shows it; the header is usually 1.
    pub row: usize,
    /// What its name cell says, cut at [`NAME_CHARS_MAX`]; may be empty.
    pub name: String,
    /// Why.
    pub why: RowRefusal,
}

/// Why a row did not come in. Never holds its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowRefusal {
    /// The service itself makes no sense.
    #[error(transparent)]
    Service(#[from] ServiceRefusal),
    /// A service of that name, in any case and spacing, already came in.
    #[error("the name is already in row {first_row}")]
    Repeats {
        /// The row that came in.
        first_row: usize,
    },
    /// A quotation mark opened in this row is never closed, so this row and all below it were read as one.
    #[error("a quotation mark is never closed; this row and those below it were not read")]
    QuoteNeverClosed,
}

/// Something to check about a row that came in.
#[derive(Clone, PartialEq, Eq)]
pub struct RowNote {
    /// Its number as a spreadsheet shows it.
    pub row: usize,
    /// The name of the service.
    pub name: String,
    /// What to check.
    pub note: Note,
}

/// What to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// How a place name was read.
    Place(PlaceNote),
    /// The date was written 04/12/2020 and read as 4 December, the British way.
    DateReadDayFirst,
}

/// Why a text is not this table at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// It is larger than [`FILE_BYTES_MAX`].
    #[error("the table is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It has more than [`ROWS_MAX`] rows.
    #[error("the table has more than {ROWS_MAX} rows")]
    TooManyRows,
    /// Its first row is not the header of this table.
    #[error(transparent)]
    Columns(#[from] ColumnRefusal),
    /// It cannot be taken apart into rows.
    #[error("the table cannot be read as rows of cells")]
    NotRows,
}

/// Reads a table of services; `today` is the latest day on which one can have been checked.
///
/// Comma-separated with a header row; a byte order mark, blank rows and missing last cells are tolerated. A row that
/// makes no sense is refused by itself and the others come in.
pub fn read(text: &str, today: NaiveDate) -> Result<Import, ImportRefusal> {
    if text.len() > FILE_BYTES_MAX {
        return Err(ImportRefusal::TooLarge);
    }
    let mut rows = Rows::new(text);
    let header = match rows.next() {
        Some(row) => row.map_err(|_| ImportRefusal::NotRows)?.cells,
        None => StringRecord::new(),
    };
    let columns = Columns::find(&header)?;

    let mut import = Import::default();
    let mut rows_by_name = BTreeMap::new();
    for (count, row) in rows.enumerate() {
        if count >= ROWS_MAX {
            return Err(ImportRefusal::TooManyRows);
        }
        let row = row.map_err(|_| ImportRefusal::NotRows)?;
        let published = columns.published(&row.cells);
        match judge(&row, published, today, &mut rows_by_name) {
            Ok(reading) => import.take(row.number, reading),
            Err(why) => {
                let name = published.name.trim().chars().take(NAME_CHARS_MAX).collect();
                import.refused.push(RefusedRow { row: row.number, name, why });
            }
        }
    }
    Ok(import)
}

fn judge(
    row: &Row,
    published: Published<'_>,
    today: NaiveDate,
    rows_by_name: &mut BTreeMap<String, usize>,
) -> Result<Reading, RowRefusal> {
    if row.never_closed {
        return Err(RowRefusal::QuoteNeverClosed);
    }
    let reading = Service::read(published, today)?;
    let folded = reading.service.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let Some(first_row) = rows_by_name.get(&folded) {
        return Err(RowRefusal::Repeats { first_row: *first_row });
    }
    rows_by_name.insert(folded, row.number);
    Ok(reading)
}

impl Import {
    fn take(&mut self, row: usize, reading: Reading) {
        let Reading { service, place_notes, date_form } = reading;
        let date_note = (date_form == DateForm::DayFirst).then_some(Note::DateReadDayFirst);
        let notes = place_notes.into_iter().map(Note::Place).chain(date_note);
        self.notes.extend(notes.map(|note| RowNote { row, name: service.name.clone(), note }));
        self.services.push(service);
    }
}

impl fmt::Debug for RefusedRow {
    /// Leaves out the name cell: anything may have been typed there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedRow").field("row", &self.row).field("why", &self.why).finish_non_exhaustive()
    }
}

impl fmt::Debug for RowNote {
    /// Leaves out the name cell: anything may have been typed there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowNote").field("row", &self.row).field("note", &self.note).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ages::AgeRefusal;
    use super::super::checked::DateRefusal;
    use super::super::columns::COLUMNS;
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "name,offers,ages_as_published,areas_as_published,contact_as_published,checked_on\n";

    fn import(rows: &str) -> Import {
        read(&format!("{HEADER}{rows}"), NaiveDate::from_ymd_opt(2021, 1, 1).unwrap()).unwrap()
    }

    fn refusal(text: &str) -> ImportRefusal {
        read(text, NaiveDate::from_ymd_opt(2021, 1, 1).unwrap()).unwrap_err()
    }

    #[test]
    fn rows_that_make_no_sense_are_named_and_the_others_come_in() {
        let import = import(
            "A,,4-18,Dover,,2020-12-04\n,,,,x,2020-12-04\n\nC,,18-4,,,2020-12-04\nD,,ask,,,2020-12-04\n\
             E,,,,,2021-01-02\nF,,,,,2020-02-30\nG\nH,,,,,2021-01-01\n",
        );
        let names: Vec<_> = import.services.iter().map(|service| service.name.as_str()).collect();
        assert_eq!(names, ["A", "H"]);
        let refused: Vec<_> =
            import.refused.iter().map(|row| (row.row, row.name.as_str(), row.why)).collect();
        let ages = |refusal| RowRefusal::Service(ServiceRefusal::Ages(refusal));
        let date = |refusal| RowRefusal::Service(ServiceRefusal::Date(refusal));
        assert_eq!(
            refused,
            [
                (3, "", RowRefusal::Service(ServiceRefusal::NoName)),
                (5, "C", ages(AgeRefusal::Backwards { from_years: 18, to_years: 4 })),
                (6, "D", ages(AgeRefusal::NotUnderstood)),
                (7, "E", date(DateRefusal::Future)),
                (8, "F", date(DateRefusal::NotADay)),
                (9, "G", date(DateRefusal::Missing)),
            ]
        );
    }

    #[test]
    fn a_name_in_the_table_twice_is_refused_with_the_row_that_came_in() {
        let import = import("A b,,x,,,2020-12-04\nA b,,,,,2020-12-04\n a  B ,,,,,2020-12-04\n");
        assert_eq!(import.services.len(), 1);
        assert_eq!(import.refused[1].row, 4);
        assert_eq!(import.refused[1].why, RowRefusal::Repeats { first_row: 3 });
    }

    #[test]
    fn columns_may_stand_in_any_order_beside_others_behind_a_byte_order_mark() {
        let text = "\u{feff}Checked_On,extra, NAME ,contact_as_published,areas_as_published,ages_as_published,offers\r\n\
                    04/12/2020,?,A,desk,Folkstone,16+,Boxing\r\n";
        let import = read(text, NaiveDate::from_ymd_opt(2021, 1, 1).unwrap()).unwrap();
        let service = &import.services[0];
        assert_eq!((service.name.as_str(), service.contact_as_published.as_str()), ("A", "desk"));
        assert_eq!(service.ages.from_years(), Some(16));
        let corrected = PlaceNote::Corrected { written: "Folkstone".into(), read_as: "Folkestone" };
        let notes: Vec<_> =
            import.notes.iter().map(|note| (note.row, note.name.as_str(), &note.note)).collect();
        assert_eq!(notes, [(2, "A", &Note::Place(corrected)), (2, "A", &Note::DateReadDayFirst)]);
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_kept_as_text() {
        let import = import("=1+1,@x,,+Dover,-y,2020-12-04\n");
        let service = &import.services[0];
        assert_eq!((service.name.as_str(), service.offers.as_str()), ("=1+1", "@x"));
        assert_eq!(
            (service.areas_as_published.as_str(), service.contact_as_published.as_str()),
            ("+Dover", "-y")
        );
    }

    #[test]
    fn a_text_that_is_not_this_table_is_refused_with_what_it_lacks() {
        let missing = |missing| ImportRefusal::Columns(ColumnRefusal::Missing { missing });
        assert_eq!(refusal(""), missing(COLUMNS.to_vec()));
        assert_eq!(refusal(&HEADER.replace("offers,", "")), missing(vec!["offers"]));
    }

    #[test]
    fn a_table_beyond_a_limit_is_refused_and_one_at_it_is_read() {
        assert_eq!(refusal(&" ".repeat(FILE_BYTES_MAX + 1)), ImportRefusal::TooLarge);
        let rows = "x\n".repeat(ROWS_MAX);
        assert_eq!(import(&rows).refused.len(), ROWS_MAX);
        assert_eq!(refusal(&format!("{HEADER}{rows}x\n")), ImportRefusal::TooManyRows);
    }

    #[test]
    fn a_row_with_a_field_beyond_its_limit_is_refused_under_a_name_cut_short() {
        let import =
            import(&format!("{},,,,,2020-12-04\nB,,,,,2020-12-04\n", "n".repeat(NAME_CHARS_MAX + 1)));
        assert_eq!(import.services.len(), 1);
        assert_eq!(import.refused[0].name.len(), NAME_CHARS_MAX);
    }

    #[test]
    fn a_row_that_swallows_the_rest_is_refused_not_taken() {
        let text = "checked_on,name,offers,ages_as_published,areas_as_published,contact_as_published\n\
                    2020-12-04,A,,,,\"desk\n2020-12-04,B,,,,desk\n";
        let import = read(text, NaiveDate::from_ymd_opt(2021, 1, 1).unwrap()).unwrap();
        assert_eq!(import.services, []);
        assert_eq!((import.refused[0].row, import.refused[0].why), (2, RowRefusal::QuoteNeverClosed));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in any::<String>(), rows in "[A-C,\"\n0-9/=é-]{0,120}") {
            let _ = read(&text, NaiveDate::MAX);
            let _ = import(&rows);
        }

        #[test]
        fn every_row_comes_in_or_is_refused(names in proptest::collection::vec("[a-c]{0,2}", 0..12)) {
            let rows: String = names.iter().map(|name| format!("{name},,,,desk,2020-12-04\n")).collect();
            let import = import(&rows);
            prop_assert_eq!(import.services.len() + import.refused.len(), names.len());
        }
    }
}
