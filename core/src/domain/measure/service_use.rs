//! What a change in the use of other services is worth: events before, events after, and the young people
//! behind both.
//!
//! Only complete cases count, and n stands beside every figure. It refuses to add up different groups, and
//! to say that support caused the change.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::rounding::round_half_up;
use super::suppression::Cell;
use super::unit_cost::{CostRefusal, ProgrammeCost, UnitCost};

/// Most events of one kind in one row.
pub const EVENTS_MAX: u32 = 10_000_000;

/// One young person's events of one kind in a period before support and one of equal length after it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Before; `None` if nobody knows, which is not zero.
    pub before: Option<u32>,
    /// After; `None` if nobody knows.
    pub after: Option<u32>,
}

/// Events of those young people whose count is known on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompleteCases {
    /// Events before, all complete cases together.
    pub before: u32,
    /// Events after.
    pub after: u32,
    /// How many young people: one or more.
    pub n: u32,
}

/// Why a row was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyRefusal {
    /// Nobody's events are known on both sides.
    #[error("nobody has a count both before and after: a figure needs at least one complete case")]
    NoCompleteCases,
    /// More than [`EVENTS_MAX`].
    #[error("more than {EVENTS_MAX} events or people in one row: check the counts")]
    TooManyEvents,
    /// Rows that rest on different numbers of young people.
    #[error("figures of {one} and of {other} young people are about different groups and cannot be added up")]
    DifferentCases {
        /// n of one row.
        one: u32,
        /// n of the other.
        other: u32,
    },
    /// A cost that cannot be believed.
    #[error(transparent)]
    Cost(#[from] CostRefusal),
    /// A figure that does not fit; not reached within the limits above.
    #[error("a figure is too large to be written down exactly")]
    TooLarge,
}

impl CompleteCases {
    /// Adds up the events of those known on both sides; the others are left out.
    ///
    /// # Errors
    /// Nobody is known on both sides, or too many events.
    pub fn of(people: &[Events]) -> Result<Self, MoneyRefusal> {
        let (mut before, mut after, mut n) = (0_u32, 0_u32, 0_u32);
        for (earlier, later) in people.iter().filter_map(|person| person.before.zip(person.after)) {
            before = before.saturating_add(earlier);
            after = after.saturating_add(later);
            n = n.saturating_add(1);
        }
        Self { before, after, n }.checked()
    }

    fn checked(self) -> Result<Self, MoneyRefusal> {
        if self.n == 0 {
            return Err(MoneyRefusal::NoCompleteCases);
        }
        if self.before.max(self.after).max(self.n) > EVENTS_MAX {
            return Err(MoneyRefusal::TooManyEvents);
        }
        Ok(self)
    }
}

/// Money saved for other services by one group, before the cost of support; negative if they were used
/// more.
///
/// Its amount cannot be read, only added to one of the same n or set against the cost of support, so a sum
/// over different groups cannot be written. Same n is not yet the same people: that they are is for the
/// caller to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    amount: Decimal,
    n: u32,
}

impl Saving {
    /// (before − after) × unit cost.
    ///
    /// # Errors
    /// Counts or a cost that cannot be believed.
    pub fn of(cases: CompleteCases, unit_cost: &UnitCost) -> Result<Self, MoneyRefusal> {
        let cases = cases.checked()?;
        let fewer =
            i64::from(cases.before).checked_sub(i64::from(cases.after)).ok_or(MoneyRefusal::TooLarge)?;
        let amount = Decimal::from(fewer).checked_mul(unit_cost.pounds()?).ok_or(MoneyRefusal::TooLarge)?;
        Ok(Self { amount, n: cases.n })
    }

    /// Two kinds of event of one group together, so that its support is paid for once.
    ///
    /// # Errors
    /// [`MoneyRefusal::DifferentCases`] if the two rest on different numbers of young people.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyRefusal> {
        if self.n != other.n {
            return Err(MoneyRefusal::DifferentCases { one: self.n, other: other.n });
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyRefusal::TooLarge)?;
        Ok(Self { amount, n: self.n })
    }

    /// What is left after the cost of support: saving − programme cost × n.
    ///
    /// # Errors
    /// A programme cost that cannot be believed.
    pub fn net(&self, programme: &ProgrammeCost) -> Result<Net, MoneyRefusal> {
        let net = programme
            .pounds()?
            .checked_mul(Decimal::from(self.n))
            .and_then(|support| self.amount.checked_sub(support))
            .ok_or(MoneyRefusal::TooLarge)?;
        let pounds = |amount| round_half_up(amount, 0).to_i64().ok_or(MoneyRefusal::TooLarge);
        Ok(Net {
            pounds: pounds(net)?,
            pounds_each: pounds(net.checked_div(Decimal::from(self.n)).ok_or(MoneyRefusal::TooLarge)?)?,
            n: self.n,
        })
    }
}

/// Money left after the cost of support, ready to print with its n. It is an end: nothing adds it to
/// anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    pounds: i64,
    pounds_each: i64,
    n: u32,
}

impl Net {
    /// Whole pounds for the group and how many young people it rests on; halves away from zero.
    pub fn pounds(&self) -> (i64, u32) {
        (self.pounds, self.n)
    }

    /// Whole pounds per young person and how many it rests on: the unrounded net ÷ n, halves away from
    /// zero.
    pub fn pounds_each(&self) -> (i64, u32) {
        (self.pounds_each, self.n)
    }

    /// As it may leave the organisation: suppressed below five young people.
    pub fn release(&self) -> Cell<&Self> {
        Cell::resting_on(self.n, self)
    }
}

/// What this method hides; a report that prints a figure prints all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Every row carries the whole cost of support, so rows of one group undercount when read side by side.
    ProgrammeChargedInEveryRow,
    /// One month's cost is set against support of 6 to 18 months.
    MonthlyCostAgainstLongerSupport,
    /// More of some events is good: a young person who calls for help is counted as a cost.
    SomeIncreasesAreGood,
    /// Nobody knows what would have happened without support.
    NoComparator,
}

impl Hidden {
    /// All of them, in the order they are printed.
    pub const ALL: [Self; 4] = [
        Self::ProgrammeChargedInEveryRow,
        Self::MonthlyCostAgainstLongerSupport,
        Self::SomeIncreasesAreGood,
        Self::NoComparator,
    ];
}

#[cfg(test)]
mod tests {
    use super::super::unit_cost::Inflator;
    use super::*;

    struct Published {
        cases: CompleteCases,
        net: (i64, u32),
        each: (i64, u32),
        unit_cost_at_54: &'static str,
        unit_cost_at_share: &'static str,
    }

    fn published() -> [Published; 4] {
        let row = |before, after, n, net, each, unit_cost_at_54, unit_cost_at_share| Published {
            cases: CompleteCases { before, after, n },
            net: (net, n),
            each: (each, n),
            unit_cost_at_54,
            unit_cost_at_share,
        };
        [
            row(393, 164, 67, 118_224, 1_765, "532.06", "531.935"),
            row(406, 287, 48, 344_674, 7_181, "2918.20", "2918.03"),
            row(100, 74, 46, 483_539, 10_512, "18693.19", "18692.43"),
            row(751, 867, 106, -67_383, -636, "531.54", "531.935"),
        ]
    }

    fn unit_cost(value: &str) -> UnitCost {
        UnitCost {
            value: value.parse().unwrap(),
            source: "worked back from the published figures".into(),
            price_year: 2023,
            inflator: Inflator { factor: Decimal::ONE, source: "none".into() },
        }
    }

    fn fifty_four() -> ProgrammeCost {
        ProgrammeCost { each: 54.into(), source: "rounded".into() }
    }

    fn saving(before: u32, after: u32, n: u32) -> Saving {
        Saving::of(CompleteCases { before, after, n }, &unit_cost("100")).unwrap()
    }

    #[test]
    fn all_eight_published_figures_come_out_at_fifty_four_pounds() {
        for row in published() {
            let net =
                Saving::of(row.cases, &unit_cost(row.unit_cost_at_54)).unwrap().net(&fifty_four()).unwrap();
            assert_eq!((net.pounds(), net.pounds_each()), (row.net, row.each));
        }
    }

    #[test]
    fn all_eight_published_figures_come_out_at_the_exact_share() {
        let share = ProgrammeCost::monthly(198_000.into(), 24, 154, "accounts".into()).unwrap();
        for row in published() {
            let net = Saving::of(row.cases, &unit_cost(row.unit_cost_at_share)).unwrap().net(&share).unwrap();
            assert_eq!((net.pounds(), net.pounds_each()), (row.net, row.each));
        }
    }

    #[test]
    fn rows_of_different_n_are_never_added_up() {
        assert_eq!(
            saving(9, 4, 67).plus(&saving(9, 4, 48)),
            Err(MoneyRefusal::DifferentCases { one: 67, other: 48 })
        );
    }

    #[test]
    fn two_kinds_of_event_of_one_group_pay_for_support_once() {
        let both = saving(9, 4, 10).plus(&saving(7, 9, 10)).unwrap().net(&fifty_four()).unwrap();
        assert_eq!(both.pounds(), (500 - 200 - 540, 10));
    }

    #[test]
    fn only_complete_cases_count() {
        let known = |before, after| Events { before, after };
        let people =
            [known(Some(5), Some(1)), known(Some(90), None), known(None, Some(70)), known(Some(0), Some(0))];
        assert_eq!(CompleteCases::of(&people), Ok(CompleteCases { before: 5, after: 1, n: 2 }));
        assert_eq!(CompleteCases::of(&people[1..3]), Err(MoneyRefusal::NoCompleteCases));
    }

    #[test]
    fn halves_go_away_from_zero_for_gains_and_losses_alike() {
        let free = ProgrammeCost { each: Decimal::ZERO, source: "paid by others".into() };
        let each = |before, after| {
            Saving::of(CompleteCases { before, after, n: 2 }, &unit_cost("1"))
                .unwrap()
                .net(&free)
                .unwrap()
                .pounds_each()
        };
        assert_eq!(each(5, 0), (3, 2));
        assert_eq!(each(0, 5), (-3, 2));
    }

    #[test]
    fn a_figure_of_four_young_people_does_not_leave_the_organisation() {
        let net = |n| saving(9, 4, n).net(&fifty_four()).unwrap();
        assert_eq!(net(4).release(), Cell::Suppressed);
        assert_eq!(net(5).release(), Cell::Shown(&net(5)));
    }

    #[test]
    fn the_largest_row_is_still_reckoned_and_a_larger_one_refused() {
        let dear = UnitCost { value: 1_000_000_000.into(), ..unit_cost("1") };
        let row = |before, n| Saving::of(CompleteCases { before, after: 0, n }, &dear);
        assert!(row(EVENTS_MAX, 1).unwrap().net(&fifty_four()).is_ok());
        assert_eq!(row(EVENTS_MAX + 1, 1), Err(MoneyRefusal::TooManyEvents));
        assert_eq!(row(1, 0), Err(MoneyRefusal::NoCompleteCases));
        let many = [Events { before: Some(u32::MAX), after: Some(0) }; 2];
        assert_eq!(CompleteCases::of(&many), Err(MoneyRefusal::TooManyEvents));
    }
}
