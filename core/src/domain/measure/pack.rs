//! A scale pack: the licensed words of one scale in one language, with the licence that lets an
//! organisation use them.
//!
//! It refuses to know any words of its own, who signed the pack, and how a digest is made of it.

pub use crate::contract::{PackOption, ScalePack};

impl ScalePack {
    /// The pack as one text that a digest can be taken of.
    ///
    /// A first line names the form; then one line per value, in the order of the fields: name, length in
    /// bytes, value, each set apart by a colon. Lists are led by their length. Lengths keep values apart
    /// whatever they contain, so two packs have one text only if they are equal. Every character counts:
    /// nothing is trimmed or normalised.
    pub fn canonical(&self) -> String {
        let mut text = String::from("fieldfare scale pack 1\n");
        line(&mut text, "scale", &self.scale);
        line(&mut text, "language", &self.language);
        line(&mut text, "items", &self.items.len().to_string());
        for item in &self.items {
            line(&mut text, "item", item);
        }
        line(&mut text, "options", &self.options.len().to_string());
        for option in &self.options {
            line(&mut text, "answer", &option.answer.to_string());
            line(&mut text, "words", &option.words);
        }
        line(&mut text, "notice", &self.notice);
        line(&mut text, "licence_reference", &self.licence_reference);
        line(&mut text, "licensee", &self.licensee);
        line(&mut text, "licensed_on", &self.licensed_on);
        text
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push(':');
    text.push_str(&value.len().to_string());
    text.push(':');
    text.push_str(value);
    text.push('\n');
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Wording of our own; the scale's wording is licensed and never stands in the source.
    pub(in super::super) fn pack() -> ScalePack {
        ScalePack {
            scale: "swemwbs".into(),
            language: "en-GB".into(),
            items: (1..=7).map(|n| format!("Made-up sentence {n}")).collect(),
            options: (1..=5)
                .map(|answer| PackOption { answer, words: format!("made-up words {answer}") })
                .collect(),
            notice: "© Made-up owner".into(),
            licence_reference: "REF-1".into(),
            licensee: "A made-up charity".into(),
            licensed_on: "2026-03-31".into(),
        }
    }

    #[test]
    fn licensed_words_and_names_stay_out_of_debug() {
        let pack = pack();
        let shown = format!("{pack:?} {:?}", pack.options[0]);
        assert!(!shown.to_lowercase().contains("made-up"), "{shown}");
    }

    #[test]
    fn a_pack_is_read_from_json_and_an_unknown_field_is_refused() {
        let json = serde_json::to_string(&pack()).unwrap();
        assert_eq!(serde_json::from_str::<ScalePack>(&json).unwrap(), pack());
        let longer = json.replacen('{', r#"{"digest":"x","#, 1);
        assert!(serde_json::from_str::<ScalePack>(&longer).is_err());
    }

    #[test]
    fn the_canonical_text_does_not_move() {
        let mut small = pack();
        small.items.truncate(1);
        small.options.truncate(1);
        assert_eq!(
            small.canonical(),
            "fieldfare scale pack 1\nscale:7:swemwbs\nlanguage:5:en-GB\nitems:1:1\nitem:18:Made-up sentence 1\n\
             options:1:1\nanswer:1:1\nwords:15:made-up words 1\nnotice:16:© Made-up owner\n\
             licence_reference:5:REF-1\nlicensee:17:A made-up charity\nlicensed_on:10:2026-03-31\n"
        );
    }

    proptest! {
        #[test]
        fn two_packs_share_a_canonical_text_only_if_they_are_equal(
            one in proptest::array::uniform4("[a:1\n]{0,4}"),
            other in proptest::array::uniform4("[a:1\n]{0,4}"),
        ) {
            let packed = |[item, words, notice, licensee]: [String; 4]| {
                let mut pack = pack();
                pack.items = vec![item];
                pack.options = vec![PackOption { answer: 1, words }];
                pack.notice = notice;
                pack.licensee = licensee;
                pack
            };
            let (one, other) = (packed(one), packed(other));
            prop_assert_eq!(one.canonical() == other.canonical(), one == other);
        }
    }
}
