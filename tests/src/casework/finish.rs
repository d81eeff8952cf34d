//! Finishing touches on a sentence: spacing, "a" and "an", plural verbs beside "they", other ways to put it.
//!
//! Works on letters; it knows no grammar file but the paraphrases.

use std::sync::LazyLock;

use super::chance::Chance;

/// Heads with the other ways to put them, the longest head first.
static PARAPHRASES: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    let lines = include_str!("words/paraphrase.txt").lines().filter(|line| !line.starts_with('#'));
    let mut all: Vec<_> = lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(head, others)| (head, others.split(" = ").collect()))
        .collect();
    all.sort_by_key(|(head, _): &(&str, Vec<&str>)| std::cmp::Reverse(head.len()));
    all
});

/// Words with a vowel in front that still take "a".
const TAKE_A: &[&str] = &["one", "uni", "used", "usef", "usual", "euro", "u-"];
/// Words in s after "they" that are no verbs of one person.
const NO_VERBS: &[&str] = &["always", "perhaps", "sometimes", "nights", "afterwards", "yes"];

/// Mends what putting phrases side by side breaks.
pub(super) fn tidy(text: &str, is_they: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        if is_they && words.last().is_some_and(|before| before.eq_ignore_ascii_case("they")) {
            word = plural(&word);
        }
        if let Some(before) = words.last_mut().filter(|before| before.eq_ignore_ascii_case("a")) {
            let starts = word.trim_start_matches(['"', '(']).to_lowercase();
            if starts.starts_with(['a', 'e', 'i', 'o', 'u'])
                && !TAKE_A.iter().any(|one| starts.starts_with(one))
            {
                before.push('n');
            }
        }
        if word.starts_with([',', ';', '.', ':']) {
            if let Some(before) = words.last_mut() {
                before.push_str(&word);
                continue;
            }
            word = String::from(word.trim_start_matches([',', ';', '.', ':']));
        }
        let doubled = words.last().is_some_and(|before| *before == word) && word != "had";
        if !word.is_empty() && !doubled {
            words.push(word);
        }
    }
    let mut text = words.join(" ");
    for (wrong, right) in [(",,", ","), (",.", "."), (", ;", ";"), (",;", ";"), (",:", ":"), ("..", ".")] {
        text = text.replace(wrong, right);
    }
    text.trim_end_matches([',', ' ', ';', '-', ':']).to_owned()
}

/// The form of a verb that stands beside "they".
fn plural(verb: &str) -> String {
    match verb {
        "is" => "are".to_owned(),
        "was" => "were".to_owned(),
        "has" => "have".to_owned(),
        "does" => "do".to_owned(),
        "goes" => "go".to_owned(),
        _ if NO_VERBS.contains(&verb) || verb.ends_with("ss") || verb.len() < 4 => verb.to_owned(),
        _ => {
            let plain = verb.strip_suffix("ies").map(|stem| format!("{stem}y"));
            let hissing = ["sses", "shes", "ches"].iter().any(|end| verb.ends_with(end));
            let stem = verb.strip_suffix(if hissing { "es" } else { "s" }).unwrap_or(verb);
            plain.unwrap_or_else(|| stem.to_owned())
        }
    }
}

/// Replaces some heads of `words/paraphrase.txt`, never inside quotation marks.
pub(super) fn paraphrased(text: &str, chance: &mut Chance) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut quoted, mut at_word) = (text, false, true);
    while let Some(letter) = rest.chars().next() {
        let fits = |head: &str| rest.strip_prefix(head).is_some_and(|after| !after.starts_with(word_letter));
        let may = at_word && !quoted;
        let found = if may { PARAPHRASES.iter().find(|(head, _)| fits(head)) } else { None };
        let found = found.filter(|_| chance.percent(55));
        if let Some((head, others)) = found {
            out.push_str(chance.text(others));
            rest = rest.get(head.len()..).unwrap_or("");
            at_word = false;
            continue;
        }
        quoted ^= letter == '"';
        at_word = !word_letter(letter);
        out.push(letter);
        rest = rest.get(letter.len_utf8()..).unwrap_or("");
    }
    out
}

fn word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\'' | '-')
}

/// Quotation marks and apostrophes as a phone's keyboard sets them.
pub(super) fn curly(text: &str) -> String {
    let mut before = ' ';
    let set = |letter| {
        let opens = before.is_whitespace() || before == '(';
        let set = match letter {
            '"' if opens => '“',
            '"' => '”',
            '\'' => '’',
            other => other,
        };
        before = letter;
        set
    };
    text.chars().map(set).collect()
}
