//! How large a mean difference is, in units of spread.
//!
//! Three usual sizes side by side, because studies differ in which they print. It refuses to call any of
//! them small or large.

use rust_decimal::Decimal;

use super::spread::{Spread, root};

/// Effect sizes of a mean difference. Nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectSizes {
    /// Cohen's d_z: mean difference ÷ SD of the differences.
    pub dz: Decimal,
    /// Hedges' g_z: d_z × (1 − 3 ÷ (4 × (n − 1) − 1)).
    ///
    /// The usual approximation of the small-sample correction on n − 1 degrees of freedom (Hedges 1981,
    /// Journal of Educational Statistics 6(2)); the exact gamma form differs in the fourth digit at n = 10.
    pub g_z: Decimal,
    /// Cohen's d_av: mean difference ÷ √((SD pre² + SD post²) ÷ 2).
    ///
    /// The root of the mean variance (Cumming 2012, Understanding the New Statistics), not the mean of the
    /// two SDs that some texts use under the same name.
    pub d_av: Decimal,
}

impl EffectSizes {
    /// Sizes the mean of described differences; `None` if they do not vary, or where a figure would not fit
    /// a decimal.
    pub(super) fn of(pre: &Spread, post: &Spread, d: &Spread) -> Option<Self> {
        if d.sd.is_zero() {
            return None;
        }
        let dz = d.mean.checked_div(d.sd)?;
        let df = Decimal::from(d.n).checked_sub(Decimal::ONE)?;
        let shrinkage =
            Decimal::from(3).checked_div(Decimal::from(4).checked_mul(df)?.checked_sub(Decimal::ONE)?)?;
        let mean_variance = pre
            .sd
            .checked_mul(pre.sd)?
            .checked_add(post.sd.checked_mul(post.sd)?)?
            .checked_div(Decimal::TWO)?;
        Some(Self {
            dz,
            g_z: dz.checked_mul(Decimal::ONE.checked_sub(shrinkage)?)?,
            d_av: d.mean.checked_div(root(mean_variance)?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::rounding::round_half_up;
    use super::*;

    fn spread(scores: &[i64]) -> Spread {
        Spread::of(&scores.iter().map(|score| Decimal::from(*score)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_three_sizes_are_in_units_of_their_own_spread() {
        // SDs: pre √2, post √18, d √8.
        let found = EffectSizes::of(&spread(&[10, 12]), &spread(&[13, 19]), &spread(&[3, 7])).unwrap();
        assert_eq!(round_half_up(found.dz, 4).to_string(), "1.7678");
        assert_eq!(round_half_up(found.d_av, 4).to_string(), "1.5811");
        // At n = 2 the correction takes the whole effect away: 1 − 3 ÷ 3.
        assert_eq!(round_half_up(found.g_z, 4).to_string(), "0.0000");
    }

    #[test]
    fn differences_that_do_not_vary_have_no_size() {
        let same = spread(&[3, 3]);
        assert_eq!(EffectSizes::of(&spread(&[1, 2]), &spread(&[4, 5]), &same), None);
    }
}
