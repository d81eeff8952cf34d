//! Two and three people who each change some words of one paragraph at once: all their changes stand, and nothing else.
//!
//! Tests only: paragraphs in scripts with and without spaces, changed at random, merged in every order.

use super::SharedText;
use super::merged::carried;

/// Paragraphs of so many shapes that a round takes one of.
const PARAGRAPHS: [&str; 5] = [
    "On Monday I met him at the harbour, and he said that he did hit his brother. He was calm, then he was not. We agreed \
     to meet again on Friday and I wrote to the school about the bus.",
    "التقينا يوم الاثنين عند الميناء، وقال إنه لم يضرب أخاه. كان هادئا ثم لم يكن. اتفقنا على أن نلتقي يوم الجمعة مرة أخرى.",
    "星期一我们在河边走路他说他没有打他的弟弟他很平静后来又不平静我们说好星期五再见面",
    "😀🙂👩‍🏫🏫🚌⚽🎧😀🌧️🚲👨‍👩‍👧🍎🇬🇧🦋🐝😀🎨🏊🏽‍♀️🛶⛵",
    "きのうはこうえんであいましたコーヒーをのみながらがっこうのことをはなしてくれました",
];
const NEW_WORDS: [&[&str]; 5] = [
    &["Tuesday", "not", "he", "the", "was", "x", "I", "quiet", "friend's", "don't", "naïve", "no"],
    &["الثلاثاء", "لا", "يوم", "في", "هو", "صديقه", "المدرسة"],
    &["二", "我", "湖", "跑", "不", "好", "她"],
    &["😢", "😀", "🏠", "👨‍🏫", "🇫🇷", "🚲"],
    &["ら", "コ", "き", "ん", "お", "ラ"],
];
const ROUNDS: u64 = 10_000;

/// A stream of numbers that is the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

/// A word and what stands behind it, before the next.
type Place = (String, String);

fn places(paragraph: &str) -> Vec<Place> {
    let spaced = paragraph.contains(' ');
    let mut places: Vec<Place> = Vec::new();
    for word in super::difference::words(paragraph) {
        let is_word = if spaced { word.chars().any(char::is_alphanumeric) } else { true };
        match places.last_mut() {
            Some(last) if !is_word => last.1.push_str(word),
            _ => places.push((word.to_owned(), String::new())),
        }
    }
    places
}

fn text(places: &[Place]) -> String {
    places.iter().flat_map(|(word, behind)| [word.as_str(), behind.as_str()]).collect()
}

/// Changes one place: another word, one more word behind it, or none.
fn change(chance: &mut Chance, places: &mut [Place], at: usize, original: &[Place], words: &[&str]) {
    let blank = if original.iter().any(|(_, behind)| behind == " ") { " " } else { "" };
    let new = chance.of(words);
    let (this, behind) = &original[at];
    let around = |far: usize| at.saturating_sub(far)..(at + far + 1).min(original.len());
    // Of two equal words in a row nobody can say which is gone or new, nor which word went where two changed side by side.
    let alone = |word: &str| !original[around(1)].iter().any(|(other, _)| other == word);
    let apart = around(3).all(|near| near == at || places[near] == original[near]);
    // Nor whether a word gave way to its neighbour or moved.
    let moves = around(1).any(|near| {
        let changed = near != at && places[near] != original[near];
        changed && (original[near].0 == new || places[near].0 == *this)
    });
    let others = original[around(1)].iter().filter(|(other, _)| other == this).count() == 1;
    match chance.below(10) {
        0 | 1 if apart && others && behind == blank && at + 1 < original.len() => {
            places[at] = (String::new(), String::new());
        }
        2 | 3 if apart && alone(new) => places[at].0 = format!("{this}{blank}{new}"),
        _ if moves || around(3).any(|near| came_or_went(&original[near].0, &places[near].0)) => {}
        _ => places[at].0 = new.to_owned(),
    }
}

fn came_or_went(original: &str, now: &str) -> bool {
    now.is_empty() || now.len() > original.len() && now.starts_with(original)
}

/// So many paragraphs, numbered, are a note that is not compared as a whole.
const LONG_NOTE: usize = 30;

/// One round: what everybody ends with, and what all changes together are.
fn round(seed: u64, paragraphs: usize) -> (Vec<String>, String, String) {
    let mut chance = Chance(seed);
    let which = chance.below(PARAGRAPHS.len());
    let numbered = |number: usize| if number == 0 { String::new() } else { number.to_string() };
    let note: String = (0..paragraphs).map(|number| numbered(number) + PARAGRAPHS[which]).collect();
    let original = places(&note);
    let base = text(&original);
    let people = 2 + chance.below(2);
    let mut free: Vec<usize> = (0..original.len()).collect();
    let mut all = original.clone();
    let mut screens = Vec::new();
    for _ in 0..people {
        let mut screen = original.clone();
        for _ in 0..=chance.below(5) {
            let at = free.swap_remove(chance.below(free.len()));
            change(&mut chance, &mut screen, at, &original, NEW_WORDS[which]);
            all[at] = screen[at].clone();
        }
        screens.push(text(&screen));
    }
    let mut begun = SharedText::open(1, None).unwrap();
    begun.type_in("", &base).unwrap();
    let state = begun.state().unwrap();
    let mut updates = Vec::new();
    let mut phones = Vec::new();
    for (screen, writer) in screens.iter().zip(11..) {
        let mut phone = SharedText::open(writer, Some(&state)).unwrap();
        updates.push(phone.type_in(&base, screen).unwrap());
        phones.push(phone);
    }
    let mut ends = Vec::new();
    for (mut phone, own) in phones.into_iter().zip(0..) {
        let mut others: Vec<usize> = (0..people).filter(|other| *other != own).collect();
        if chance.below(2) == 0 {
            others.reverse();
        }
        for other in others {
            if let Some(update) = &updates[other] {
                phone.take_in(update).unwrap();
            }
        }
        ends.push(phone.words().unwrap());
    }
    // The same from two screens of one phone, of which one shows the text as it was.
    if let [first, second] = screens.as_slice() {
        ends.push(carried(&[base.clone(), first.clone()], second));
    }
    (ends, text(&all), format!("{base:?} as {screens:?}"))
}

#[test]
fn a1_all_changes_of_two_and_three_people_stand_and_nothing_else() {
    for seed in 0..ROUNDS {
        let (ends, all, told) = round(seed, 1);
        for end in ends {
            assert_eq!(end, all, "round {seed}: {told}");
        }
    }
}

#[test]
fn a1_all_changes_stand_in_a_long_note_that_says_much_alike() {
    for seed in 0..ROUNDS / 40 {
        let (ends, all, told) = round(seed, LONG_NOTE);
        for end in ends {
            assert_eq!(end, all, "round {seed}: {told}");
        }
    }
}

/// What two people end with who each saved once, in either order.
fn saved_at_once(base: &str, one: &str, other: &str) -> String {
    let mut begun = SharedText::open(1, None).unwrap();
    begun.type_in("", base).unwrap();
    let state = begun.state().unwrap();
    let phone = |writer: u64, screen: &str| {
        let mut phone = SharedText::open(writer, Some(&state)).unwrap();
        let update = phone.type_in(base, screen).unwrap();
        (phone, update)
    };
    let ((mut a, from_a), (mut b, from_b)) = (phone(11, one), phone(12, other));
    from_b.into_iter().for_each(|update| a.take_in(&update).unwrap());
    from_a.into_iter().for_each(|update| b.take_in(&update).unwrap());
    let stored = SharedText::open(13, Some(&a.state().unwrap())).unwrap().words().unwrap();
    assert_eq!((a.words().unwrap(), stored), (b.words().unwrap(), b.words().unwrap()));
    b.words().unwrap()
}

#[test]
fn a1_what_was_reported_of_two_saves_at_once_ends_as_a_person_would_have_it() {
    let end = saved_at_once(
        "On Monday he said that he did hit his brother. We agreed to meet again.",
        "On Tuesday he said that he did hit his brother. We agreed to meet on Friday.",
        "On Monday he said that he did not hit his brother. We agreed to meet again.",
    );
    assert_eq!(end, "On Tuesday he said that he did not hit his brother. We agreed to meet on Friday.");
    let end = saved_at_once(
        "Arrived at ten. He was calm. He does not want to go home. We ate. Left at noon.",
        "Arrived at half past ten. He was calm. He does not want to go home. We ate. Left at one.",
        "Arrived at ten. He was calm. He does want to go home. We ate. Left at noon.",
    );
    assert_eq!(end, "Arrived at half past ten. He was calm. He does want to go home. We ate. Left at one.");
}

#[test]
fn a1_the_same_correction_of_two_people_stands_once() {
    let base = "He was at shcool on Monday and left erly.";
    let corrected = "He was at school on Monday and left early.";
    assert_eq!(saved_at_once(base, corrected, corrected), corrected);
    // Also where each corrects something else as well, right beside it too.
    let one = "He was at school on Monday and left very early.";
    let other = "She was in school on Tuesday and left early.";
    assert_eq!(
        saved_at_once(base, "He was at school on Monday and left erly.", other),
        "She was in school on Tuesday and left early."
    );
    assert_eq!(saved_at_once(base, one, corrected), "He was at school on Monday and left very earlyearly.");
    for (base, corrected) in [
        ("ذهبنا الى المدرسه اليوم", "ذهبنا إلى المدرسة اليوم"),
        ("星期一我门在河边走路", "星期一我们在河边走路"),
        ("we met 🚌⚽🎧 there", "we met 🚌🏀🎧 there"),
        ("We met", "We met at noon."),
        ("he hit him", "he did not hit him"),
    ] {
        assert_eq!(saved_at_once(base, corrected, corrected), corrected);
    }
}
