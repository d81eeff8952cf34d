//! What no list can hold: made-up names, streets, prices, times, dates and bus numbers.
//!
//! It knows no real name or number of anyone's; what it makes may still, by chance, resemble one.

use super::chance::Chance;

/// Beginnings, middles and ends are few on purpose: with these no word comes out that a reader would take amiss.
const ONSETS: &[&str] = &[
    "b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "j", "k", "kl", "l", "m", "n", "p", "r", "st", "t",
    "th", "tr", "v", "y", "z", "sk", "fl", "pl", "sw",
];
const VOWELS: &[&str] = &["a", "a", "e", "e", "i", "o", "o", "u", "ai", "ea", "ee", "ou", "y"];
const MIDDLES: &[&str] = &["l", "l", "m", "n", "r", "v", "nd", "rl", "lm", "st", "rr", "lv", "mbr", "ltr"];
const CODAS: &[&str] = &["", "", "n", "r", "l", "m", "ck", "nd", "rn", "x", "sh", "p", "d", "ll", "t"];
const STREET_ENDS: &[&str] = &[
    "Road", "Road", "Street", "Close", "Avenue", "Way", "Lane", "Drive", "Gardens", "Crescent", "Hill",
    "Walk", "Place", "Terrace", "Rise", "Court", "Green", "Mews",
];
const PLACE_ENDS: &[&str] =
    &["", "", "ton", "ham", "ley", "field", "ford", "bury", "den", "wood", "hurst", "well"];
const DAYS: &[&str] = &["Mon", "Tues", "Wed", "Thurs", "Fri", "Sat", "Sun", "Monday", "Wednesday", "Friday"];
const MONTHS: &[&str] =
    &["Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "October", "Nov", "December"];

/// How one writer puts times and dates; a writer keeps to one way.
#[derive(Clone, Copy)]
pub(super) struct Hand {
    time: usize,
    date: usize,
    price: usize,
}

impl Hand {
    pub(super) fn of_a_writer(chance: &mut Chance) -> Self {
        Self { time: chance.below(5), date: chance.below(4), price: chance.below(4) }
    }

    /// A time from the hour `least` to the end of the hour `most`.
    pub(super) fn time(self, least: usize, most: usize, chance: &mut Chance) -> String {
        let (hour, minute) = (chance.between(least, most), chance.below(60));
        let round = if chance.percent(70) { minute / 5 * 5 } else { minute };
        let twelve = if hour > 12 { hour - 12 } else { hour };
        let half = if hour < 12 { "am" } else { "pm" };
        match self.time {
            0 => format!("{hour:02}:{round:02}"),
            1 => format!("{twelve}.{round:02}{half}"),
            2 if round == 0 => format!("{twelve}{half}"),
            2 => format!("{twelve}:{round:02}{half}"),
            3 => format!("{hour:02}{round:02}"),
            _ => format!("{twelve}ish"),
        }
    }

    /// A day of some month.
    pub(super) fn date(self, chance: &mut Chance) -> String {
        let (day, month) = (chance.between(1, 28), chance.between(1, 12));
        let name = MONTHS.get(month - 1).copied().unwrap_or("");
        match self.date {
            0 => ordinal(day),
            1 => format!("{day}/{month}"),
            2 => format!("{day} {name}"),
            _ => format!("{} {}", chance.text(DAYS), ordinal(day)),
        }
    }

    /// A sum of money between one pound and some hundreds, small sums being likelier.
    pub(super) fn price(self, chance: &mut Chance) -> String {
        let most = chance.text(&["9", "9", "25", "60", "180", "450"]).parse().unwrap_or(9);
        let (pounds, pence) = (chance.between(1, most), chance.below(100));
        match self.price {
            0 => format!("£{pounds}"),
            1 if pounds < 30 => format!("£{pounds}.{pence:02}"),
            2 if pounds < 60 => format!("{pounds} quid"),
            _ if pounds > 60 => format!("£{}", pounds / 5 * 5),
            _ => format!("£{pounds}.{}0", pence / 10),
        }
    }
}

fn ordinal(day: usize) -> String {
    let end = match (day % 10, day / 10) {
        (1, 0 | 2) => "st",
        (2, 0 | 2) => "nd",
        (3, 0 | 2) => "rd",
        _ => "th",
    };
    format!("{day}{end}")
}

/// A made-up word with a capital, such as stands for a nickname, a song, a school or a place.
pub(super) fn word(chance: &mut Chance) -> String {
    let letters = [ONSETS, VOWELS, MIDDLES, VOWELS, CODAS].map(|list| chance.text(list)).concat();
    capital(&letters)
}

/// A made-up place: a word with an ending that English places have.
pub(super) fn place(chance: &mut Chance) -> String {
    word(chance) + chance.text(PLACE_ENDS)
}

/// A made-up street.
pub(super) fn street(chance: &mut Chance) -> String {
    format!("{} {}", place(chance), chance.text(STREET_ENDS))
}

/// A bus number.
pub(super) fn bus(chance: &mut Chance) -> String {
    let number = chance.between(1, 799);
    format!("{number}{}", chance.text(&["", "", "", "A", "X", "B"]))
}

/// The text with a capital in front.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
