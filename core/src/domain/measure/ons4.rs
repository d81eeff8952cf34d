//! The four ONS personal wellbeing questions: what they say, who is asked which, and four separate replies.
//!
//! Four answers stay four answers: nothing here can add or average them, and nothing knows who replied.
//!
//! The wording is the Office for National Statistics' personal wellbeing harmonised standard (2020), public
//! sector information under the Open Government Licence v3.0.

use super::scale::{AnswerRefusal, ScaleId, known};

/// Age in whole years from which the anxiety question is asked.
///
/// The ONS asks all four from 16, and children are not asked the anxiety question (Child Outcomes Research
/// Consortium). Somebody whose age is not known is asked as a child would be.
pub const ANXIETY_FROM_AGE: u8 = 16;

/// Credit to print wherever the questions are shown or exported, as the licence requires.
pub const ATTRIBUTION: &str = "Source: Office for National Statistics, personal well-being questions. \
     Contains public sector information licensed under the Open Government Licence v3.0.";

/// Where the licence can be read.
pub const LICENCE_ADDRESS: &str =
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/";

/// Where the questions are published.
pub const SOURCE_ADDRESS: &str =
    "https://analysisfunction.civilservice.gov.uk/policy-store/personal-well-being/";

const INTRODUCTION_TO_FOUR: &str = "Next I would like to ask you four questions about your feelings on \
     aspects of your life. There are no right or wrong answers. For each of these questions I’d like you to \
     give an answer on a scale of 0 to 10, where 0 is “not at all” and 10 is “completely”.";

/// Ours differs from the published introduction in one word: three for four.
const INTRODUCTION_TO_THREE: &str = "Next I would like to ask you three questions about your feelings on \
     aspects of your life. There are no right or wrong answers. For each of these questions I’d like you to \
     give an answer on a scale of 0 to 10, where 0 is “not at all” and 10 is “completely”.";

/// One of the four questions, in the order they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Satisfaction with life nowadays.
    LifeSatisfaction,
    /// Whether the things one does are worthwhile.
    Worthwhile,
    /// Happiness yesterday.
    Happiness,
    /// Anxiety yesterday; the one question where a lower answer is the better one.
    Anxiety,
}

impl Item {
    /// All four, in the order they are asked.
    pub const ALL: [Self; 4] = [Self::LifeSatisfaction, Self::Worthwhile, Self::Happiness, Self::Anxiety];

    /// The name kept in records and exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LifeSatisfaction => "life_satisfaction",
            Self::Worthwhile => "worthwhile",
            Self::Happiness => "happiness",
            Self::Anxiety => "anxiety",
        }
    }

    /// The published question.
    pub const fn question(self) -> &'static str {
        match self {
            Self::LifeSatisfaction => "Overall, how satisfied are you with your life nowadays?",
            Self::Worthwhile => {
                "Overall, to what extent do you feel that the things you do in your life are worthwhile?"
            }
            Self::Happiness => "Overall, how happy did you feel yesterday?",
            Self::Anxiety => {
                "On a scale where 0 is “not at all anxious” and 10 is “completely anxious”, \
                 overall, how anxious did you feel yesterday?"
            }
        }
    }

    /// The published words for 0 and for 10.
    pub const fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::LifeSatisfaction => ("not at all satisfied", "completely satisfied"),
            Self::Worthwhile => ("not at all worthwhile", "completely worthwhile"),
            Self::Happiness => ("not at all happy", "completely happy"),
            Self::Anxiety => ("not at all anxious", "completely anxious"),
        }
    }

    /// Whether a higher answer is the better one: true of all but anxiety.
    pub const fn higher_is_better(self) -> bool {
        !matches!(self, Self::Anxiety)
    }
}

/// The questions asked at this age in whole years: four from [`ANXIETY_FROM_AGE`], else the first three.
pub fn asked(age_years: Option<u8>) -> &'static [Item] {
    if asks_anxiety(age_years) {
        &Item::ALL
    } else {
        &[Item::LifeSatisfaction, Item::Worthwhile, Item::Happiness]
    }
}

/// What to say before the questions asked at this age.
pub fn introduction(age_years: Option<u8>) -> &'static str {
    if asks_anxiety(age_years) { INTRODUCTION_TO_FOUR } else { INTRODUCTION_TO_THREE }
}

fn asks_anxiety(age_years: Option<u8>) -> bool {
    age_years.is_some_and(|age| age >= ANXIETY_FROM_AGE)
}

/// What became of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Answered, 0–10.
    Answered(u8),
    /// Asked and skipped.
    Skipped,
    /// Not asked at this age; not the same as skipped, and never counted as missing.
    NotAsked,
}

/// Four replies that stay apart. There is no total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replies {
    /// To [`Item::LifeSatisfaction`].
    pub life_satisfaction: Reply,
    /// To [`Item::Worthwhile`].
    pub worthwhile: Reply,
    /// To [`Item::Happiness`].
    pub happiness: Reply,
    /// To [`Item::Anxiety`].
    pub anxiety: Reply,
}

/// Reads four answers of 0–10, given in the order of [`Item::ALL`], by somebody of this age in whole years.
///
/// There are always four places; the fourth is empty for somebody who was not asked.
///
/// # Errors
/// A wrong number of answers, one out of range, or an answer about anxiety from somebody who is not to be
/// asked.
pub fn replies(answers: &[Option<u8>], age_years: Option<u8>) -> Result<Replies, AnswerRefusal> {
    let shape = known(ScaleId::Ons4);
    shape.check(answers)?;
    let [life_satisfaction, worthwhile, happiness, anxiety] = *answers else {
        return Err(AnswerRefusal::WrongCount { scale: shape.id, given: answers.len(), wanted: shape.items });
    };
    let reply = |answer: Option<u8>| answer.map_or(Reply::Skipped, Reply::Answered);
    let anxiety = match (asks_anxiety(age_years), anxiety) {
        (true, anxiety) => reply(anxiety),
        (false, None) => Reply::NotAsked,
        (false, Some(_)) => {
            return Err(AnswerRefusal::NotAsked { item: Item::ALL.len(), from_age: ANXIETY_FROM_AGE });
        }
    };
    Ok(Replies {
        life_satisfaction: reply(life_satisfaction),
        worthwhile: reply(worthwhile),
        happiness: reply(happiness),
        anxiety,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_asked_three_questions_and_told_three() {
        for age in [Some(10), Some(15), None] {
            assert_eq!(asked(age).len(), 3);
            assert!(!asked(age).contains(&Item::Anxiety));
            assert!(introduction(age).contains("three questions"));
        }
    }

    #[test]
    fn a_sixteen_year_old_is_asked_all_four() {
        assert_eq!(asked(Some(16)), Item::ALL);
        assert!(introduction(Some(16)).contains("four questions"));
    }

    #[test]
    fn not_asked_is_not_skipped() {
        let answers = [Some(7), None, Some(0), None];
        assert_eq!(
            replies(&answers, Some(14)),
            Ok(Replies {
                life_satisfaction: Reply::Answered(7),
                worthwhile: Reply::Skipped,
                happiness: Reply::Answered(0),
                anxiety: Reply::NotAsked,
            })
        );
        assert_eq!(replies(&answers, Some(17)).unwrap().anxiety, Reply::Skipped);
    }

    #[test]
    fn an_answer_about_anxiety_from_a_child_is_refused() {
        let answers = [Some(7), Some(7), Some(7), Some(2)];
        assert_eq!(replies(&answers, Some(15)), Err(AnswerRefusal::NotAsked { item: 4, from_age: 16 }));
        assert!(replies(&answers, None).is_err());
        assert_eq!(replies(&answers, Some(16)).unwrap().anxiety, Reply::Answered(2));
    }

    #[test]
    fn three_places_and_an_eleven_are_refused() {
        assert!(matches!(
            replies(&[Some(1); 3], Some(12)),
            Err(AnswerRefusal::WrongCount { given: 3, wanted: 4, .. })
        ));
        assert!(matches!(
            replies(&[Some(11), None, None, None], Some(12)),
            Err(AnswerRefusal::OutOfRange { item: 1, most: 10, .. })
        ));
    }

    #[test]
    fn the_items_keep_the_scales_number_order_and_names() {
        assert_eq!(Item::ALL.len(), usize::from(known(ScaleId::Ons4).items));
        assert_eq!(Item::ALL.map(Item::name), ["life_satisfaction", "worthwhile", "happiness", "anxiety"]);
        assert!(Item::ALL.iter().all(|item| item.question().ends_with('?')));
        assert!(!Item::Anxiety.higher_is_better());
    }

    #[test]
    fn the_credit_names_the_owner_and_the_licence() {
        assert!(ATTRIBUTION.contains("Office for National Statistics"));
        assert!(ATTRIBUTION.contains("Open Government Licence v3.0"));
    }
}
