//! The paired t test: is the mean difference further from zero than its own uncertainty explains.
//!
//! It knows differences only, not the scores behind them. Floating point is used for the t distribution and
//! nothing else.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::rounding::round_half_up;
use super::spread::{Spread, root};

/// Decimals kept of a p-value: a `p` of zero means below 0.000000000001.
pub const P_PLACES: u32 = 12;

/// A paired t test against zero, two-sided. Nothing but `p` is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TTest {
    /// Degrees of freedom, n − 1.
    pub df: u32,
    /// Standard error of the mean difference: SD ÷ √n.
    pub se: Decimal,
    /// Lower end of the 95 % confidence interval of the mean difference.
    pub ci_low: Decimal,
    /// Upper end of it.
    pub ci_high: Decimal,
    /// Mean difference ÷ standard error.
    pub t: Decimal,
    /// Two-sided p-value, to [`P_PLACES`] decimals.
    pub p: Decimal,
}

impl TTest {
    /// Tests described differences; `None` if they do not vary, or where a figure would not fit a decimal.
    pub(super) fn of(d: &Spread) -> Option<Self> {
        if d.sd.is_zero() {
            return None;
        }
        let df = d.n.checked_sub(1)?;
        let se = d.sd.checked_div(root(Decimal::from(d.n))?)?;
        let t = d.mean.checked_div(se)?;
        let distribution = StudentsT::new(0.0, 1.0, f64::from(df)).ok()?;
        // Two-sided 95 % leaves 2.5 % above; the constant keeps the library's own range assertion
        // satisfied.
        let critical = Decimal::from_f64(distribution.inverse_cdf(0.975))?;
        let reach = critical.checked_mul(se)?;
        let p = Decimal::from_f64(2.0 * distribution.sf(t.abs().to_f64()?))?;
        Some(Self {
            df,
            se,
            ci_low: d.mean.checked_sub(reach)?,
            ci_high: d.mean.checked_add(reach)?,
            t,
            p: round_half_up(p.min(Decimal::ONE), P_PLACES),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_of(differences: &[i64]) -> Option<TTest> {
        let scores: Vec<Decimal> = differences.iter().map(|d| Decimal::from(*d)).collect();
        TTest::of(&Spread::of(&scores).unwrap())
    }

    /// Critical values of any printed t table, 97.5 %.
    #[test]
    fn the_critical_values_are_the_printed_ones() {
        for (df, printed) in [
            (1, 12.706_204_736),
            (2, 4.302_652_730),
            (4, 2.776_445_105),
            (9, 2.262_157_163),
            (29, 2.045_229_642),
            (48, 2.010_634_758),
            (120, 1.979_930_405),
            (1000, 1.962_339_081),
        ] {
            let found = StudentsT::new(0.0, 1.0, f64::from(df)).unwrap().inverse_cdf(0.975);
            assert!((found - printed).abs() < 1e-8, "{df}: {found}");
        }
    }

    #[test]
    fn the_distribution_holds_for_every_group_we_accept() {
        for df in 1_u32..10_000 {
            let distribution = StudentsT::new(0.0, 1.0, f64::from(df)).unwrap();
            let critical = distribution.inverse_cdf(0.975);
            assert!((distribution.sf(critical) - 0.025).abs() < 1e-10, "{df}");
            for t in [0.0, 1e-12, 0.5, 40.0, 1e6, 1e15] {
                let tail = distribution.sf(t);
                assert!((0.0..=0.5).contains(&tail), "{df} {t} {tail}");
            }
        }
    }

    #[test]
    fn two_pairs_are_enough_to_test() {
        let found = test_of(&[1, 3]).unwrap();
        assert_eq!(found.df, 1);
        assert_eq!(round_half_up(found.t, 6).to_string(), "2.000000");
        // With one degree of freedom the distribution is Cauchy's: 1 − 2·atan(2)/π.
        assert_eq!(round_half_up(found.p, 9).to_string(), "0.295167235");
    }

    #[test]
    fn no_mean_difference_is_no_evidence() {
        let found = test_of(&[-2, 2, -1, 1]).unwrap();
        assert_eq!(found.t, Decimal::ZERO);
        assert_eq!(found.p, Decimal::ONE);
        assert_eq!(found.ci_low, -found.ci_high);
    }

    #[test]
    fn a_loss_is_as_sure_as_a_gain_of_the_same_size() {
        let gain = test_of(&[3, 5, 4, 6]).unwrap();
        let loss = test_of(&[-3, -5, -4, -6]).unwrap();
        assert_eq!(gain.p, loss.p);
        assert_eq!(gain.t, -loss.t);
    }

    #[test]
    fn differences_that_do_not_vary_are_not_tested() {
        assert_eq!(test_of(&[3, 3, 3]), None);
    }
}
