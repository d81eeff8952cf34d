//! The Wilcoxon signed-rank test, exact, for groups too small to lean on a t test alone.
//!
//! It knows differences only, and refuses groups of thirty or more, where the t test speaks for itself.

use rust_decimal::Decimal;

/// Reported beside the t test below this many pairs.
pub const PAIRS_BELOW: usize = 30;

/// A signed-rank test, two-sided. Nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wilcoxon {
    /// Differences that were not zero, and so were ranked.
    pub ranked: u32,
    /// Differences of zero, left out as Wilcoxon did.
    pub zeros: u32,
    /// Whether two differences share a size, so that middle ranks were used.
    pub ties: bool,
    /// Sum of the ranks of the rises; may end in .5 where ranks are shared.
    pub w_plus: Decimal,
    /// Sum of the ranks of the falls.
    pub w_minus: Decimal,
    /// Exact two-sided p-value: see [`Wilcoxon::of`].
    pub p: Decimal,
}

impl Wilcoxon {
    /// Tests fewer than thirty differences (post − pre); `None` for thirty or more, or if every one is
    /// zero.
    ///
    /// Zeros are dropped. Equal sizes share the mean of their ranks. The p-value is the share of all 2ⁿ
    /// ways to put signs on those very ranks whose rank sum lies at least as far from its middle as the one
    /// found: exact with ties too, where printed tables and the default of R's `wilcox.test` are not.
    pub fn of(differences: &[Decimal]) -> Option<Self> {
        if differences.len() >= PAIRS_BELOW {
            return None;
        }
        let mut ordered: Vec<Decimal> = differences.iter().copied().filter(|d| !d.is_zero()).collect();
        if ordered.is_empty() {
            return None;
        }
        ordered.sort_unstable_by_key(Decimal::abs);
        let doubled = doubled_ranks(&ordered);
        let total: usize = doubled.iter().sum();
        let rises: usize =
            ordered.iter().zip(&doubled).filter(|(d, _)| d.is_sign_positive()).map(|(_, rank)| *rank).sum();
        let falls = total.checked_sub(rises)?;
        let half = |doubled: usize| Decimal::from(doubled).checked_div(Decimal::TWO);
        Some(Self {
            ranked: u32::try_from(ordered.len()).ok()?,
            zeros: u32::try_from(differences.len().checked_sub(ordered.len())?).ok()?,
            ties: ordered.iter().zip(ordered.iter().skip(1)).any(|(one, next)| one.abs() == next.abs()),
            w_plus: half(rises)?,
            w_minus: half(falls)?,
            p: share_as_far_out(&doubled, total, rises)?,
        })
    }
}

/// Twice the rank of each size, so that middle ranks stay whole: places `a` to `b` share (a + b) ÷ 2.
fn doubled_ranks(ordered: &[Decimal]) -> Vec<usize> {
    ordered
        .iter()
        .map(|d| {
            let smaller = ordered.iter().filter(|other| other.abs() < d.abs()).count();
            let not_larger = ordered.iter().filter(|other| other.abs() <= d.abs()).count();
            smaller.saturating_add(not_larger).saturating_add(1)
        })
        .collect()
}

/// Share of all sign patterns whose doubled rank sum lies at least as far from `total` ÷ 2 as `found` does.
fn share_as_far_out(doubled: &[usize], total: usize, found: usize) -> Option<Decimal> {
    // ways[s] counts the patterns that sum to s; fewer than thirty ranks make at most 2²⁹ patterns.
    let mut ways: Vec<u64> = vec![1];
    for rank in doubled {
        let mut longer = ways.clone();
        longer.resize(ways.len().checked_add(*rank)?, 0);
        for (into, from) in longer.iter_mut().skip(*rank).zip(&ways) {
            *into = into.checked_add(*from)?;
        }
        ways = longer;
    }
    let away = |sum: usize| sum.abs_diff(total.saturating_sub(sum));
    let all: u64 = ways.iter().sum();
    let as_far: u64 =
        ways.iter().enumerate().filter(|(sum, _)| away(*sum) >= away(found)).map(|(_, ways)| ways).sum();
    Decimal::from(as_far).checked_div(Decimal::from(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn test_of(differences: &[i64]) -> Option<Wilcoxon> {
        Wilcoxon::of(&differences.iter().map(|d| Decimal::from(*d)).collect::<Vec<_>>())
    }

    #[test]
    fn five_rises_of_different_size_have_a_p_of_two_in_thirty_two() {
        let found = test_of(&[1, 2, 3, 4, 5]).unwrap();
        assert_eq!((found.w_plus, found.w_minus), (15.into(), 0.into()));
        assert_eq!(found.p, Decimal::new(625, 4));
        assert!(!found.ties);
    }

    /// Any printed table: n = 10, two-sided 5 %, critical value 8 (p = 0.0488).
    #[test]
    fn the_printed_critical_value_of_ten_is_eight() {
        let at = test_of(&[1, 2, 3, 4, -8, 5, 6, 7, 9, 10]).unwrap();
        assert_eq!(at.w_minus, 8.into());
        assert_eq!(at.p, Decimal::from(50) / Decimal::from(1024));
        let beyond = test_of(&[1, 2, 3, 4, -9, 5, 6, 7, 8, 10]).unwrap();
        assert!(beyond.p > Decimal::new(5, 2));
    }

    #[test]
    fn zeros_are_dropped_and_ties_share_their_ranks() {
        // Sizes 1 2 3 3 4 4 5 6 7, the 1 a fall.
        let found = test_of(&[6, 4, 3, -1, 4, 5, 7, 3, 2, 0]).unwrap();
        assert_eq!((found.ranked, found.zeros, found.ties), (9, 1, true));
        assert_eq!((found.w_plus, found.w_minus), (44.into(), 1.into()));
        // As far out: nothing falls, or only the 1, and both mirrored: 4 of 512.
        assert_eq!(found.p, Decimal::new(78125, 7));
    }

    #[test]
    fn nothing_changed_or_thirty_pairs_are_not_tested() {
        assert_eq!(test_of(&[0, 0, 0]), None);
        assert_eq!(test_of(&[]), None);
        assert_eq!(test_of(&[1; 30]), None);
        assert!(test_of(&[1; 29]).is_some());
    }

    proptest! {
        #[test]
        fn the_share_is_what_trying_every_pattern_gives(
            differences in proptest::collection::vec(-6_i64..6, 1..11),
        ) {
            prop_assume!(differences.iter().any(|d| *d != 0));
            let found = test_of(&differences).unwrap();
            let mut ordered: Vec<Decimal> =
                differences.iter().filter(|d| **d != 0).map(|d| Decimal::from(*d)).collect();
            ordered.sort_by_key(Decimal::abs);
            let ranks = doubled_ranks(&ordered);
            let total: i64 = ranks.iter().sum::<usize>() as i64;
            let far = |plus: i64| (2 * plus - total).abs();
            let observed = (found.w_plus * Decimal::TWO).try_into().unwrap();
            let rises = |signs: u32| -> i64 {
                (0..ranks.len()).filter(|i| signs >> i & 1 == 1).map(|i| ranks[i] as i64).sum()
            };
            let patterns = 0..1_u32 << ranks.len();
            let as_far = patterns.filter(|signs| far(rises(*signs)) >= far(observed)).count();
            prop_assert_eq!(found.p, Decimal::from(as_far) / Decimal::from(1_u32 << ranks.len()));
        }

        #[test]
        fn turning_every_difference_round_keeps_the_p_value(
            differences in proptest::collection::vec(-9_i64..9, 1..29),
        ) {
            let turned: Vec<i64> = differences.iter().map(|d| -d).collect();
            prop_assert_eq!(test_of(&differences).map(|w| w.p), test_of(&turned).map(|w| w.p));
        }
    }
}
