//! Scoring the seven-item wellbeing scale: seven answers to a raw total, a raw total to a metric score.
//!
//! It refuses to know the seven sentences, which are licensed and arrive in a pack, and it never guesses a
//! skipped answer.

use rust_decimal::Decimal;

use super::change::ChangeThreshold;
use super::scale::{AnswerRefusal, ScaleId, known};

/// Points between the lowest and highest score: 35 − 7, the same for raw and metric.
pub const RANGE: u8 = 28;

/// Raw total to metric score in hundredths of a point.
///
/// Source: the conversion of Stewart-Brown et al. 2009 (Rasch analysis of the parent scale, Health and
/// Quality of Life Outcomes 7:15, doi 10.1186/1477-7525-7-15), as its owners list it.
const METRIC_HUNDREDTHS: [(u8, u16); 29] = [
    (7, 700),
    (8, 951),
    (9, 1125),
    (10, 1240),
    (11, 1333),
    (12, 1408),
    (13, 1475),
    (14, 1532),
    (15, 1584),
    (16, 1636),
    (17, 1688),
    (18, 1743),
    (19, 1798),
    (20, 1859),
    (21, 1925),
    (22, 1998),
    (23, 2073),
    (24, 2154),
    (25, 2235),
    (26, 2321),
    (27, 2411),
    (28, 2503),
    (29, 2602),
    (30, 2703),
    (31, 2813),
    (32, 2931),
    (33, 3070),
    (34, 3255),
    (35, 3500),
];

const RESPONSIVENESS: &str = "Shah N, Cader M, Andrews WP, Wijesekera D, Stewart-Brown SL (2018). \
     Responsiveness of the Short Warwick Edinburgh Mental Well-Being Scale (SWEMWBS): evaluation a clinical \
     sample. Health and Quality of Life Outcomes 16. doi 10.1186/s12955-018-1060-2. 172 clients of a therapy \
     service; not young people in mentoring.";

/// 1.03 metric points: one standard error of measurement, the lower published threshold.
///
/// Source: Shah et al. 2018, doi 10.1186/s12955-018-1060-2: 172 clients of a therapy service. Nobody
/// has shown that it holds for young people, so it is a parameter to print with its citation, not a fact.
pub static ONE_SEM: ChangeThreshold =
    ChangeThreshold::published(Decimal::from_parts(103, 0, 0, false, 2), RESPONSIVENESS);

/// 2.87 metric points: 2.77 standard errors of measurement, the stricter published threshold.
///
/// Source and caution as for [`ONE_SEM`].
pub static RELIABLE: ChangeThreshold =
    ChangeThreshold::published(Decimal::from_parts(287, 0, 0, false, 2), RESPONSIVENESS);

/// What seven answers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// All seven were answered.
    Complete {
        /// Sum of the answers, 7–35.
        raw: u8,
        /// The converted score, 7.00–35.00, two decimals; what reports use.
        metric: Decimal,
    },
    /// At least one was skipped: there is no total.
    Incomplete {
        /// How many were answered.
        answered: u8,
        /// How many there are.
        of: u8,
    },
}

/// The metric score of a raw total, two decimals; `None` outside 7–35.
pub fn metric(raw: u8) -> Option<Decimal> {
    METRIC_HUNDREDTHS
        .iter()
        .find(|(from, _)| *from == raw)
        .map(|(_, hundredths)| Decimal::new(i64::from(*hundredths), 2))
}

/// Scores seven answers of 1–5. A skipped item leaves no total, never a zero and never an average of the
/// rest.
///
/// # Errors
/// A wrong number of answers, or one out of range.
pub fn score(answers: &[Option<u8>]) -> Result<Score, AnswerRefusal> {
    let shape = known(ScaleId::Swemwbs);
    shape.check(answers)?;
    let raw = answers.iter().try_fold(0_u8, |sum, answer| sum.checked_add((*answer)?));
    let complete = raw.and_then(|raw| metric(raw).map(|metric| Score::Complete { raw, metric }));
    Ok(complete.unwrap_or_else(|| Score::Incomplete {
        answered: answers.iter().flatten().fold(0, |count, _| count.saturating_add(1)),
        of: shape.items,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_twenty_nine_values_from_seven_to_thirty_five() {
        let raws: Vec<u8> = METRIC_HUNDREDTHS.iter().map(|(raw, _)| *raw).collect();
        assert_eq!(raws, (7..=35).collect::<Vec<u8>>());
        assert_eq!(metric(7).unwrap().to_string(), "7.00");
        assert_eq!(metric(35).unwrap().to_string(), "35.00");
        assert_eq!(metric(6), None);
        assert_eq!(metric(36), None);
    }

    #[test]
    fn the_table_strictly_increases_and_sums_to_585_66() {
        let values: Vec<Decimal> = (7..=35).map(|raw| metric(raw).unwrap()).collect();
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(values.iter().sum::<Decimal>().to_string(), "585.66");
    }

    #[test]
    fn raw_and_metric_share_one_range() {
        assert_eq!(metric(35).unwrap() - metric(7).unwrap(), Decimal::from(RANGE));
    }

    #[test]
    fn seven_answers_make_a_raw_and_a_metric_score() {
        let answers = [3, 3, 3, 4, 4, 4, 4].map(Some);
        assert_eq!(score(&answers), Ok(Score::Complete { raw: 25, metric: Decimal::new(2235, 2) }));
        assert_eq!(score(&[Some(1); 7]), Ok(Score::Complete { raw: 7, metric: Decimal::from(7) }));
    }

    #[test]
    fn a_skipped_item_means_no_total() {
        let mut answers = [Some(5); 7];
        answers[6] = None;
        assert_eq!(score(&answers), Ok(Score::Incomplete { answered: 6, of: 7 }));
        assert_eq!(score(&[None; 7]), Ok(Score::Incomplete { answered: 0, of: 7 }));
    }

    #[test]
    fn a_refused_answer_is_not_scored() {
        let mut answers = [Some(5); 7];
        answers[0] = Some(0);
        assert!(matches!(score(&answers), Err(AnswerRefusal::OutOfRange { item: 1, answer: 0, .. })));
    }

    #[test]
    fn the_thresholds_are_printed_with_where_they_come_from() {
        assert_eq!(ONE_SEM.points().to_string(), "1.03");
        assert_eq!(RELIABLE.points().to_string(), "2.87");
        assert!(RELIABLE.citation().contains("10.1186/s12955-018-1060-2"));
    }
}
