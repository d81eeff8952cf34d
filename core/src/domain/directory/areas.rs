//! The areas a service covers, read from the words it was published with (G03).
//!
//! Strings place names together and takes them apart; which district a name lies in is the table's business, in `places`.

use super::district::District;
use super::places::{self, Meaning, NAME_WORDS_MAX, Remark};
use super::words::{Word, words};
use std::collections::BTreeSet;
use std::fmt;

/// Words after which a list says where a service does *not* work.
const EXCLUDING: [&str; 7] = ["not", "except", "excepting", "excluding", "excl", "outside", "without"];

/// Where a service works.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Areas {
    /// The districts named, directly or by a town, prison or region in them.
    pub districts: BTreeSet<District>,
    /// All of Kent, and Medway, was named.
    pub county_wide: bool,
    /// Names no district was found for, as written, each once.
    pub unplaced: Vec<String>,
}

/// Something about a place name that a person should check.
#[derive(Clone, PartialEq, Eq)]
pub enum PlaceNote {
    /// A listed misspelling was corrected.
    Corrected {
        /// The name as written.
        written: String,
        /// The name it was taken for.
        read_as: &'static str,
    },
    /// The name could mean something else.
    Judged {
        /// The name as written.
        written: String,
        /// What it was taken for.
        read_as: &'static str,
    },
    /// No district was found; the name is kept in [`Areas::unplaced`].
    Unplaced {
        /// The name as written.
        written: String,
    },
}

impl Areas {
    /// Reads published words; never fails, because what is not understood is kept.
    ///
    /// Names may be separated by ";", ",", "/", "|", brackets, line ends, "and", "&", or only a space. The longest name
    /// wins, so "Tonbridge and Malling and Dover" is two. From an excluding word ("except", "not") on, the rest of the
    /// text is kept unplaced: it must not count as covered. Notes come in the order of the text, each once.
    pub fn read(text: &str) -> (Self, Vec<PlaceNote>) {
        let words = words(text);
        let mut reader = Reader { text, areas: Self::default(), notes: Vec::new() };
        let mut unknown: &[Word] = &[];
        let mut rest = words.as_slice();
        while let [first, after @ ..] = rest {
            if EXCLUDING.contains(&first.folded.as_str()) {
                reader.keep_unplaced(unknown);
                reader.keep_unplaced(rest);
                return (reader.areas, reader.notes);
            }
            if let Some((place, name, behind)) = longest_name(rest)
                // "University of Kent" is a place of its own, not the county.
                && (unknown.is_empty() || !matches!(place.means, Meaning::CountyWide))
            {
                reader.keep_unplaced(unknown);
                reader.place(place, name);
                unknown = &[];
                rest = behind;
                continue;
            }
            if first.folded.is_empty() || first.folded == "and" {
                reader.keep_unplaced(unknown);
                unknown = &[];
            } else {
                unknown = joined(words.as_slice(), unknown, after);
            }
            rest = after;
        }
        reader.keep_unplaced(unknown);
        (reader.areas, reader.notes)
    }

    /// Whether anything at all was published.
    pub fn stated(&self) -> bool {
        self.placed() || !self.unplaced.is_empty()
    }

    /// Whether at least one name was understood.
    pub fn placed(&self) -> bool {
        self.county_wide || !self.districts.is_empty()
    }

    /// Whether a service may work in this district.
    ///
    /// Where no name was understood, yes: we cannot rule it out, and the published words are there to be read.
    pub fn reach(&self, district: District) -> bool {
        !self.placed() || self.county_wide || self.districts.contains(&district)
    }
}

/// The place that the most words from the front name, those words, and the words behind them.
fn longest_name(words: &[Word]) -> Option<(&'static places::Place, &[Word], &[Word])> {
    let unbroken = words.iter().take(NAME_WORDS_MAX).take_while(|word| !word.folded.is_empty());
    (1..=unbroken.count()).rev().find_map(|count| {
        let (name, behind) = words.split_at_checked(count)?;
        Some((places::find(name)?, name, behind))
    })
}

/// The run of unknown words, one longer: it ends where `after` begins.
fn joined<'a>(all: &'a [Word], unknown: &[Word], after: &[Word]) -> &'a [Word] {
    let end = all.len().saturating_sub(after.len());
    let start = end.saturating_sub(unknown.len()).saturating_sub(1);
    all.get(start..end).unwrap_or_default()
}

struct Reader<'a> {
    text: &'a str,
    areas: Areas,
    notes: Vec<PlaceNote>,
}

impl Reader<'_> {
    fn place(&mut self, place: &places::Place, name: &[Word]) {
        match place.means {
            Meaning::Districts(districts) => self.areas.districts.extend(districts),
            Meaning::CountyWide => self.areas.county_wide = true,
        }
        let written = self.written(name);
        match place.remark {
            Remark::Plain => {}
            Remark::Misspelt(read_as) => self.note(PlaceNote::Corrected { written, read_as }),
            Remark::Judged(read_as) => self.note(PlaceNote::Judged { written, read_as }),
        }
    }

    fn keep_unplaced(&mut self, name: &[Word]) {
        let written = self.written(name);
        if written.is_empty() || self.areas.unplaced.contains(&written) {
            return;
        }
        self.areas.unplaced.push(written.clone());
        self.note(PlaceNote::Unplaced { written });
    }

    fn note(&mut self, note: PlaceNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn written(&self, name: &[Word]) -> String {
        let last = name.iter().rfind(|word| !word.folded.is_empty());
        let span = name.first().zip(last).and_then(|(first, last)| self.text.get(first.start..last.end));
        span.unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Areas {
    /// Says how many names are unplaced, not which: anything may have been typed there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Areas")
            .field("districts", &self.districts)
            .field("county_wide", &self.county_wide)
            .field("unplaced_count", &self.unplaced.len())
            .finish()
    }
}

impl fmt::Debug for PlaceNote {
    /// Says what was read, not what was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrected { read_as, .. } => write!(f, "Corrected({read_as})"),
            Self::Judged { read_as, .. } => write!(f, "Judged({read_as})"),
            Self::Unplaced { .. } => write!(f, "Unplaced"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::District::*;
    use super::*;
    use proptest::prelude::*;

    fn districts(text: &str) -> Vec<District> {
        let (areas, _) = Areas::read(text);
        assert_eq!(areas.unplaced, Vec::<String>::new(), "{text}");
        assert!(!areas.county_wide, "{text}");
        areas.districts.into_iter().collect()
    }

    #[test]
    fn an_and_inside_a_name_does_not_part_it_and_one_between_names_does() {
        assert_eq!(districts("Tonbridge and Malling"), [TonbridgeAndMalling]);
        assert_eq!(districts("Folkestone & Hythe and Dover"), [Dover, FolkestoneAndHythe]);
        assert_eq!(
            districts("Thanet, Swale, Tonbridge and Malling and Gravesham"),
            [Gravesham, Swale, Thanet, TonbridgeAndMalling]
        );
        assert_eq!(districts("Tonbridge and West Malling"), [TonbridgeAndMalling]);
        assert_eq!(districts("Tonbridge and Dover"), [Dover, TonbridgeAndMalling]);
    }

    #[test]
    fn any_separator_will_do_and_so_will_none_but_a_space() {
        for text in [
            "Maidstone Medway Swale; Gravesham",
            "Maidstone/Medway|Swale&Gravesham",
            "Maidstone (Medway, Swale)\nGravesham",
        ] {
            assert_eq!(districts(text), [Gravesham, Maidstone, Swale, Medway], "{text}");
        }
        assert_eq!(districts(" ;, / and "), []);
    }

    #[test]
    fn towns_and_prisons_stand_for_their_district() {
        assert_eq!(districts("Isle of Sheppey"), [Swale]);
        assert_eq!(districts("Rochester Elmley"), [Swale, Medway]);
        assert_eq!(districts("HMP Elmley and Rochester prison"), [Swale, Medway]);
        assert_eq!(districts("Chatham Shepway"), [FolkestoneAndHythe, Medway]);
        assert_eq!(districts("Royal Tunbridge Wells"), [TunbridgeWells]);
    }

    #[test]
    fn kent_and_county_wide_reach_medway_and_every_district() {
        for text in ["County-wide", "county wide", "Countywide", "Kent", "all of Kent", "Kent and Medway"] {
            let (areas, _) = Areas::read(text);
            assert!(areas.county_wide && areas.unplaced.is_empty(), "{text}");
            assert!(District::ALL.into_iter().all(|district| areas.reach(district)), "{text}");
        }
        let (_, notes) = Areas::read("Kent");
        assert!(matches!(notes.as_slice(), [PlaceNote::Judged { .. }]));
        let (_, notes) = Areas::read("County-wide");
        assert_eq!(notes, []);
    }

    #[test]
    fn north_kent_is_four_districts_and_a_judgement_to_check() {
        let (areas, notes) = Areas::read("North Kent");
        assert_eq!(areas.districts, BTreeSet::from([Dartford, Gravesham, Swale, Medway]));
        assert!(!areas.county_wide);
        assert!(matches!(notes.as_slice(), [PlaceNote::Judged { written, .. }] if written == "North Kent"));
    }

    #[test]
    fn a_corrected_misspelling_is_told_once() {
        let (areas, notes) = Areas::read("Folkstone; Folkstone and Aysesham");
        assert_eq!(areas.districts, BTreeSet::from([Dover, FolkestoneAndHythe]));
        let corrected =
            |written: &str, read_as| PlaceNote::Corrected { written: written.to_owned(), read_as };
        assert!(notes == [corrected("Folkstone", "Folkestone"), corrected("Aysesham", "Aylesham")]);
    }

    #[test]
    fn a_name_nobody_listed_is_kept_as_written_beside_those_understood() {
        let (areas, notes) =
            Areas::read("Dover, St. Mary’s-Bay; West Kent, University of Kent and Lower Halstow Swale");
        assert_eq!(areas.unplaced, ["St. Mary’s-Bay", "West Kent", "University of Kent", "Lower Halstow"]);
        assert_eq!(areas.districts, BTreeSet::from([Dover, Swale]));
        assert!(!areas.county_wide);
        assert!(notes.iter().all(|note| matches!(note, PlaceNote::Unplaced { .. })));
        assert_eq!(notes.len(), 4);
    }

    #[test]
    fn an_excluded_place_does_not_count_as_covered() {
        let (areas, _) = Areas::read("Swale and Dover (not Thanet, Medway)");
        assert_eq!(areas.districts, BTreeSet::from([Dover, Swale]));
        assert_eq!(areas.unplaced, ["not Thanet, Medway"]);
    }

    #[test]
    fn where_no_name_was_understood_no_district_is_ruled_out() {
        let (blank, _) = Areas::read("  ");
        let (elsewhere, _) = Areas::read("Brigadoon");
        let (partly, _) = Areas::read("Brigadoon, Dover");
        assert!(!blank.stated() && blank.reach(Thanet));
        assert!(elsewhere.stated() && !elsewhere.placed() && elsewhere.reach(Thanet));
        assert!(partly.reach(Dover) && !partly.reach(Thanet));
    }

    #[test]
    fn what_was_written_stays_out_of_debug() {
        let (areas, notes) = Areas::read("Brigadoon");
        assert!(!format!("{areas:?}{notes:?}").contains("Brigadoon"));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader_and_no_name_is_lost(text in any::<String>()) {
            let (areas, _) = Areas::read(&text);
            prop_assert!(areas.stated() || !text.chars().any(char::is_alphanumeric));
        }

        #[test]
        fn districts_in_any_order_and_number_are_all_read(
            listed in proptest::collection::vec(proptest::sample::select(District::ALL.as_slice()), 1..8),
            separator in proptest::sample::select([" ", "; ", ", ", "/", " and ", " & ", " - "].as_slice()),
        ) {
            let text = listed.iter().map(|district| district.name()).collect::<Vec<_>>().join(separator);
            let (areas, notes) = Areas::read(&text);
            prop_assert_eq!(areas.districts, listed.into_iter().collect::<BTreeSet<_>>());
            prop_assert!(areas.unplaced.is_empty() && notes.is_empty());
        }
    }
}
