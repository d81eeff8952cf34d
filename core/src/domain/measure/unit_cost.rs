//! What one event costs other services, and what support costs: figures somebody looked up, with where they
//! stand.
//!
//! It refuses to hold any figure of its own: every cost is handed in with its source.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Earliest price year believed.
pub const PRICE_YEAR_MIN: u16 = 1990;

/// Latest price year believed.
pub const PRICE_YEAR_MAX: u16 = 2200;

/// Largest sum of money believed, in pounds.
pub const POUNDS_MAX: u64 = 1_000_000_000;

/// Largest inflator believed.
pub const INFLATOR_MAX: u8 = 100;

/// Longest source, in characters.
pub const SOURCE_CHARS_MAX: usize = 500;

/// What one event costs, in pounds, as published and brought to the prices of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCost {
    /// Pounds per event, in prices of `price_year`. Written as text, so that no pence are lost on the way.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub value: Decimal,
    /// Where the value is published.
    pub source: String,
    /// The year whose prices the value is in.
    pub price_year: u16,
    /// What brings it to the prices of the report.
    pub inflator: Inflator,
}

/// A multiplier between the prices of two years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inflator {
    /// Multiplies the published value; exactly 1 leaves it in the prices of its year.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub factor: Decimal,
    /// The index it comes from, and the years between.
    pub source: String,
}

/// What support costs per young person, in pounds, over the time a row of figures looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeCost {
    /// Pounds per young person. Written as text.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub each: Decimal,
    /// How it was reached.
    pub source: String,
}

/// Why a cost was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CostRefusal {
    /// Below zero or beyond [`POUNDS_MAX`].
    #[error("a cost must be from 0 to {POUNDS_MAX} pounds")]
    OutOfRange,
    /// Nobody can check a cost without its source.
    #[error("a cost and its inflator need a source of at most {SOURCE_CHARS_MAX} characters")]
    NoSource,
    /// A price year nobody publishes.
    #[error("the price year {year} is not one from {PRICE_YEAR_MIN} to {PRICE_YEAR_MAX}")]
    PriceYear {
        /// The year given.
        year: u16,
    },
    /// An inflator of zero or less, or beyond [`INFLATOR_MAX`].
    #[error("an inflator must be above 0 and at most {INFLATOR_MAX}; 1 leaves the value as it is")]
    Inflator,
    /// Nothing to divide by.
    #[error("a total is spread over at least one month and one young person")]
    NothingToSpreadOver,
}

impl UnitCost {
    /// Pounds per event in the prices of the report: value × inflator, unrounded.
    ///
    /// # Errors
    /// A value, year, inflator or source that cannot be believed.
    pub fn pounds(&self) -> Result<Decimal, CostRefusal> {
        check_source(&self.source)?;
        check_source(&self.inflator.source)?;
        if !(PRICE_YEAR_MIN..=PRICE_YEAR_MAX).contains(&self.price_year) {
            return Err(CostRefusal::PriceYear { year: self.price_year });
        }
        let factor = self.inflator.factor;
        if factor <= Decimal::ZERO || factor > Decimal::from(INFLATOR_MAX) {
            return Err(CostRefusal::Inflator);
        }
        let value = check_pounds(self.value)?;
        check_pounds(value.checked_mul(factor).ok_or(CostRefusal::OutOfRange)?)
    }
}

impl ProgrammeCost {
    /// A total spread over months and young people: pounds per young person and month, unrounded.
    ///
    /// A monthly cost is not the cost of support, which lasts longer; the report has to say so
    /// ([`super::service_use::Hidden::MonthlyCostAgainstLongerSupport`]).
    ///
    /// # Errors
    /// No months, nobody, a total that cannot be believed, or no source.
    pub fn monthly(total: Decimal, months: u32, people: u32, source: String) -> Result<Self, CostRefusal> {
        let shares = Decimal::from(months)
            .checked_mul(Decimal::from(people))
            .filter(|shares| !shares.is_zero())
            .ok_or(CostRefusal::NothingToSpreadOver)?;
        let each = check_pounds(total)?.checked_div(shares).ok_or(CostRefusal::OutOfRange)?;
        check_source(&source)?;
        Ok(Self { each, source })
    }

    /// Pounds per young person.
    ///
    /// # Errors
    /// A cost that cannot be believed, or no source.
    pub fn pounds(&self) -> Result<Decimal, CostRefusal> {
        check_source(&self.source)?;
        check_pounds(self.each)
    }
}

fn check_source(source: &str) -> Result<(), CostRefusal> {
    if !source.chars().any(char::is_alphanumeric) || source.chars().count() > SOURCE_CHARS_MAX {
        return Err(CostRefusal::NoSource);
    }
    Ok(())
}

fn check_pounds(pounds: Decimal) -> Result<Decimal, CostRefusal> {
    if pounds < Decimal::ZERO || pounds > Decimal::from(POUNDS_MAX) {
        return Err(CostRefusal::OutOfRange);
    }
    Ok(pounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(value: &str, factor: &str) -> UnitCost {
        UnitCost {
            value: value.parse().unwrap(),
            source: "a published table".into(),
            price_year: 2023,
            inflator: Inflator { factor: factor.parse().unwrap(), source: "an index, 2023 to 2025".into() },
        }
    }

    #[test]
    fn a_unit_cost_is_brought_to_the_prices_of_the_report() {
        assert_eq!(cost("500.00", "1.06412").pounds().unwrap().normalize().to_string(), "532.06");
        assert_eq!(cost("532.06", "1").pounds().unwrap().to_string(), "532.06");
    }

    #[test]
    fn a_cost_nobody_can_check_is_refused() {
        let refusal = |change: fn(&mut UnitCost)| {
            let mut cost = cost("500", "1");
            change(&mut cost);
            cost.pounds().unwrap_err()
        };
        assert_eq!(refusal(|cost| cost.source = " ".into()), CostRefusal::NoSource);
        assert_eq!(refusal(|cost| cost.inflator.source.clear()), CostRefusal::NoSource);
        assert_eq!(refusal(|cost| cost.source = "a".repeat(501)), CostRefusal::NoSource);
        assert_eq!(refusal(|cost| cost.price_year = 23), CostRefusal::PriceYear { year: 23 });
        assert_eq!(refusal(|cost| cost.inflator.factor = Decimal::ZERO), CostRefusal::Inflator);
        assert_eq!(refusal(|cost| cost.value = Decimal::NEGATIVE_ONE), CostRefusal::OutOfRange);
        assert_eq!(refusal(|cost| cost.value = Decimal::MAX), CostRefusal::OutOfRange);
    }

    #[test]
    fn a_total_is_spread_over_months_and_people() {
        let monthly =
            |months, people| ProgrammeCost::monthly(198_000.into(), months, people, "accounts".into());
        assert!(monthly(24, 154).unwrap().each.to_string().starts_with("53.57142857142857142857"));
        assert_eq!(monthly(0, 154), Err(CostRefusal::NothingToSpreadOver));
        assert_eq!(monthly(24, 0), Err(CostRefusal::NothingToSpreadOver));
        assert!(monthly(u32::MAX, u32::MAX).is_ok());
    }

    #[test]
    fn money_is_read_from_text_and_never_from_a_float() {
        let json = serde_json::to_string(&cost("532.06", "1")).unwrap();
        assert!(json.contains(r#""value":"532.06""#), "{json}");
        assert_eq!(serde_json::from_str::<UnitCost>(&json).unwrap(), cost("532.06", "1"));
        assert!(serde_json::from_str::<UnitCost>(&json.replace(r#""532.06""#, "532.06")).is_err());
    }
}
