//! Before and after for a group: who was measured twice, what their scores did, and how sure one can be.
//!
//! Only people with both scores are compared. It knows no names, no scale and no dates, and says nothing of
//! why.

use rust_decimal::Decimal;

use super::change::{ChangeThreshold, Changed};
use super::effect::EffectSizes;
use super::spread::Spread;
use super::t_test::TTest;
use super::wilcoxon::Wilcoxon;

/// Most people in one comparison; up to it every sum is exact and the t distribution good to ten digits.
pub const PEOPLE_MAX: usize = 10_000;

/// Largest score believed, either side of zero; up to it every sum is exact.
pub const POINTS_MAX: u32 = 1_000;

/// Most decimals of one score; up to it every sum is exact.
pub const PLACES_MAX: u32 = 4;

/// One eligible person's two scores on one scale, as far as they exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrePost {
    /// The score of the first measure; `None` if there is none, or it is incomplete.
    pub pre: Option<Decimal>,
    /// The score of the second measure.
    pub post: Option<Decimal>,
}

/// How many people stand behind a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Everybody handed in.
    pub eligible: u32,
    /// With a first score.
    pub pre: u32,
    /// With a second score.
    pub post: u32,
    /// With both.
    pub paired: u32,
}

/// A group compared with itself. Every figure is unrounded; [`super::rounding::round_half_up`] prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many people stand behind it.
    pub numbers: Numbers,
    /// How many changed, if a threshold was given.
    pub changed: Option<Changed>,
    /// The figures, as far as the pairs carry them.
    pub figures: Figures,
}

/// What the pairs carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figures {
    /// Fewer than two pairs: nothing can be said of a group.
    TooFewPairs,
    /// Everybody changed by the same amount: described, but there is no t and no effect size.
    NoVariance(Box<Described>),
    /// Described and tested.
    Tested(Box<Tested>),
}

/// Pairs described. Differences are post − pre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// First scores of those with both.
    pub pre: Spread,
    /// Second scores of those with both.
    pub post: Spread,
    /// Differences.
    pub d: Spread,
    /// Present below 30 pairs unless nobody changed at all.
    pub wilcoxon: Option<Wilcoxon>,
}

/// Pairs described and tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tested {
    /// The description.
    pub described: Described,
    /// Standard error, confidence interval, t and p.
    pub t: TTest,
    /// Effect sizes.
    pub effects: EffectSizes,
}

/// Why a comparison was refused. Positions start at 1, in the order handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairedRefusal {
    /// More than [`PEOPLE_MAX`].
    #[error("{people} people are more than one comparison takes ({PEOPLE_MAX}): split the group")]
    TooManyPeople {
        /// How many came.
        people: usize,
    },
    /// A score beyond [`POINTS_MAX`] or with more than [`PLACES_MAX`] decimals.
    #[error(
        "person {position} has a score over {POINTS_MAX} points or {PLACES_MAX} decimals: no scale gives it"
    )]
    ScoreOutOfRange {
        /// Whose, counted from 1.
        position: usize,
    },
    /// A figure that does not fit a decimal; not reached within the limits above.
    #[error("a figure of this comparison is too large to be written down exactly")]
    TooLarge,
}

/// Compares everybody eligible before and after.
///
/// Hand in everybody, not only pairs: those with one score or none are counted and then left out. A
/// threshold is in points of the scores handed in; give none where no published threshold exists.
///
/// # Errors
/// Too many people, or a score no scale could have given.
pub fn report(people: &[PrePost], threshold: Option<&ChangeThreshold>) -> Result<Report, PairedRefusal> {
    if people.len() > PEOPLE_MAX {
        return Err(PairedRefusal::TooManyPeople { people: people.len() });
    }
    for (position, person) in (1..).zip(people) {
        if [person.pre, person.post].into_iter().flatten().any(beyond_belief) {
            return Err(PairedRefusal::ScoreOutOfRange { position });
        }
    }
    reckon(people, threshold).ok_or(PairedRefusal::TooLarge)
}

fn beyond_belief(score: Decimal) -> bool {
    score.abs() > Decimal::from(POINTS_MAX) || score.normalize().scale() > PLACES_MAX
}

fn reckon(people: &[PrePost], threshold: Option<&ChangeThreshold>) -> Option<Report> {
    let (pre, post): (Vec<Decimal>, Vec<Decimal>) =
        people.iter().filter_map(|person| person.pre.zip(person.post)).unzip();
    let d =
        pre.iter().zip(&post).map(|(pre, post)| post.checked_sub(*pre)).collect::<Option<Vec<Decimal>>>()?;
    let count = |has: fn(&&PrePost) -> bool| u32::try_from(people.iter().filter(has).count()).ok();
    Some(Report {
        numbers: Numbers {
            eligible: count(|_| true)?,
            pre: count(|person| person.pre.is_some())?,
            post: count(|person| person.post.is_some())?,
            paired: u32::try_from(d.len()).ok()?,
        },
        changed: threshold.map(|threshold| Changed::count(&d, threshold)),
        figures: figures(&pre, &post, &d)?,
    })
}

fn figures(pre: &[Decimal], post: &[Decimal], d: &[Decimal]) -> Option<Figures> {
    if d.len() < 2 {
        return Some(Figures::TooFewPairs);
    }
    let described = Described {
        pre: Spread::of(pre)?,
        post: Spread::of(post)?,
        d: Spread::of(d)?,
        wilcoxon: Wilcoxon::of(d),
    };
    if described.d.sd.is_zero() {
        return Some(Figures::NoVariance(Box::new(described)));
    }
    Some(Figures::Tested(Box::new(Tested {
        described,
        t: TTest::of(&described.d)?,
        effects: EffectSizes::of(&described.pre, &described.post, &described.d)?,
    })))
}

#[cfg(test)]
mod tests {
    use super::super::swemwbs::RELIABLE;
    use super::*;
    use proptest::prelude::*;

    fn pairs() -> Vec<PrePost> {
        [(14, 20), (17, 21), (19, 22), (21, 20)].map(|(pre, post)| pair(pre.into(), post.into())).into()
    }

    fn pair(pre: Decimal, post: Decimal) -> PrePost {
        PrePost { pre: Some(pre), post: Some(post) }
    }

    fn tested(people: &[PrePost]) -> Tested {
        match report(people, Some(&RELIABLE)).unwrap().figures {
            Figures::Tested(tested) => *tested,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn those_without_both_scores_are_counted_and_left_out() {
        let mut people = pairs();
        let alone = Some(Decimal::from(35));
        people.extend([
            PrePost { pre: alone, post: None },
            PrePost { pre: alone, post: None },
            PrePost { pre: None, post: alone },
            PrePost::default(),
        ]);
        let found = report(&people, None).unwrap();
        assert_eq!(found.numbers, Numbers { eligible: 8, pre: 6, post: 5, paired: 4 });
        assert_eq!(found.changed, None);
        assert_eq!(tested(&people), tested(&pairs()));
    }

    #[test]
    fn fewer_than_two_pairs_are_an_outcome_and_not_a_number() {
        let one = [pair(20.into(), 25.into()), PrePost::default()];
        assert_eq!(report(&one, None).unwrap().figures, Figures::TooFewPairs);
        assert_eq!(report(&[], None).unwrap().figures, Figures::TooFewPairs);
    }

    #[test]
    fn the_same_change_for_all_is_described_and_not_tested() {
        let people: Vec<PrePost> = (10..16).map(|raw| pair(raw.into(), (raw + 3).into())).collect();
        let Figures::NoVariance(described) = report(&people, None).unwrap().figures else {
            panic!("tested");
        };
        assert_eq!((described.d.mean, described.d.sd), (3.into(), 0.into()));
        assert_eq!(described.wilcoxon.unwrap().p, Decimal::new(3125, 5));
    }

    #[test]
    fn wilcoxon_stands_beside_t_below_thirty_pairs_only() {
        let people = |n: i64| -> Vec<PrePost> { (0..n).map(|i| pair(0.into(), (i % 7).into())).collect() };
        assert!(tested(&people(29)).described.wilcoxon.is_some());
        assert!(tested(&people(30)).described.wilcoxon.is_none());
    }

    #[test]
    fn a_score_no_scale_gives_is_refused_by_position() {
        let mut people = pairs();
        people[3].post = Some(Decimal::from(1_001));
        assert_eq!(report(&people, None), Err(PairedRefusal::ScoreOutOfRange { position: 4 }));
        people[3].post = Some(Decimal::new(100_001, 5));
        assert_eq!(report(&people, None), Err(PairedRefusal::ScoreOutOfRange { position: 4 }));
        people[3].post = Some(Decimal::new(1_000_000, 5));
        assert!(report(&people, None).is_ok());
    }

    #[test]
    fn the_largest_group_of_the_largest_scores_is_still_reckoned() {
        let most = Decimal::new(9_999_999, 4);
        let mut people = vec![pair(-most, most); PEOPLE_MAX];
        assert!(matches!(report(&people, None).unwrap().figures, Figures::NoVariance(_)));
        people[0] = pair(-most, most - Decimal::new(1, 4));
        assert!(matches!(report(&people, None).unwrap().figures, Figures::Tested(_)));
        people.push(people[0]);
        assert!(matches!(report(&people, None), Err(PairedRefusal::TooManyPeople { people: 10_001 })));
    }

    proptest! {
        #[test]
        fn every_believable_group_is_reckoned(
            scores in proptest::collection::vec(proptest::array::uniform2(-10_000_000_i64..=10_000_000), 0..60),
        ) {
            let score = |ten_thousandths: &i64| Decimal::new(*ten_thousandths, 4);
            let people: Vec<PrePost> =
                scores.iter().map(|[pre, post]| pair(score(pre), score(post))).collect();
            let found = report(&people, Some(&RELIABLE)).unwrap();
            let changed = found.changed.unwrap();
            prop_assert_eq!(changed.up + changed.down + changed.within, found.numbers.paired);
        }
    }
}
