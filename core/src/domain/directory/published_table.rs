//! The table as it was published in December 2020, all 31 rows of it, against what a person reads in it.
//!
//! Only a test, and the only file here that opens another.

use super::District::{self, *};
use super::{Import, Note, PlaceNote, Service, Staleness, Tag, import};
use chrono::NaiveDate;
use std::collections::BTreeSet;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../desk/data/services.csv");

fn published() -> Import {
    let text = std::fs::read_to_string(PATH).unwrap();
    import::read(&text, NaiveDate::from_ymd_opt(2021, 1, 4).unwrap()).unwrap()
}

fn named<'a>(import: &'a Import, name: &str) -> &'a Service {
    import.services.iter().find(|service| service.name.starts_with(name)).unwrap()
}

const COUNTY: &[District] = &[];
const NORTH: &[District] = &[Dartford, Gravesham, Swale, Medway];

/// Start of the name, youngest, oldest, districts (none for county-wide), in the order of the table.
type Expected = (&'static str, Option<u8>, Option<u8>, &'static [District]);
const EXPECTED: [Expected; 31] = [
    ("Olympia", None, Some(17), &[FolkestoneAndHythe, TonbridgeAndMalling, Medway]),
    ("Box It Out", Some(4), Some(18), &[Medway]),
    ("Street Soccer", Some(9), Some(25), &[Maidstone]),
    ("The Shed", Some(10), Some(20), &[FolkestoneAndHythe]),
    ("Youth Resilience", Some(5), Some(16), COUNTY),
    ("Switch", Some(11), Some(21), &[Maidstone]),
    ("Sport on your doorstep", None, Some(17), &[Swale]),
    ("Brogdale", None, Some(17), &[Ashford, Swale]),
    ("Changing Minds", Some(14), Some(19), &[Thanet]),
    ("Refocus", Some(17), Some(21), NORTH),
    ("Young Lives", None, Some(17), &[Gravesham, Swale, Thanet, TonbridgeAndMalling]),
    ("Tonbridge and Malling", None, Some(17), &[TonbridgeAndMalling]),
    ("ACE Angel", None, Some(25), &[TonbridgeAndMalling]),
    ("Dover CSP & CSU", Some(0), Some(16), &[Dover]),
    ("SATEDA", None, Some(17), &[Swale]),
    ("Music Klub", Some(16), Some(23), &[Medway]),
    ("Pie Factory", Some(16), Some(25), &[Thanet]),
    ("The Mary Dolly", Some(11), Some(18), COUNTY),
    ("Breaking the Cycle", Some(14), Some(19), &[Thanet]),
    ("Mid-Kent MIND", None, Some(17), &[Swale, Thanet]),
    ("Sheppey Matters", None, Some(18), &[Swale]),
    ("Safer Communities", Some(18), Some(25), NORTH),
    ("Trinity Fencing", Some(18), Some(25), &[Swale]),
    ("Step Up", Some(16), Some(21), &[Gravesham, Maidstone, Swale, Medway]),
    ("Forward Trust", Some(18), Some(25), &[Swale, Medway]),
    ("Archbishops", Some(11), Some(19), &[Canterbury]),
    ("Nurture UK", Some(11), Some(18), COUNTY),
    ("St. Giles", Some(11), Some(25), COUNTY),
    ("Dover CSP- Dover Smart", Some(11), Some(18), &[Dover]),
    ("Primal Roots", Some(4), Some(18), &[Ashford]),
    ("Kenward", Some(11), Some(18), &[Sevenoaks]),
];

#[test]
fn every_published_row_comes_in_with_the_ages_and_districts_a_person_reads() {
    let import = published();
    assert_eq!(import.refused, []);
    assert_eq!(import.services.len(), EXPECTED.len());
    for (service, (name, from, to, districts)) in import.services.iter().zip(EXPECTED) {
        assert!(service.name.starts_with(name), "{} is not {name}", service.name);
        assert_eq!((service.ages.from_years(), service.ages.to_years()), (from, to), "{name}");
        assert_eq!(service.areas.districts, districts.iter().copied().collect(), "{name}");
        assert_eq!(service.areas.county_wide, districts.is_empty(), "{name}");
        assert_eq!(service.areas.unplaced, Vec::<String>::new(), "{name}");
        assert_eq!(service.checked_on, NaiveDate::from_ymd_opt(2020, 12, 4).unwrap(), "{name}");
        assert!(!service.contact_as_published.is_empty(), "{name}");
    }
}

#[test]
fn the_published_misspellings_and_the_names_with_two_meanings_are_told_with_their_rows() {
    let import = published();
    let notes: Vec<_> = import
        .notes
        .iter()
        .map(|note| match &note.note {
            Note::Place(PlaceNote::Corrected { written, .. }) => (note.row, "corrected", written.as_str()),
            Note::Place(PlaceNote::Judged { written, .. }) => (note.row, "judged", written.as_str()),
            Note::Place(PlaceNote::Unplaced { written }) => (note.row, "unplaced", written.as_str()),
            Note::DateReadDayFirst => (note.row, "date", ""),
        })
        .collect();
    assert_eq!(
        notes,
        [
            (2, "judged", "Luton"),
            (2, "judged", "Shepway"),
            (5, "corrected", "Folkstone"),
            (11, "judged", "North Kent"),
            (15, "corrected", "Aysesham"),
            (19, "judged", "Kent"),
            (23, "judged", "North Kent"),
        ]
    );
}

#[test]
fn published_names_and_offers_earn_the_tags_the_source_lists() {
    let import = published();
    let tags = |name| named(&import, name).tags.clone();
    assert_eq!(tags("Olympia"), BTreeSet::from([Tag::Boxing, Tag::Sport, Tag::School]));
    assert_eq!(tags("Street Soccer"), BTreeSet::from([Tag::Mentoring, Tag::Sport]));
    assert_eq!(tags("Changing Minds"), BTreeSet::from([Tag::MentalHealth]));
    assert_eq!(tags("Refocus"), BTreeSet::from([Tag::Employment, Tag::BameFocused]));
    assert_eq!(tags("ACE Angel"), BTreeSet::from([Tag::Housing, Tag::Trauma]));
    assert_eq!(tags("Dover CSP & CSU"), BTreeSet::from([Tag::FamilySupport, Tag::Trauma, Tag::MentalHealth]));
    assert_eq!(tags("Forward Trust"), BTreeSet::from([Tag::Prison, Tag::ViolenceAndExploitation]));
    assert_eq!(tags("Step Up"), BTreeSet::from([Tag::Mentoring, Tag::LeavingCare]));
    assert_eq!(tags("The Mary Dolly"), BTreeSet::new());
    for tag in Tag::ALL {
        assert!(import.services.iter().any(|service| service.tags.contains(&tag)), "{tag:?}");
    }
}

#[test]
fn a_fifteen_year_old_in_thanet_finds_who_takes_them_there_or_anywhere() {
    let import = published();
    let found: Vec<_> = import
        .services
        .iter()
        .filter(|service| service.serves(15, Thanet))
        .map(|service| &*service.name)
        .collect();
    assert_eq!(
        found,
        [
            "Youth Resilience",
            "Changing Minds CIC",
            "Young Lives Foundation",
            "The Mary Dolly Foundation",
            "Breaking the Cycle",
            "Mid-Kent MIND",
            "Nurture UK",
            "St. Giles Trust",
        ]
    );
}

#[test]
fn the_whole_published_table_has_long_been_stale() {
    let import = published();
    let on = NaiveDate::from_ymd_opt(2025, 12, 4).unwrap();
    assert!(import.services.iter().all(|service| service.stale(on) == Staleness::Stale { days: 1826 }));
}
