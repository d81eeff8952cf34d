//! A before-and-after report as it may leave the organisation.
//!
//! The only shape meant for outside eyes: small cells are gone from it, and nothing in it leads back to one
//! person.

use rust_decimal::Decimal;

use super::effect::EffectSizes;
use super::paired::{Described, Figures, Report};
use super::spread::Spread;
use super::suppression::{Cell, row};
use super::t_test::TTest;

/// A report with its small cells suppressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedReport {
    /// Everybody eligible.
    pub eligible: Cell,
    /// With a first score.
    pub pre: Cell,
    /// With a second score.
    pub post: Cell,
    /// With both.
    pub paired: Cell,
    /// Who changed, if a threshold was given.
    pub changed: Option<ReleasedChange>,
    /// The figures, if at least five pairs stand behind them.
    pub figures: Cell<Box<ReleasedFigures>>,
}

/// Counts over the change threshold; suppressed so that none can be worked out from the number of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasedChange {
    /// Higher by the threshold or more.
    pub up: Cell,
    /// Lower by the threshold or more.
    pub down: Cell,
    /// Less than the threshold either way.
    pub within: Cell,
}

/// Figures of a group of five or more. Nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasedFigures {
    /// First scores.
    pub pre: Spread,
    /// Second scores.
    pub post: Spread,
    /// Differences, post − pre.
    pub d: Spread,
    /// Absent if everybody changed by the same amount.
    pub tested: Option<(TTest, EffectSizes)>,
    /// The p-value alone: the rank sums would count the people who fell.
    pub wilcoxon_p: Option<Decimal>,
}

impl Report {
    /// This report as it may leave the organisation.
    pub fn release(&self) -> ReleasedReport {
        let figures = match &self.figures {
            Figures::TooFewPairs => Cell::Suppressed,
            Figures::NoVariance(described) => self.release_figures(described, None),
            Figures::Tested(tested) => {
                self.release_figures(&tested.described, Some((tested.t, tested.effects)))
            }
        };
        ReleasedReport {
            eligible: Cell::count(self.numbers.eligible),
            pre: Cell::count(self.numbers.pre),
            post: Cell::count(self.numbers.post),
            paired: Cell::count(self.numbers.paired),
            changed: self.changed.map(|changed| {
                let [up, down, within] = row([changed.up, changed.down, changed.within]);
                ReleasedChange { up, down, within }
            }),
            figures,
        }
    }

    fn release_figures(
        &self,
        described: &Described,
        tested: Option<(TTest, EffectSizes)>,
    ) -> Cell<Box<ReleasedFigures>> {
        let figures = ReleasedFigures {
            pre: described.pre,
            post: described.post,
            d: described.d,
            tested,
            wilcoxon_p: described.wilcoxon.map(|wilcoxon| wilcoxon.p),
        };
        Cell::resting_on(self.numbers.paired, Box::new(figures))
    }
}

#[cfg(test)]
mod tests {
    use super::super::paired::{PrePost, report};
    use super::super::swemwbs::RELIABLE;
    use super::*;

    fn group(differences: &[i64]) -> ReleasedReport {
        let people: Vec<PrePost> = differences
            .iter()
            .map(|d| PrePost { pre: Some(Decimal::from(20)), post: Some(Decimal::from(20 + d)) })
            .collect();
        report(&people, Some(&RELIABLE)).unwrap().release()
    }

    #[test]
    fn four_pairs_release_no_figure_at_all() {
        let released = group(&[1, 2, 3, 4]);
        assert_eq!(released.paired, Cell::Suppressed);
        assert_eq!(released.figures, Cell::Suppressed);
        assert_eq!(released.changed.unwrap().up, Cell::Suppressed);
    }

    #[test]
    fn five_pairs_release_their_figures_and_hide_their_small_cells() {
        let released = group(&[1, 2, 0, 1, 4]);
        assert_eq!(released.paired, Cell::Shown(5));
        let changed = released.changed.unwrap();
        assert_eq!([changed.up, changed.down, changed.within], [Cell::Suppressed; 3]);
        let Cell::Shown(figures) = released.figures else {
            panic!("suppressed");
        };
        assert_eq!(figures.d.mean, Decimal::new(16, 1));
        assert!(figures.tested.is_some() && figures.wilcoxon_p.is_some());
    }

    #[test]
    fn a_group_that_moved_as_one_is_released_untested() {
        let Cell::Shown(figures) = group(&[3; 6]).figures else {
            panic!("suppressed");
        };
        assert_eq!(figures.tested, None);
    }
}
