//! What a service is for, in a short list of needs, told from the words of its name and offer (G06).
//!
//! A table of phrases: it matches whole words and does not understand them, so a tag helps to find a service and proves
//! nothing about it.

use super::words::{spell, words};
use std::collections::BTreeSet;

/// A need a service may answer. Serialised in snake_case.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// One-to-one or group mentoring.
    Mentoring,
    /// Boxing; always also [`Tag::Sport`].
    Boxing,
    /// Football and other sport.
    Sport,
    /// Support for parents, carers and the whole family.
    FamilySupport,
    /// Somewhere to live.
    Housing,
    /// Adverse childhood experiences (ACE) and trauma.
    Trauma,
    /// Work in prison or custody.
    Prison,
    /// Work in or around school.
    School,
    /// Mental health and counselling.
    MentalHealth,
    /// Work, training and those without either (NEET).
    Employment,
    /// For black, Asian and minority ethnic people; the word is the directory's own.
    BameFocused,
    /// Violence, knives, groups that exploit, trafficking.
    ViolenceAndExploitation,
    /// Keeping somebody from offending, or from doing so again.
    CrimePrevention,
    /// Drugs and alcohol.
    Substances,
    /// Leaving care.
    LeavingCare,
    /// Somewhere to go and something to do: open youth work, clubs, music.
    Activities,
    /// Practical skills for life.
    LifeSkills,
}

impl Tag {
    /// Every tag once, in the order of the list.
    pub const ALL: [Self; 17] = [
        Self::Mentoring,
        Self::Boxing,
        Self::Sport,
        Self::FamilySupport,
        Self::Housing,
        Self::Trauma,
        Self::Prison,
        Self::School,
        Self::MentalHealth,
        Self::Employment,
        Self::BameFocused,
        Self::ViolenceAndExploitation,
        Self::CrimePrevention,
        Self::Substances,
        Self::LeavingCare,
        Self::Activities,
        Self::LifeSkills,
    ];

    /// The lasting name, in snake_case; the same that serde writes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mentoring => "mentoring",
            Self::Boxing => "boxing",
            Self::Sport => "sport",
            Self::FamilySupport => "family_support",
            Self::Housing => "housing",
            Self::Trauma => "trauma",
            Self::Prison => "prison",
            Self::School => "school",
            Self::MentalHealth => "mental_health",
            Self::Employment => "employment",
            Self::BameFocused => "bame_focused",
            Self::ViolenceAndExploitation => "violence_and_exploitation",
            Self::CrimePrevention => "crime_prevention",
            Self::Substances => "substances",
            Self::LeavingCare => "leaving_care",
            Self::Activities => "activities",
            Self::LifeSkills => "life_skills",
        }
    }

    /// The phrases that earn the tag: whole words in lower case, a hyphen being a space.
    ///
    /// "education" earns no school tag and "mind" no mental-health tag: in the directory the one is also said of drugs
    /// work, the other of a charity's knife-crime talks.
    pub fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::Mentoring => &["mentor", "mentors", "mentoring"],
            Self::Boxing => &["boxing"],
            Self::Sport => &["boxing", "football", "gym", "soccer", "sport", "sports"],
            Self::FamilySupport => &["carers", "families", "family", "parenting", "parents"],
            Self::Housing => &["accommodation", "homeless", "homelessness", "housing", "supported lodgings"],
            Self::Trauma => {
                &["ace", "aces", "adverse childhood experience", "adverse childhood experiences", "trauma"]
            }
            Self::Prison => &["custody", "prison", "prisons"],
            Self::School => &["curriculum", "school", "schools"],
            Self::MentalHealth => &["counselling", "mental health", "therapy", "wellbeing", "well being"],
            Self::Employment => {
                &["apprenticeships", "employment", "into work", "job", "jobs", "neet", "skills for work"]
            }
            Self::BameFocused => &["bame", "ethnic minorities", "global majority", "minority ethnic"],
            Self::ViolenceAndExploitation => {
                &["county lines", "exploitation", "gang", "gangs", "knife", "trafficking", "violence"]
            }
            Self::CrimePrevention => {
                &["crime", "ex offenders", "offenders", "offending", "re offending", "reoffending"]
            }
            Self::Substances => {
                &["alcohol", "drugs", "residential rehabilitation", "substance misuse", "substance use"]
            }
            Self::LeavingCare => &["care leavers", "leaving care"],
            Self::Activities => {
                &["activities", "clubs", "music", "open access", "youth club", "youth project"]
            }
            Self::LifeSkills => &["life skills", "practical skills"],
        }
    }
}

/// The tags that the words of a name and an offer earn.
pub fn tags(name: &str, offers: &str) -> BTreeSet<Tag> {
    let texts = [words(name), words(offers)];
    let said = |phrase: &str| {
        let length = phrase.split(' ').count();
        texts.iter().any(|words| words.windows(length).any(|window| spell(window, phrase)))
    };
    Tag::ALL.into_iter().filter(|tag| tag.phrases().iter().any(|phrase| said(phrase))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    #[test]
    fn words_of_name_and_offer_both_earn_tags() {
        assert_eq!(tags("Street Soccer", "Mentoring"), BTreeSet::from([Tag::Mentoring, Tag::Sport]));
        assert_eq!(tags("", "One-to-one FAMILY support"), BTreeSet::from([Tag::FamilySupport]));
    }

    #[test]
    fn a_phrase_is_matched_by_whole_words_within_one_text() {
        assert_eq!(tags("Spacehouse", "A place of peace"), BTreeSet::new());
        assert_eq!(tags("Mental", "health"), BTreeSet::new());
        assert_eq!(tags("", "mental; health"), BTreeSet::new());
        assert_eq!(tags("", "Mental-health first aid"), BTreeSet::from([Tag::MentalHealth]));
    }

    #[test]
    fn every_tag_is_listed_once_and_earned_by_each_of_its_phrases() {
        assert!(Tag::ALL.is_sorted());
        for tag in Tag::ALL {
            assert!(!tag.phrases().is_empty());
            for phrase in tag.phrases() {
                assert!(tags("", phrase).contains(&tag), "{phrase}");
            }
        }
    }

    #[test]
    fn a_tag_travels_under_its_lasting_name() {
        for tag in Tag::ALL {
            let deserializer: StrDeserializer<'_, Error> = tag.key().into_deserializer();
            assert_eq!(Tag::deserialize(deserializer), Ok(tag));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(name in any::<String>(), offers in any::<String>()) {
            let _ = tags(&name, &offers);
        }
    }
}
