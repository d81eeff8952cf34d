//! What is left out when figures leave the organisation, so that nobody can be picked out of a small group.
//!
//! It knows counts, not people, and refuses exceptions: a zero is a small cell too.

/// Smallest count that may leave the organisation.
pub const CELL_MIN: u32 = 5;

/// A figure on its way out of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<T = u32> {
    /// May be read.
    Shown(T),
    /// Left out: too few people stand behind it.
    Suppressed,
}

impl<T> Cell<T> {
    /// A figure that rests on `n` people: shown from [`CELL_MIN`] people up.
    pub fn resting_on(n: u32, figure: T) -> Self {
        if n < CELL_MIN { Self::Suppressed } else { Self::Shown(figure) }
    }
}

impl Cell {
    /// A count on its own: shown from [`CELL_MIN`] up. For counts that add up to a known total use [`row`].
    pub fn count(count: u32) -> Self {
        Self::resting_on(count, count)
    }
}

/// Counts that add up to a total the reader may know, in the order given.
///
/// Small counts are suppressed. What the reader could then work out from the total, the sum of the
/// suppressed, must not be small or belong to one cell: until that holds, the smallest count still shown
/// (the first of equals) is suppressed too.
pub fn row<const N: usize>(counts: [u32; N]) -> [Cell; N] {
    let mut cells = counts.map(Cell::count);
    while derivable(&counts, &cells) {
        let smallest = counts
            .iter()
            .zip(&mut cells)
            .filter(|(_, cell)| **cell != Cell::Suppressed)
            .min_by_key(|(count, _)| **count);
        let Some((_, cell)) = smallest else { break };
        *cell = Cell::Suppressed;
    }
    cells
}

fn derivable(counts: &[u32], cells: &[Cell]) -> bool {
    let hidden =
        || counts.iter().zip(cells).filter(|(_, cell)| **cell == Cell::Suppressed).map(|(count, _)| *count);
    match hidden().count() {
        0 => false,
        1 => true,
        _ => hidden().fold(0, u32::saturating_add) < CELL_MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HIDDEN: Cell = Cell::Suppressed;

    #[test]
    fn five_is_shown_and_four_is_not() {
        assert_eq!(Cell::count(5), Cell::Shown(5));
        assert_eq!(Cell::count(4), HIDDEN);
        assert_eq!(Cell::count(0), HIDDEN);
        assert_eq!(Cell::resting_on(4, "a mean"), Cell::Suppressed);
        assert_eq!(Cell::resting_on(5, "a mean"), Cell::Shown("a mean"));
    }

    #[test]
    fn a_small_count_cannot_be_worked_out_from_the_total() {
        assert_eq!(row([3, 6, 9]), [HIDDEN, HIDDEN, Cell::Shown(9)]);
        assert_eq!(row([3, 4, 9]), [HIDDEN, HIDDEN, Cell::Shown(9)]);
        assert_eq!(row([3, 0, 7]), [HIDDEN, HIDDEN, HIDDEN]);
    }

    #[test]
    fn large_counts_are_all_shown() {
        assert_eq!(row([5, 6, 7]), [Cell::Shown(5), Cell::Shown(6), Cell::Shown(7)]);
        assert_eq!(row([]), []);
        assert_eq!(row([4]), [HIDDEN]);
    }

    proptest! {
        #[test]
        fn what_is_hidden_is_never_one_small_remainder(counts in proptest::array::uniform4(0_u32..12)) {
            let cells = row(counts);
            let (hidden, shown): (Vec<_>, Vec<_>) =
                counts.into_iter().zip(cells).partition(|(_, cell)| *cell == HIDDEN);
            prop_assert!(shown.iter().all(|(count, cell)| *cell == Cell::Shown(*count) && *count >= 5));
            let remainder: u32 = hidden.iter().map(|(count, _)| count).sum();
            prop_assert!(matches!(hidden.len(), 0 | 4) || hidden.len() > 1 && remainder >= 5);
        }
    }
}
