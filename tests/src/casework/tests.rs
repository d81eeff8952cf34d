//! The promises of the generator, measured: same seed same text, other seed other text, lengths, names, English.
//!
//! Figures in the messages are for synthetic text; no compressor is asked.

use std::collections::{BTreeMap, BTreeSet};

use super::grammar::{GRAMMAR, Part};
use super::{Casework, NOTE_CHARS_MAX, NOTE_CHARS_MIN, SyntheticNote, cast};

/// Lasting names of `core/src/contract/choice.rs`, copied: a change there must be made here too.
const PLACES: &[&str] =
    &["car", "cafe", "home", "outdoors", "school", "activity", "justice", "office", "remote", "elsewhere"];
/// Lasting names of `core/src/contract/choice.rs`, copied likewise.
const CONTACTS: &[&str] =
    &["one_to_one", "group", "family", "professional", "call", "message", "crisis", "missed"];

fn notes(seed: u64, count: usize) -> Vec<SyntheticNote> {
    let mut casework = Casework::new(seed);
    (0..count).map(|_| casework.note()).collect()
}

fn shingles(notes: &[SyntheticNote]) -> Vec<String> {
    let letters = |note: &SyntheticNote| note.body.chars().collect::<Vec<_>>();
    notes
        .iter()
        .flat_map(|note| letters(note).windows(24).map(String::from_iter).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_same_seed_tells_the_same_and_another_seed_something_else() {
    assert_eq!(notes(7, 50), notes(7, 50));
    assert_ne!(notes(7, 1), notes(8, 1));
    let everything = |seed| {
        let mut casework = Casework::new(seed);
        let body = casework.note_of_about(900);
        let batches = casework.draft_batches(&body);
        (batches, casework.goal(), casework.concern(600), casework.handling(), casework.answers(7, 1, 5))
    };
    assert_eq!(everything(3), everything(3));
}

#[test]
fn chance_is_the_published_generator() {
    let mut chance = super::chance::Chance::new(1_234_567);
    let first = [chance.bits(), chance.bits(), chance.bits()];
    assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn two_seeds_share_few_runs_of_24_characters() {
    let known: BTreeSet<String> = shingles(&notes(1, 200)).into_iter().collect();
    let others = shingles(&notes(2, 200));
    let shared = others.iter().filter(|shingle| known.contains(*shingle)).count();
    let share = 100.0 * shared as f64 / others.len() as f64;
    println!("{share:.1} % of 24-character shingles are shared");
    assert!(share < 15.0, "{share:.1} % of {} shingles also occur under the other seed", others.len());
}

#[test]
fn the_letters_are_as_surprising_as_in_english() {
    let text: Vec<char> =
        notes(3, 400).iter().flat_map(|note| note.body.to_lowercase().chars().collect::<Vec<_>>()).collect();
    let kept: Vec<char> =
        text.into_iter().map(|letter| if letter.is_ascii_alphabetic() { letter } else { ' ' }).collect();
    let mut single: Vec<char> = Vec::new();
    for letter in kept {
        if letter != ' ' || single.last() != Some(&' ') {
            single.push(letter);
        }
    }
    let (mut pairs, mut triples) = (BTreeMap::new(), BTreeMap::new());
    for run in single.windows(3) {
        *pairs.entry(&run[..2]).or_insert(0_u32) += 1;
        *triples.entry(run).or_insert(0_u32) += 1;
    }
    let total = f64::from(triples.values().sum::<u32>());
    let bits = |(run, count): (&&[char], &u32)| {
        -f64::from(*count) / total * (f64::from(*count) / f64::from(pairs[&run[..2]])).log2()
    };
    let entropy: f64 = triples.iter().map(bits).sum();
    println!("{entropy:.2} bits a letter after two letters");
    assert!((2.5..3.3).contains(&entropy), "{entropy:.2} bits; English has about 2.7 to 3.1");
}

#[test]
fn notes_keep_their_lengths_and_lasting_names() {
    let notes = notes(11, 3_000);
    let mut chars = 0;
    for note in &notes {
        let length = note.body.chars().count();
        assert!((NOTE_CHARS_MIN..=NOTE_CHARS_MAX).contains(&length), "{length}: {}", note.body);
        assert!(PLACES.contains(&note.place) && CONTACTS.contains(&note.contact));
        assert!((1..=480).contains(&note.minutes) && !note.agreed.is_empty() && note.tags.len() <= 4);
        chars += length;
    }
    let mean = chars / notes.len();
    println!("mean body {mean} characters");
    assert!((620..=780).contains(&mean), "mean {mean}");
    for place in PLACES {
        assert!(notes.iter().any(|note| note.place == *place), "no note in {place}");
    }
    for contact in CONTACTS {
        assert!(notes.iter().any(|note| note.contact == *contact), "no {contact}");
    }
}

#[test]
fn texts_asked_for_by_length_keep_to_it() {
    let mut casework = Casework::new(5);
    for chars in [0, 1, 30, 150, 333, 600, 1_500, 4_000, 20_000] {
        for _ in 0..20 {
            for text in [casework.note_of_about(chars), casework.concern(chars)] {
                let length = text.chars().count();
                assert!(length * 100 >= chars * 95 && length * 100 <= chars * 105, "{length} for {chars}");
            }
        }
    }
}

#[test]
fn batches_end_in_the_body_and_grow_by_small_steps() {
    let mut casework = Casework::new(6);
    for _ in 0..200 {
        let body = casework.note().body;
        let states = casework.draft_batches(&body);
        assert_eq!(states.last(), Some(&body));
        assert!(states.len() >= body.chars().count() / 75);
        for two in states.windows(2) {
            let (was, is) = (two[0].chars().count(), two[1].chars().count());
            assert!(two[0] != two[1] && is <= was + 80, "{was} then {is}");
        }
    }
    assert_eq!(casework.draft_batches(""), [""]);
}

#[test]
fn goals_answers_and_names_are_as_promised() {
    let mut casework = Casework::new(9);
    let mut skipped = 0;
    for _ in 0..2_000 {
        let goal = casework.goal();
        assert!(!goal.words.is_empty() && !goal.why.is_empty() && (2..=5).contains(&goal.steps.len()));
        assert!(goal.steps.iter().chain(&goal.progress).all(|words| !words.is_empty()));
        let answers = casework.answers(7, 1, 5);
        assert!(answers.len() == 7 && answers.iter().flatten().all(|answer| (1..=5).contains(answer)));
        skipped += answers.iter().filter(|answer| answer.is_none()).count();
        let name = casework.young_person();
        assert!(name.ends_with('.') && name.split(' ').count() == 2, "{name}");
        assert!(!casework.handling().is_empty());
    }
    assert!((400..=720).contains(&skipped), "{skipped} of 14,000 skipped, 560 awaited");
}

#[test]
fn the_grammar_is_whole_and_wide() {
    fn check(parts: &[Part], slot: &str) {
        for part in parts {
            match part {
                Part::Text(words) => {
                    assert!(!words.contains(['{', '}', '[', ']', '|', '@']), "{slot}: {words}")
                }
                Part::Slot(name) => {
                    let known =
                        cast::SLOTS.contains(name) || name.starts_with("n:") || GRAMMAR.contains_key(name);
                    assert!(known, "{slot} asks for {name}, which nothing fills");
                }
                Part::Choice(several) => several.iter().for_each(|one| check(one, slot)),
            }
        }
    }
    let mut sentences = 0;
    for (slot, phrases) in GRAMMAR.iter() {
        phrases.iter().for_each(|phrase| check(&phrase.parts, slot));
        if slot.starts_with("s_") || slot.starts_with("open_") {
            sentences += phrases.len();
        }
    }
    println!("{sentences} sentence templates, {} slots", GRAMMAR.len());
    assert!(sentences >= 150, "{sentences} sentence templates");
}

#[test]
fn wording_is_child_first_and_reaches_nobody() {
    let mut casework = Casework::new(12);
    for _ in 0..1_500 {
        for text in [casework.note().body, casework.concern(600), casework.handling()] {
            let lower = text.to_lowercase();
            assert!(!lower.contains("offender") && !text.contains('@'), "{text}");
            let digits = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
            assert!(digits <= Some(4), "{text}");
            let straight = lower.replace(['“', '”'], "\"");
            let outside: String = straight.split('"').step_by(2).collect();
            assert!(
                !outside.split(|letter: char| !letter.is_alphabetic()).any(|word| word == "gang"),
                "{text}"
            );
        }
    }
}
