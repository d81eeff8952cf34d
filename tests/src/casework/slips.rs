//! The slips and short forms of people who type on a phone between two visits.
//!
//! Each writer has their own; it knows nothing of what the words mean.

use super::chance::Chance;

/// Long forms and what hurried writers make of them.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("the young person", "YP"),
    ("social worker", "sw"),
    ("youth justice", "YJ"),
    ("Youth Justice", "YJ"),
    ("with", "w/"),
    ("without", "w/o"),
    ("tomorrow", "tmrw"),
    ("because", "bc"),
    ("and", "&"),
    ("minutes", "mins"),
    ("appointment", "appt"),
    ("between", "btwn"),
    ("something", "smth"),
    ("weekend", "wknd"),
    ("Monday", "Mon"),
    ("Tuesday", "Tues"),
    ("Wednesday", "Weds"),
    ("Thursday", "Thurs"),
    ("Friday", "Fri"),
    ("Saturday", "Sat"),
    ("Sunday", "Sun"),
    ("about", "abt"),
    ("meeting", "mtg"),
    ("message", "msg"),
    ("people", "ppl"),
    ("through", "thru"),
    ("school", "sch"),
    ("college", "coll"),
    ("session", "sess"),
    ("before", "b4"),
    ("February", "Feb"),
    ("September", "Sept"),
    ("November", "Nov"),
    ("to be", "tbc"),
    ("next week", "nxt wk"),
    ("attendance", "att"),
    ("confirmed", "conf"),
    ("at the moment", "atm"),
    ("great", "gr8"),
    ("would", "wd"),
];

/// The habits of one writer.
pub(super) struct Slips {
    per_thousand_words: usize,
    short: Vec<(&'static str, &'static str)>,
}

impl Slips {
    /// Half of all writers make no slips to speak of, and half use no short forms.
    pub(super) fn of_a_writer(chance: &mut Chance) -> Self {
        let per_thousand_words = chance.text(&["0", "0", "0", "3", "8", "20"]).parse().unwrap_or(0);
        let share = if chance.percent(50) { 0 } else { chance.between(10, 60) };
        let short = SHORT_FORMS.iter().filter(|_| chance.percent(share)).copied().collect();
        Self { per_thousand_words, short }
    }

    /// The text as this writer would type it.
    pub(super) fn put_into(&self, text: &str, chance: &mut Chance) -> String {
        let mut padded = format!(" {text} ");
        for (long, short) in &self.short {
            padded = padded.replace(&format!(" {long} "), &format!(" {short} "));
        }
        let typed: Vec<String> = padded.split_whitespace().map(|word| self.typed(word, chance)).collect();
        typed.join(" ")
    }

    fn typed(&self, word: &str, chance: &mut Chance) -> String {
        let slippery = word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'');
        if !slippery || chance.below(1000) >= self.per_thousand_words {
            return word.to_owned();
        }
        let mut letters: Vec<char> = word.chars().collect();
        let at = chance.between(1, letters.len().saturating_sub(2));
        match chance.below(5) {
            0 | 1 => letters.swap(at, at.saturating_add(1)),
            2 => drop(letters.remove(at)),
            3 => letters.insert(at, letters.get(at).copied().unwrap_or('e')),
            _ => letters.retain(|letter| *letter != '\''),
        }
        letters.into_iter().collect()
    }
}
