//! The making of longer texts: which themes a body takes up, in which order, and how it comes to its length.
//!
//! Lengths are in characters; it knows nothing of what is recorded beside a body.

use super::teller::Teller;

/// How often a sentence of another length is tried before one is cut.
const FITTINGS_MAX: usize = 120;
const THEMES: &[&str] = &[
    "s_mood",
    "s_school",
    "s_family",
    "s_risk",
    "s_peers",
    "s_activity",
    "s_practical",
    "s_chat",
    "s_future",
    "s_reflect",
];
const THEMES_OF_OTHERS: &[&str] =
    &["s_professional", "s_professional", "s_school", "s_risk", "s_family", "s_reflect"];
const THEMES_OF_MISSED: &[&str] = &["s_missed", "s_missed", "s_family", "s_reflect"];
const THEMES_OF_CONCERNS: &[&str] = &["s_concern"];
/// Headings that some writers set before a theme.
const ASIDES: &[(&str, &[&str])] = &[
    ("s_family", &["Home: ", "Family: ", "At home - "]),
    ("s_school", &["School: ", "Education: ", "Ed: "]),
    ("s_risk", &["Risk: ", "Safety: ", "NB "]),
    ("s_mood", &["Mood: ", "Wellbeing: "]),
    ("s_peers", &["Friends: ", "Peers - "]),
    ("s_plan", &["Actions:\n- ", "To do: ", "* "]),
    ("s_activity", &["Activity: ", "Good news: "]),
    ("s_reflect", &["My view: ", "(Reflection) "]),
];

/// What a body is about, which settles its opening and its themes.
#[derive(Clone, Copy)]
pub(super) enum Matter {
    /// A contact, by its lasting name.
    Contact(&'static str),
    /// A safeguarding concern.
    Concern,
}

impl Matter {
    const fn themes(self) -> &'static [&'static str] {
        match self {
            Self::Contact(kind) => match kind.as_bytes() {
                b"professional" => THEMES_OF_OTHERS,
                b"missed" => THEMES_OF_MISSED,
                _ => THEMES,
            },
            Self::Concern => THEMES_OF_CONCERNS,
        }
    }

    fn opening(self) -> &'static str {
        match self {
            Self::Contact("group") => "open_group",
            Self::Contact("family") => "open_family",
            Self::Contact("professional") => "open_professional",
            Self::Contact("call") => "open_call",
            Self::Contact("message") => "open_message",
            Self::Contact("crisis") => "open_crisis",
            Self::Contact("missed") => "open_missed",
            Self::Contact(_) => "open_one_to_one",
            Self::Concern => "c_open",
        }
    }
}

impl Teller<'_> {
    /// A body of `least` to `most` characters, both included.
    pub(super) fn body(&mut self, matter: Matter, least: usize, most: usize) -> String {
        let layout = self.chance.below(5);
        let mut body = cut(self.sentence(matter.opening()), least, most);
        let mut chars = body.chars().count();
        let (mut theme, mut left, mut fittings) = ("", 0_usize, 0_usize);
        while chars < least {
            let turns = left == 0;
            if turns {
                let closes = least.saturating_sub(chars) < 160 && !matches!(matter, Matter::Concern);
                theme = if closes { "s_plan" } else { self.chance.text(matter.themes()) };
                left = self.chance.between(1, 4);
            }
            let joint = match layout {
                0 if turns => "\n\n",
                1 if turns => "\n",
                2 if turns && self.chance.percent(30) => "\n- ",
                3 => "\n",
                _ => " ",
            };
            let aside = if turns && self.chance.percent(15) { self.aside(theme) } else { "" };
            let piece = format!("{joint}{aside}{}", self.sentence(theme));
            let length = piece.chars().count();
            left = left.saturating_sub(1);
            if chars.saturating_add(length) <= most {
                body.push_str(&piece);
                chars = chars.saturating_add(length);
            } else if fittings < FITTINGS_MAX {
                fittings = fittings.saturating_add(1);
                left = 0;
            } else {
                body.push_str(&piece);
                return cut(body, least, most);
            }
        }
        body
    }

    fn aside(&mut self, theme: &str) -> &'static str {
        let headings = ASIDES.iter().find(|(of, _)| *of == theme);
        headings.map_or("", |(_, headings)| self.chance.text(headings))
    }
}

/// Cuts after a word if that leaves enough, else after a letter; shorter texts stay.
fn cut(text: String, least: usize, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most).collect();
    let at_word = kept.rfind(' ').and_then(|at| kept.get(..at));
    match at_word.map(|words| words.trim_end_matches([',', ';', ' ', '-'])) {
        Some(words) if words.chars().count() >= least => words.to_owned(),
        _ => kept,
    }
}
