//! Case notes that hold all the words.
//!
//! Looks in the index inside the store; who may find what was decided when this device was given the keys.

use crate::contract::{CaseId, Found, NotePart, Problem, SearchPage, Thing};
use crate::store::Read;

use super::excerpt::{around, has_match};
use super::kept::Keeping;
use super::{case_of, no_such};

/// Most notes that a search shows.
const FOUND_MAX: usize = 50;
/// Longest search, in characters.
const WORDS_CHARS_MAX: u32 = 400;

/// Draws what a search finds, best first. No words find nothing.
pub(super) fn search(read: &Read<'_>, words: &str, case: Option<CaseId>) -> Result<SearchPage, Problem> {
    if super::count(words.chars().count()) > WORDS_CHARS_MAX {
        return Err(Problem::TooLong { field: "words".to_owned(), chars_max: WORDS_CHARS_MAX });
    }
    if let Some(case) = case
        && read.vault_of_case(case)?.is_none()
    {
        return Err(no_such(Thing::Case));
    }
    let mut hits = read.search(words, case, FOUND_MAX.saturating_add(1))?;
    let more = hits.len() > FOUND_MAX;
    hits.truncate(FOUND_MAX);
    let mut found = Vec::with_capacity(hits.len());
    let mut keeping = Keeping::default();
    for hit in hits {
        let Some(note) = read.note(hit.note)? else { continue };
        let case = case_of(read, note.case, note.vault_no)?;
        let (part, excerpt) = out_of_one_part(&hit.parts, words);
        found.push(Found {
            note: hit.note,
            case,
            kept: keeping.of(read, note.vault_no)?,
            young_person: read.name_in_case(case)?,
            excerpt,
            part,
            began_at_ms: note.began_at_ms,
            made: note.made,
        });
    }
    Ok(SearchPage { words: words.to_owned(), found, more })
}

/// The words around the first match, from the first part that has one.
fn out_of_one_part(parts: &[(NotePart, String)], words: &str) -> (NotePart, String) {
    let found = parts.iter().find(|(_, text)| has_match(text, words)).or(parts.first());
    found.map_or((NotePart::Text, String::new()), |(part, text)| (*part, around(text, words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House, words: &str, case: Option<CaseId>) -> SearchPage {
        let Page::Search(page) = house.draw(&Ask::Search { words: words.to_owned(), case }) else { panic!() };
        page
    }

    #[test]
    fn a_note_is_found_by_the_beginnings_of_its_words() {
        let house = House::new();
        let ash = house.open_case("Ash", None);
        let birch = house.open_case("Birch", None);
        house.signed_note(&ash, NOW_MS, "Talked about boxing after school");
        house.draft(&birch, NOW_MS, "Boxing again");
        let page = drawn(&house, "box scho", None);
        assert_eq!(page.found.len(), 1);
        assert_eq!(page.found[0].young_person, "Ash");
        assert_eq!(page.found[0].excerpt, "Talked about boxing after school");
        assert_eq!(page.found[0].made.by, "Robin");
        assert_eq!(drawn(&house, "boxing", None).found.len(), 2);
        let within = drawn(&house, "boxing", Some(birch.case_id()));
        assert_eq!(within.found.iter().map(|one| one.case).collect::<Vec<_>>(), [birch.case_id()]);
        assert!(!page.more);
        assert!(drawn(&house, " ?", None).found.is_empty());
    }

    #[test]
    fn p18_words_that_nobody_signed_are_not_shown_among_signed_ones() {
        let house = House::new();
        let ash = house.open_case("Ash", None);
        let note = house.signed_note(&ash, NOW_MS, "He was calm at school.");
        house.type_body(&ash, note, "He was calm at school. He hit somebody.");
        house.add(&ash, &crate::domain::note::KIND, note, &crate::domain::note::ADDENDA, "School rang back.");
        for (looked_for, excerpt, part) in [
            ("calm", "He was calm at school.", NotePart::Text),
            ("hit", "He was calm at school. He hit somebody.", NotePart::WrittenMeanwhile),
            ("rang", "School rang back.", NotePart::Addendum),
            ("hit rang", "He was calm at school. He hit somebody.", NotePart::WrittenMeanwhile),
        ] {
            let page = drawn(&house, looked_for, None);
            let told: Vec<_> = page.found.iter().map(|one| (one.excerpt.as_str(), one.part)).collect();
            assert_eq!(told, [(excerpt, part)]);
        }
        let Page::Timeline(timeline) =
            house.draw(&Ask::Timeline { case: ash.case_id(), before_ms: None, limit: None })
        else {
            panic!()
        };
        assert_eq!(timeline.moments[0].words, "He was calm at school.");
    }

    #[test]
    fn more_than_fifty_says_so() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        for number in 0..51 {
            house.draft(&file, NOW_MS + number, "met at the gym");
        }
        let page = drawn(&house, "gym", None);
        assert_eq!((page.found.len(), page.more), (50, true));
    }

    #[test]
    fn a_case_that_is_not_here_and_an_endless_search_are_refused() {
        let house = House::new();
        let ask = Ask::Search { words: "gym".to_owned(), case: Some(CaseId([77; 16])) };
        assert_eq!(house.problem(&ask), Problem::NoSuch { thing: Thing::Case });
        let ask = Ask::Search { words: "x".repeat(401), case: None };
        assert_eq!(house.problem(&ask), Problem::TooLong { field: "words".to_owned(), chars_max: 400 });
    }
}
