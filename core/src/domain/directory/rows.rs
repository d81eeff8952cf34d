//! The rows of a CSV text, numbered the way a spreadsheet numbers them.
//!
//! It does not know what the columns mean.

use csv::{Reader, ReaderBuilder, StringRecord};

/// One row and its number; the first row of the file is 1 and blank rows count.
pub(super) struct Row {
    /// As a spreadsheet shows it beside the row.
    pub(super) number: usize,
    /// The cells; there may be fewer or more than in the header.
    pub(super) cells: StringRecord,
    /// A quotation mark was opened here and never closed, so this row has swallowed all that follow.
    pub(super) never_closed: bool,
}

/// Reads the rows that have anything in them.
pub(super) struct Rows<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    number: usize,
}

impl<'a> Rows<'a> {
    /// Starts at the top; a byte order mark is looked past.
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Self { text, reader, number: 0 }
    }

    /// What was read, and what is still to read.
    fn split(&self) -> (&'a str, &'a str) {
        let at = usize::try_from(self.reader.position().byte());
        at.ok().and_then(|at| self.text.split_at_checked(at)).unwrap_or((self.text, ""))
    }

    fn read(&mut self) -> Result<Option<Row>, csv::Error> {
        let (behind, ahead) = self.split();
        let mut cells = StringRecord::new();
        if !self.reader.read_record(&mut cells)? {
            return Ok(None);
        }
        // The reader passes over blank lines in silence; a spreadsheet shows them.
        let blank = blank_lines(behind, ahead);
        self.number = self.number.saturating_add(1).saturating_add(blank);
        let (_, left) = self.split();
        let never_closed = left.is_empty()
            && cells.iter().any(|cell| cell.contains(['\n', '\r']))
            && ahead.matches('"').count() % 2 == 1;
        Ok(Some(Row { number: self.number, cells, never_closed }))
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, csv::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok(row) if row.cells.iter().all(|cell| cell.trim().is_empty()) => {}
                row => return Some(row),
            }
        }
    }
}

/// Blank lines right ahead. The reader may stand inside a "\r\n", whose second half is none.
fn blank_lines(behind: &str, ahead: &str) -> usize {
    let half = ahead.strip_prefix('\n').filter(|_| behind.ends_with('\r'));
    let mut rest = half.unwrap_or(ahead);
    let mut count = 0_usize;
    while let Some(next) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])) {
        count = count.saturating_add(1);
        rest = next;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbered(text: &str) -> Vec<(usize, String)> {
        Rows::new(text).map(Result::unwrap).map(|row| (row.number, row.cells[0].to_owned())).collect()
    }

    #[test]
    fn blank_rows_and_breaks_inside_a_cell_leave_numbers_as_a_spreadsheet_has_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["\u{feff}head,x", "", "\"two", "lines\",x", ",", " ", "last,x", ""].join(end);
            let rows = numbered(&text);
            assert_eq!(
                rows,
                [(1, "head".into()), (3, format!("two{end}lines")), (6, "last".into())],
                "{end:?}"
            );
        }
    }

    #[test]
    fn a_quotation_mark_never_closed_is_noticed() {
        let rows: Vec<_> = Rows::new("a,b\nc,\"d\ne,f\n").map(Result::unwrap).collect();
        assert!(!rows[0].never_closed && rows[1].never_closed);
        let rows: Vec<_> = Rows::new("a,b\nc,5\" pipe\n\"e\nf\",g").map(Result::unwrap).collect();
        assert!(rows.iter().all(|row| !row.never_closed));
    }

    proptest! {
        #[test]
        fn no_text_panics_or_fails_the_reader(text in any::<String>(), near in "[a\",\r\n\u{feff}é]{0,40}") {
            prop_assert!(Rows::new(&text).all(|row| row.is_ok()));
            prop_assert!(Rows::new(&near).all(|row| row.is_ok()));
        }

        #[test]
        fn any_number_of_blank_rows_is_counted(blanks in proptest::collection::vec(0usize..4, 1..6)) {
            for end in ["\n", "\r\n", "\r"] {
                let mut text = String::new();
                let mut expected = Vec::new();
                let mut number = 0;
                for blank in &blanks {
                    text.push_str(&end.repeat(*blank));
                    text.push_str("cell");
                    text.push_str(end);
                    number += blank + 1;
                    expected.push((number, String::from("cell")));
                }
                prop_assert_eq!(numbered(&text), expected);
            }
        }
    }
}
