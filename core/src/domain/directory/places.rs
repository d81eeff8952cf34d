//! Place names as people publish them, and the districts they stand for (G03).
//!
//! A table and how to look in it. It does not know how names are strung together, nor who serves them.
//!
//! Towns lie in one district each; a village whose name occurs twice in the county (Minster) is left out, for a person
//! to place. Misspellings are corrected only where listed: guessing by likeness would turn one place into another.

use super::district::District;
use super::words::Word;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Most words a listed name has, with the words around it that [`find`] looks past.
pub(super) const NAME_WORDS_MAX: usize = 7;

/// What a name stands for.
pub(super) enum Meaning {
    /// These districts.
    Districts(&'static [District]),
    /// All of Kent, and Medway.
    CountyWide,
}

/// What a person should hear about how a name was read.
pub(super) enum Remark {
    /// Nothing: the name is plain.
    Plain,
    /// It was misspelt, and read as this.
    Misspelt(&'static str),
    /// It could mean something else, and was read as this.
    Judged(&'static str),
}

/// One way of writing a place.
pub(super) struct Place {
    written: &'static str,
    /// What it stands for.
    pub(super) means: Meaning,
    /// What to say about the reading.
    pub(super) remark: Remark,
}

/// The place these words name, looking past words such as "HMP" before it and "district" behind it.
pub(super) fn find(words: &[Word]) -> Option<&'static Place> {
    exact(words).or_else(|| {
        let mut core = words;
        while let [first, rest @ ..] = core
            && BEFORE.contains(&first.folded.as_str())
        {
            core = rest;
        }
        while let [rest @ .., last] = core
            && BEHIND.contains(&last.folded.as_str())
        {
            core = rest;
        }
        (core.len() < words.len()).then(|| exact(core)).flatten()
    })
}

fn exact(words: &[Word]) -> Option<&'static Place> {
    let phrase: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    BY_NAME.get(phrase.join(" ").as_str()).copied()
}

/// Walking the table for every run of words took a hostile megabyte over a minute in a debug build.
static BY_NAME: LazyLock<BTreeMap<&str, &Place>> =
    LazyLock::new(|| TABLE.iter().map(|place| (place.written, place)).collect());

const BEFORE: [&str; 11] =
    ["the", "hmp", "yoi", "city", "borough", "district", "of", "all", "whole", "across", "in"];
const BEHIND: [&str; 10] =
    ["prison", "hmp", "yoi", "district", "borough", "city", "council", "town", "towns", "area"];

const fn town(written: &'static str, district: &'static [District]) -> Place {
    Place { written, means: Meaning::Districts(district), remark: Remark::Plain }
}

const fn misspelt(written: &'static str, district: &'static [District], read_as: &'static str) -> Place {
    Place { written, means: Meaning::Districts(district), remark: Remark::Misspelt(read_as) }
}

const fn judged(written: &'static str, districts: &'static [District], read_as: &'static str) -> Place {
    Place { written, means: Meaning::Districts(districts), remark: Remark::Judged(read_as) }
}

const fn county(written: &'static str, remark: Remark) -> Place {
    Place { written, means: Meaning::CountyWide, remark }
}

const ASHFORD: &[District] = &[District::Ashford];
const CANTERBURY: &[District] = &[District::Canterbury];
const DARTFORD: &[District] = &[District::Dartford];
const DOVER: &[District] = &[District::Dover];
const FOLKESTONE: &[District] = &[District::FolkestoneAndHythe];
const GRAVESHAM: &[District] = &[District::Gravesham];
const MAIDSTONE: &[District] = &[District::Maidstone];
const SEVENOAKS: &[District] = &[District::Sevenoaks];
const SWALE: &[District] = &[District::Swale];
const THANET: &[District] = &[District::Thanet];
const TONBRIDGE: &[District] = &[District::TonbridgeAndMalling];
const WELLS: &[District] = &[District::TunbridgeWells];
const MEDWAY: &[District] = &[District::Medway];

/// The estuary districts. No source of ours draws the line; a planning report on the county ("sub-county overviews",
/// docslib.org/doc/11602872) counts these and Maidstone, and footnotes Maidstone as outside the area's partnership.
/// Our choice leaves Maidstone out and tells a person each time.
const NORTH_KENT: &[District] = &[District::Dartford, District::Gravesham, District::Swale, District::Medway];

/// Medway is in "Kent" and "County-wide": the directory is of Kent and Medway, whose services work "Kent and Medway
/// county-wide" (A08). A bare "Kent" could be meant without it, so a person is told; other parts of the county ("West
/// Kent") have no agreed edges and appear in no source we hold, so they are not listed.
static TABLE: &[Place] = &[
    county("county wide", Remark::Plain),
    county("countywide", Remark::Plain),
    county("kent wide", Remark::Plain),
    county("kent and medway", Remark::Plain),
    county("medway and kent", Remark::Plain),
    county("kent", Remark::Judged("Kent with Medway, county-wide")),
    judged("north kent", NORTH_KENT, "Dartford, Gravesham, Swale and Medway"),
    town("ashford", ASHFORD),
    town("tenterden", ASHFORD),
    town("canterbury", CANTERBURY),
    town("herne bay", CANTERBURY),
    town("whitstable", CANTERBURY),
    town("dartford", DARTFORD),
    town("greenhithe", DARTFORD),
    town("swanscombe", DARTFORD),
    town("dover", DOVER),
    town("aylesham", DOVER),
    town("deal", DOVER),
    town("sandwich", DOVER),
    misspelt("aysesham", DOVER, "Aylesham"),
    town("folkestone and hythe", FOLKESTONE),
    town("folkestone", FOLKESTONE),
    town("hythe", FOLKESTONE),
    town("lydd", FOLKESTONE),
    town("new romney", FOLKESTONE),
    misspelt("folkstone and hythe", FOLKESTONE, "Folkestone and Hythe"),
    misspelt("folkstone", FOLKESTONE, "Folkestone"),
    judged(
        "shepway",
        FOLKESTONE,
        "Folkestone and Hythe, called Shepway until 2018; Maidstone has a Shepway too",
    ),
    town("gravesham", GRAVESHAM),
    town("gravesend", GRAVESHAM),
    town("northfleet", GRAVESHAM),
    town("maidstone", MAIDSTONE),
    town("east sutton park", MAIDSTONE),
    town("headcorn", MAIDSTONE),
    town("lenham", MAIDSTONE),
    town("staplehurst", MAIDSTONE),
    town("sevenoaks", SEVENOAKS),
    town("edenbridge", SEVENOAKS),
    town("swanley", SEVENOAKS),
    town("westerham", SEVENOAKS),
    town("swale", SWALE),
    town("elmley", SWALE),
    town("faversham", SWALE),
    town("isle of sheppey", SWALE),
    town("sheppey", SWALE),
    town("queenborough", SWALE),
    town("sheerness", SWALE),
    town("sittingbourne", SWALE),
    town("standford hill", SWALE),
    town("swaleside", SWALE),
    town("thanet", THANET),
    town("broadstairs", THANET),
    town("margate", THANET),
    town("ramsgate", THANET),
    town("tonbridge and malling", TONBRIDGE),
    town("tonbridge", TONBRIDGE),
    town("borough green", TONBRIDGE),
    town("east malling", TONBRIDGE),
    town("kings hill", TONBRIDGE),
    town("malling", TONBRIDGE),
    town("snodland", TONBRIDGE),
    town("west malling", TONBRIDGE),
    town("tunbridge wells", WELLS),
    town("royal tunbridge wells", WELLS),
    town("cranbrook", WELLS),
    town("paddock wood", WELLS),
    town("southborough", WELLS),
    misspelt("tonbridge wells", WELLS, "Tunbridge Wells"),
    town("medway", MEDWAY),
    town("chatham", MEDWAY),
    town("cookham wood", MEDWAY),
    town("gillingham", MEDWAY),
    judged("luton", MEDWAY, "the Luton in Chatham, Medway, not the town in Bedfordshire"),
    town("rainham", MEDWAY),
    town("rochester", MEDWAY),
    town("strood", MEDWAY),
];

#[cfg(test)]
mod tests {
    use super::super::words::{spell, words};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_district_is_found_by_its_own_name() {
        for district in District::ALL {
            let place = find(&words(district.name())).unwrap();
            assert!(matches!(place.means, Meaning::Districts([found]) if *found == district), "{district}");
            assert!(matches!(place.remark, Remark::Plain), "{district}");
        }
    }

    #[test]
    fn every_name_is_listed_once_and_written_the_way_words_are_folded() {
        let names: BTreeSet<_> = TABLE.iter().map(|place| place.written).collect();
        assert_eq!(names.len(), TABLE.len());
        for place in TABLE {
            let found = words(place.written);
            assert!(spell(&found, place.written) && found.len() <= NAME_WORDS_MAX, "{}", place.written);
        }
    }

    #[test]
    fn words_around_a_name_are_looked_past_but_not_part_of_a_name() {
        for text in ["HMP Rochester", "Rochester prison", "HMP/YOI Rochester", "the city of Rochester"] {
            let found: Vec<_> = words(text).into_iter().filter(|word| !word.folded.is_empty()).collect();
            assert!(find(&found).is_some(), "{text}");
        }
        assert!(find(&words("Borough Green")).is_some());
        assert!(find(&words("prison")).is_none());
        assert!(find(&[]).is_none());
    }
}
