//! Check-ins as rows and points: what each came to, and the lines they make over time.
//!
//! Scores are computed from the answers every time and never stored; nothing here knows a store or a person.

use rust_decimal::Decimal;

use crate::contract::{ChartPoint, Series};
use crate::domain::day;
use crate::domain::measure::ons4::{self, Item};
use crate::domain::measure::scale::{Scale, ScaleId};
use crate::domain::measure::swemwbs::{self, Score};

/// Name of the line of metric scores.
const METRIC: &str = "metric";

/// One check-in, as far as its score goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Answers as given.
    pub(super) answers: Vec<Option<u8>>,
    /// The day.
    pub(super) taken_on: Option<i32>,
    /// Age in whole years on that day, if it is known.
    pub(super) age: Option<u8>,
}

/// What one check-in came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scored {
    /// Questions answered.
    pub(super) answered: u32,
    /// Questions asked.
    pub(super) of: u32,
    /// Raw total, where the scale has one and nothing was skipped.
    pub(super) raw: Option<u32>,
    /// Metric score, likewise.
    pub(super) metric: Option<Decimal>,
    /// Change of the metric score from the first complete check-in; the first itself has none.
    pub(super) change: Option<Decimal>,
}

/// Scores check-ins on one scale, given oldest first.
pub(super) fn scored(scale: &Scale, all: &[Taken]) -> Vec<Scored> {
    let mut first: Option<Decimal> = None;
    all.iter()
        .map(|taken| {
            let mut scored = one(scale, taken);
            match (first, scored.metric) {
                // A check-in without a day has no place in time to compare with.
                (None, Some(metric)) if taken.taken_on.is_some() => first = Some(metric),
                (Some(first), Some(metric)) => scored.change = metric.checked_sub(first),
                _ => {}
            }
            scored
        })
        .collect()
}

fn one(scale: &Scale, taken: &Taken) -> Scored {
    let given = |answers: &[Option<u8>]| super::count(answers.iter().flatten().count());
    let (answered, of) = match scale.id {
        ScaleId::Swemwbs => (given(&taken.answers), u32::from(scale.items)),
        ScaleId::Ons4 => (given(&taken.answers), super::count(asked(taken).len())),
    };
    let complete = match scale.id {
        ScaleId::Swemwbs => swemwbs::score(&taken.answers).ok(),
        ScaleId::Ons4 => None,
    };
    let (raw, metric) = match complete {
        Some(Score::Complete { raw, metric }) => (Some(u32::from(raw)), Some(metric)),
        Some(Score::Incomplete { .. }) | None => (None, None),
    };
    Scored { answered, of, raw, metric, change: None }
}

/// The questions that were asked: those of the age, and anxiety wherever it was answered, since a day of birth may have
/// been corrected after it was.
fn asked(taken: &Taken) -> &'static [Item] {
    let anxiety_answered =
        Item::ALL.iter().zip(&taken.answers).any(|(item, answer)| *item == Item::Anxiety && answer.is_some());
    if anxiety_answered { &Item::ALL } else { ons4::asked(taken.age) }
}

/// The lines of a chart. `age_now` decides which questions have a line before anything was asked.
pub(super) fn series(scale: &Scale, all: &[Taken], scored: &[Scored], age_now: Option<u8>) -> Vec<Series> {
    match scale.id {
        ScaleId::Swemwbs => vec![metric_series(scale, all, scored)],
        ScaleId::Ons4 => {
            let now = if all.is_empty() { ons4::asked(age_now) } else { &[] };
            let has_line =
                |item: &Item| now.contains(item) || all.iter().any(|taken| asked(taken).contains(item));
            let lines = (0_usize..).zip(Item::ALL).filter(|(_, item)| has_line(item));
            lines.map(|(place, item)| item_series(scale, item, place, all)).collect()
        }
    }
}

fn metric_series(scale: &Scale, all: &[Taken], scored: &[Scored]) -> Series {
    let end = |answer: u8| {
        let total = answer.saturating_mul(scale.items);
        swemwbs::metric(total).map_or_else(|| total.to_string(), |metric| metric.to_string())
    };
    let points = all
        .iter()
        .zip(scored)
        .filter_map(|(taken, scored)| {
            let taken_on = taken.taken_on.map(day::text_of)?;
            Some(ChartPoint { taken_on, value: scored.metric?.to_string() })
        })
        .collect();
    Series { name: METRIC.to_owned(), least: end(scale.least), most: end(scale.most), points }
}

fn item_series(scale: &Scale, item: Item, place: usize, all: &[Taken]) -> Series {
    let points = all
        .iter()
        .filter_map(|taken| {
            let answer = taken.answers.get(place).copied().flatten()?;
            let taken_on = taken.taken_on.map(day::text_of)?;
            let believed = (scale.least..=scale.most).contains(&answer);
            believed.then(|| ChartPoint { taken_on, value: answer.to_string() })
        })
        .collect();
    Series {
        name: item.name().to_owned(),
        least: scale.least.to_string(),
        most: scale.most.to_string(),
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::scale::known;

    fn taken(answers: &[Option<u8>], taken_on: i32, age: Option<u8>) -> Taken {
        Taken { answers: answers.to_vec(), taken_on: Some(taken_on), age }
    }

    #[test]
    fn change_counts_from_the_first_complete_check_in() {
        let scale = known(ScaleId::Swemwbs);
        let skipped = [Some(3), Some(3), Some(3), None, Some(3), Some(3), Some(3)];
        let all = [
            taken(&skipped, 1, None),
            taken(&[Some(2); 7], 2, None),
            taken(&skipped, 3, None),
            taken(&[Some(3); 7], 4, None),
            taken(&[Some(1); 7], 5, None),
        ];
        let scored = scored(scale, &all);
        let seen: Vec<_> = scored
            .iter()
            .map(|one| {
                (one.answered, one.raw, one.metric.map(|m| m.to_string()), one.change.map(|c| c.to_string()))
            })
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            seen,
            [
                (6, None, None, None),
                (7, Some(14), text("15.32"), None),
                (6, None, None, None),
                (7, Some(21), text("19.25"), text("3.93")),
                (7, Some(7), text("7.00"), text("-8.32")),
            ]
        );
        let [line] = series(scale, &all, &scored, None).try_into().unwrap();
        assert_eq!((line.least.as_str(), line.most.as_str()), ("7.00", "35.00"));
        let points: Vec<_> =
            line.points.iter().map(|point| (point.taken_on.as_str(), point.value.as_str())).collect();
        assert_eq!(points, [("1970-01-03", "15.32"), ("1970-01-05", "19.25"), ("1970-01-06", "7.00")]);
    }

    #[test]
    fn four_answers_are_four_lines_and_never_one_sum() {
        let scale = known(ScaleId::Ons4);
        let all = [
            taken(&[Some(7), None, Some(0), Some(3)], 1, Some(16)),
            taken(&[Some(8), Some(6), Some(1), None], 2, Some(16)),
        ];
        let scored = scored(scale, &all);
        assert!(scored.iter().all(|one| one.raw.is_none() && one.metric.is_none() && one.change.is_none()));
        assert_eq!(scored.iter().map(|one| (one.answered, one.of)).collect::<Vec<_>>(), [(3, 4), (3, 4)]);
        let lines = series(scale, &all, &scored, None);
        let points: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.points.len())).collect();
        assert_eq!(points, [("life_satisfaction", 2), ("worthwhile", 1), ("happiness", 2), ("anxiety", 1)]);
    }

    #[test]
    fn a_child_who_was_not_asked_about_anxiety_has_no_line_for_it() {
        let scale = known(ScaleId::Ons4);
        let all = [taken(&[Some(7), Some(7), Some(7), None], 1, Some(14))];
        let scored = scored(scale, &all);
        assert_eq!((scored[0].answered, scored[0].of), (3, 3));
        assert_eq!(series(scale, &all, &scored, Some(16)).len(), 3);
        assert_eq!(series(scale, &[], &[], Some(14)).len(), 3);
        assert_eq!(series(scale, &[], &[], Some(16)).len(), 4);
    }

    #[test]
    fn an_answer_about_anxiety_is_shown_even_if_the_day_of_birth_was_corrected() {
        let scale = known(ScaleId::Ons4);
        let all = [taken(&[Some(7), Some(7), Some(7), Some(2)], 1, None)];
        let scored = scored(scale, &all);
        assert_eq!((scored[0].answered, scored[0].of), (4, 4));
        assert_eq!(series(scale, &all, &scored, None).len(), 4);
    }

    #[test]
    fn answers_that_make_no_sense_score_nothing() {
        for answers in [&[][..], &[Some(9); 7], &[Some(1); 20]] {
            for id in [ScaleId::Swemwbs, ScaleId::Ons4] {
                let all = [taken(answers, 1, None)];
                let scored = scored(known(id), &all);
                assert_eq!((scored[0].raw, scored[0].metric), (None, None));
                let _ = series(known(id), &all, &scored, None);
            }
        }
        let wild = [taken(&[Some(11), None, None, None], 1, None)];
        let lines = series(known(ScaleId::Ons4), &wild, &scored(known(ScaleId::Ons4), &wild), None);
        assert!(lines.iter().all(|line| line.points.is_empty()));
    }
}
