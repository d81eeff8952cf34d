//! A wellbeing scale: how many items, which answers, for what ages.
//!
//! The shape only. It refuses to know any scale's wording, who answers, or what an answer means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One answer per item, in the scale's order; `None` is an item the young person skipped.
pub type Answers = Vec<Option<u8>>;

/// The scales this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScaleId {
    /// The seven-item Short Warwick–Edinburgh Mental Wellbeing Scale. Its wording arrives in a scale pack.
    Swemwbs,
    /// The Office for National Statistics' personal wellbeing questions. Its wording ships.
    Ons4,
}

impl ScaleId {
    /// The name kept in records and packs: `swemwbs` or `ons4`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Swemwbs => "swemwbs",
            Self::Ons4 => "ons4",
        }
    }
}

impl fmt::Display for ScaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The span of time a scale asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// The last two weeks.
    LastTwoWeeks,
    /// Life nowadays for some items, yesterday for others.
    NowadaysAndYesterday,
}

/// Where a scale's words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Openly licensed: part of the product.
    Ships,
    /// Licensed to each organisation: the scale cannot start without that organisation's pack.
    ArrivesInPack,
}

/// How well a scale suits a young person's age. A flag to show, never a bar: the mentor decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeFit {
    /// Within the ages the scale is suited to.
    Suited,
    /// Below them: flag it.
    Young,
    /// Far below them: flag it strongly.
    FarTooYoung,
}

/// The shape of one scale. All ages are whole years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Which scale.
    pub id: ScaleId,
    /// Number of items.
    pub items: u8,
    /// Lowest answer to any item.
    pub least: u8,
    /// Highest answer to any item.
    pub most: u8,
    /// What span of time the items ask about.
    pub recall: Recall,
    /// Where the words come from.
    pub wording: Wording,
    /// Youngest age the scale is suited to; younger is flagged.
    pub suited_from: u8,
    /// Below this age the flag is strong; `None` where no source draws that line.
    pub strong_flag_below: Option<u8>,
    /// Youngest and oldest age of the samples it was validated on, both included; `None` where not one
    /// range is published.
    pub validated: Option<(u8, u8)>,
}

/// Ages: the parent scale is validated from 13 (Clarke et al. 2011, BMC Public Health 11:487); this one on
/// students of 15–21 (Ringdal et al. 2018, doi 10.1177/1403494817735391). The strong flag under 11 is the
/// service's own line.
static SWEMWBS: Scale = Scale {
    id: ScaleId::Swemwbs,
    items: 7,
    least: 1,
    most: 5,
    recall: Recall::LastTwoWeeks,
    wording: Wording::ArrivesInPack,
    suited_from: 13,
    strong_flag_below: Some(11),
    validated: Some((15, 21)),
};

/// Ages: 10 and over (Child Outcomes Research Consortium, page on the ONS personal wellbeing domain for
/// children).
static ONS4: Scale = Scale {
    id: ScaleId::Ons4,
    items: 4,
    least: 0,
    most: 10,
    recall: Recall::NowadaysAndYesterday,
    wording: Wording::Ships,
    suited_from: 10,
    strong_flag_below: None,
    validated: None,
};

/// The scale kept under this name, or `None` if this version does not know it.
pub fn scale(id: &str) -> Option<&'static Scale> {
    [&SWEMWBS, &ONS4].into_iter().find(|known| known.id.as_str() == id)
}

/// The scale of this id.
pub fn known(id: ScaleId) -> &'static Scale {
    match id {
        ScaleId::Swemwbs => &SWEMWBS,
        ScaleId::Ons4 => &ONS4,
    }
}

/// Why answers were refused. Item numbers start at 1, as on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefusal {
    /// Not one answer per item.
    #[error("{scale} has {wanted} items, {given} answers were given: give one for each, empty where skipped")]
    WrongCount {
        /// Which scale.
        scale: ScaleId,
        /// How many answers came.
        given: usize,
        /// How many items there are.
        wanted: u8,
    },
    /// An answer the scale does not have.
    #[error("item {item} was answered {answer}: choose {least} to {most}, or leave it empty")]
    OutOfRange {
        /// Item number, from 1.
        item: usize,
        /// The answer given.
        answer: u8,
        /// Lowest answer allowed.
        least: u8,
        /// Highest answer allowed.
        most: u8,
    },
    /// An answer to an item that is not asked at this age.
    #[error("item {item} is not asked of people under {from_age}, or of unknown age: leave it empty")]
    NotAsked {
        /// Item number, from 1.
        item: usize,
        /// Age in years from which it is asked.
        from_age: u8,
    },
}

impl Scale {
    /// Checks that there is one answer per item and that every answer given is within range. Skipped items
    /// pass.
    ///
    /// # Errors
    /// [`AnswerRefusal::WrongCount`], else [`AnswerRefusal::OutOfRange`] for the first item that is.
    pub fn check(&self, answers: &[Option<u8>]) -> Result<(), AnswerRefusal> {
        if answers.len() != usize::from(self.items) {
            return Err(AnswerRefusal::WrongCount {
                scale: self.id,
                given: answers.len(),
                wanted: self.items,
            });
        }
        for (item, answer) in (1..).zip(answers) {
            if let Some(answer) = *answer
                && !(self.least..=self.most).contains(&answer)
            {
                return Err(AnswerRefusal::OutOfRange { item, answer, least: self.least, most: self.most });
            }
        }
        Ok(())
    }

    /// How well the scale suits somebody of this age in whole years.
    pub fn age_fit(&self, age_years: u8) -> AgeFit {
        if age_years >= self.suited_from {
            AgeFit::Suited
        } else if self.strong_flag_below.is_some_and(|below| age_years < below) {
            AgeFit::FarTooYoung
        } else {
            AgeFit::Young
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_found_by_the_name_it_is_kept_under() {
        for id in [ScaleId::Swemwbs, ScaleId::Ons4] {
            assert_eq!(scale(id.as_str()), Some(known(id)));
            assert_eq!(known(id).id, id);
        }
        assert_eq!(scale("SWEMWBS"), None);
        assert_eq!(scale(""), None);
    }

    #[test]
    fn a_wrong_number_of_answers_is_refused_with_both_numbers() {
        let refusal = known(ScaleId::Swemwbs).check(&[Some(1); 6]).unwrap_err();
        assert_eq!(refusal, AnswerRefusal::WrongCount { scale: ScaleId::Swemwbs, given: 6, wanted: 7 });
        assert!(known(ScaleId::Ons4).check(&[]).is_err());
    }

    #[test]
    fn an_answer_out_of_range_is_refused_by_its_number_on_paper() {
        let mut answers = vec![Some(3); 7];
        answers[2] = Some(6);
        assert_eq!(
            known(ScaleId::Swemwbs).check(&answers),
            Err(AnswerRefusal::OutOfRange { item: 3, answer: 6, least: 1, most: 5 })
        );
        answers[2] = Some(0);
        assert!(known(ScaleId::Swemwbs).check(&answers).is_err());
    }

    #[test]
    fn skipping_is_allowed() {
        assert_eq!(known(ScaleId::Swemwbs).check(&[None; 7]), Ok(()));
        assert_eq!(known(ScaleId::Ons4).check(&[Some(0), None, Some(10), None]), Ok(()));
    }

    #[test]
    fn thirteen_suits_twelve_is_flagged_and_ten_is_flagged_strongly() {
        let fit = |age| known(ScaleId::Swemwbs).age_fit(age);
        assert_eq!(fit(17), AgeFit::Suited);
        assert_eq!(fit(13), AgeFit::Suited);
        assert_eq!(fit(12), AgeFit::Young);
        assert_eq!(fit(11), AgeFit::Young);
        assert_eq!(fit(10), AgeFit::FarTooYoung);
        assert_eq!(fit(0), AgeFit::FarTooYoung);
    }

    #[test]
    fn ons4_suits_everybody_the_service_takes() {
        let fit = |age| known(ScaleId::Ons4).age_fit(age);
        assert_eq!(fit(10), AgeFit::Suited);
        assert_eq!(fit(9), AgeFit::Young);
    }
}
