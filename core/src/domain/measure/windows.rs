//! When a measure counts as somebody's first or second.
//!
//! Days are whole-day numbers (`i32`) on one calendar line, any zero, such as days since 1970-01-01. It
//! refuses to know today, time zones, or what was measured.

/// Six weeks in days. The edge counts: the 42nd day after a start or a closure is still within six weeks of
/// it.
pub const SIX_WEEKS_DAYS: u32 = 42;

/// One spell of support, in day numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    started: i32,
    closed: Option<i32>,
}

/// Why a spell of support was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SupportRefusal {
    /// It closes before it starts.
    #[error("support closes before it starts: correct one of the two dates")]
    ClosesBeforeItStarts,
}

impl Support {
    /// Support that started on one day and, if it has ended, closed on another; both may be the same day.
    ///
    /// # Errors
    /// [`SupportRefusal::ClosesBeforeItStarts`].
    pub fn new(started: i32, closed: Option<i32>) -> Result<Self, SupportRefusal> {
        if closed.is_some_and(|closed| closed < started) {
            return Err(SupportRefusal::ClosesBeforeItStarts);
        }
        Ok(Self { started, closed })
    }

    /// What a measure taken on this day counts as.
    ///
    /// First: from the start to six weeks after it, while support lasts. Second: from six weeks before
    /// closure to six weeks after it, but never before the start. In support shorter than twelve weeks the
    /// two overlap.
    pub fn window(&self, day: i32) -> Window {
        if day < self.started {
            return Window::BeforeSupport;
        }
        let lasts = self.closed.is_none_or(|closed| day <= closed);
        let first = lasts && day.abs_diff(self.started) <= SIX_WEEKS_DAYS;
        let second = self.closed.is_some_and(|closed| day.abs_diff(closed) <= SIX_WEEKS_DAYS);
        match (first, second) {
            (true, true) => Window::FirstOrSecond,
            (true, false) => Window::First,
            (false, true) => Window::Second,
            (false, false) if lasts => Window::Between,
            (false, false) => Window::AfterSupport,
        }
    }

    /// Which of several measures count, given the days they were taken on in any order.
    ///
    /// First is the earliest in its window. Second is the one nearest to closure in its window, the later
    /// of two equally near, and always on a later day than the first where there is one: one measure is
    /// never both.
    pub fn counted(&self, days: &[i32]) -> Counted {
        let placed = || days.iter().enumerate().map(|(place, day)| (place, *day, self.window(*day)));
        let first = placed()
            .filter(|(_, _, window)| matches!(window, Window::First | Window::FirstOrSecond))
            .min_by_key(|(place, day, _)| (*day, *place));
        let after_first = |day: i32| first.is_none_or(|(_, first_day, _)| day > first_day);
        let second = self.closed.and_then(|closed| {
            placed()
                .filter(|(_, _, window)| matches!(window, Window::Second | Window::FirstOrSecond))
                .filter(|(_, day, _)| after_first(*day))
                .min_by_key(|(place, day, _)| (day.abs_diff(closed), *day < closed, *place))
        });
        Counted { first: first.map(|(place, ..)| place), second: second.map(|(place, ..)| place) }
    }
}

/// What a measure counts as, by its day alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Before support started: counts as neither.
    BeforeSupport,
    /// May be the first measure.
    First,
    /// Within six weeks of both the start and the closure: may be either, never both.
    FirstOrSecond,
    /// During support and in neither window: a review.
    Between,
    /// May be the second measure.
    Second,
    /// More than six weeks after closure: counts as neither.
    AfterSupport,
}

/// Positions, in the list of days handed in, of the measures that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Position of the first measure, if there is one.
    pub first: Option<usize>,
    /// Position of the second measure, if there is one.
    pub second: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn support(started: i32, closed: Option<i32>) -> Support {
        Support::new(started, closed).unwrap()
    }

    #[test]
    fn the_first_window_runs_from_the_start_to_its_forty_second_day() {
        let open = support(100, None);
        assert_eq!(open.window(99), Window::BeforeSupport);
        assert_eq!(open.window(100), Window::First);
        assert_eq!(open.window(142), Window::First);
        assert_eq!(open.window(143), Window::Between);
        assert_eq!(open.window(i32::MAX), Window::Between);
    }

    #[test]
    fn the_second_window_lies_on_both_sides_of_closure() {
        let closed = support(0, Some(300));
        assert_eq!(closed.window(257), Window::Between);
        assert_eq!(closed.window(258), Window::Second);
        assert_eq!(closed.window(300), Window::Second);
        assert_eq!(closed.window(342), Window::Second);
        assert_eq!(closed.window(343), Window::AfterSupport);
    }

    #[test]
    fn in_short_support_a_measure_may_be_either() {
        let short = support(0, Some(60));
        assert_eq!(short.window(17), Window::First);
        assert_eq!(short.window(18), Window::FirstOrSecond);
        assert_eq!(short.window(42), Window::FirstOrSecond);
        assert_eq!(short.window(43), Window::Second);
    }

    #[test]
    fn a_first_measure_cannot_follow_closure() {
        let brief = support(0, Some(5));
        assert_eq!(brief.window(5), Window::FirstOrSecond);
        assert_eq!(brief.window(6), Window::Second);
    }

    #[test]
    fn support_that_closes_before_it_starts_is_refused() {
        assert_eq!(Support::new(5, Some(4)), Err(SupportRefusal::ClosesBeforeItStarts));
        assert!(Support::new(5, Some(5)).is_ok());
    }

    #[test]
    fn the_earliest_is_first_and_the_nearest_to_closure_is_second() {
        let days = [310, 20, 5, 150, 296, 304];
        let counted = support(0, Some(300)).counted(&days);
        assert_eq!(counted, Counted { first: Some(2), second: Some(5) });
    }

    #[test]
    fn one_measure_is_never_both() {
        let short = support(0, Some(30));
        assert_eq!(short.counted(&[10]), Counted { first: Some(0), second: None });
        assert_eq!(short.counted(&[10, 10]), Counted { first: Some(0), second: None });
        assert_eq!(short.counted(&[25, 10]), Counted { first: Some(1), second: Some(0) });
    }

    #[test]
    fn open_support_has_no_second_measure() {
        assert_eq!(support(0, None).counted(&[1, 200]).second, None);
        assert_eq!(support(0, Some(9)).counted(&[]), Counted::default());
    }

    proptest! {
        #[test]
        fn no_day_panics_and_the_second_always_follows_the_first(
            started in any::<i32>(),
            length in proptest::option::of(0_i32..400),
            far in proptest::collection::vec(any::<i32>(), 0..6),
            near in proptest::collection::vec(-50_i32..450, 0..6),
        ) {
            let closed = length.and_then(|length| started.checked_add(length));
            let support = support(started, closed);
            let near = near.into_iter().map(|day| started.saturating_add(day));
            let days: Vec<i32> = far.into_iter().chain(near).collect();
            let counted = support.counted(&days);
            if let (Some(first), Some(second)) = (counted.first, counted.second) {
                prop_assert!(days[first] < days[second]);
            }
        }
    }
}
