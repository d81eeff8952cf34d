//! Letting the power fail at a moment that a test chose: before something becomes durable, or right after it.
//!
//! Without the feature `sabotage` the power never fails, and the compiler knows it. With it, a supply holds for the thread
//! that switched it on and for no other; whoever asks must stop at once and leave everything as it is.

/// Whether the power fails at this moment. Asked right before and right after everything that becomes durable.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn fails() -> bool {
    false
}

/// Why nothing can become durable at this moment: the power fails, or the disk is full. Asked right before.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn prevents() -> Option<std::io::ErrorKind> {
    None
}

/// Whether this thread rehearses: a world that plays a phone's life many times over, on nobody's records.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn is_rehearsed() -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub use supply::{Supply, fails, has_failed, is_rehearsed, prevents, refuse_writes, supplied};

#[cfg(feature = "sabotage")]
mod supply {
    use std::cell::Cell;
    use std::io::ErrorKind;

    /// How a machine is supplied.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Supply {
        /// The moment at which it fails, counted from 0; never if there is none.
        pub fails_at: Option<u32>,
        /// Moments that have passed.
        pub passed: u32,
        /// Why the machine's disk takes nothing, if it does not.
        pub refused: Option<ErrorKind>,
    }

    impl Supply {
        /// Whether it has failed; it stays so.
        #[must_use]
        pub fn has_failed(&self) -> bool {
            self.fails_at.is_some_and(|at| self.passed > at)
        }
    }

    thread_local! {
        static SUPPLY: Cell<Supply> = const { Cell::new(Supply { fails_at: None, passed: 0, refused: None }) };
        static DEPTH: Cell<u32> = const { Cell::new(0) };
    }

    /// Whether this thread rehearses: a world that plays a phone's life many times over, on nobody's records.
    #[must_use]
    pub fn is_rehearsed() -> bool {
        DEPTH.get() > 0
    }

    /// Whether the power fails at this moment, or has failed before.
    #[must_use]
    pub fn fails() -> bool {
        let mut supply = SUPPLY.get();
        supply.passed = supply.passed.saturating_add(1);
        SUPPLY.set(supply);
        supply.has_failed()
    }

    /// Why nothing can become durable at this moment: the power fails, or the disk takes nothing.
    #[must_use]
    pub fn prevents() -> Option<ErrorKind> {
        if fails() {
            return Some(ErrorKind::Interrupted);
        }
        SUPPLY.get().refused
    }

    /// Lets the disk of the machine that is supplied take nothing, because it is full or read-only; or everything again.
    pub fn refuse_writes(refused: Option<ErrorKind>) {
        SUPPLY.set(Supply { refused, ..SUPPLY.get() });
    }

    /// Whether the power has failed, without a moment passing.
    #[must_use]
    pub fn has_failed() -> bool {
        SUPPLY.get().has_failed()
    }

    /// Does something on a machine of its own supply, and tells what became of the supply. The machine around it stands
    /// still meanwhile.
    pub fn supplied<T>(fails_at: Option<u32>, act: impl FnOnce() -> T) -> (T, Supply) {
        struct Around(Supply);
        impl Drop for Around {
            fn drop(&mut self) {
                SUPPLY.set(self.0);
                DEPTH.set(DEPTH.get().saturating_sub(1));
            }
        }
        DEPTH.set(DEPTH.get().saturating_add(1));
        let _around = Around(SUPPLY.replace(Supply { fails_at, ..Supply::default() }));
        let done = act();
        (done, SUPPLY.get())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_power_fails_when_it_is_meant_to_and_stays_away() {
            assert!(!is_rehearsed());
            let ((), supply) = supplied(Some(1), || {
                assert!(is_rehearsed());
                assert!(!fails());
                let (inner, supply) = supplied(None, || [fails(), fails(), fails()]);
                assert_eq!((inner, supply.passed, supply.has_failed()), ([false; 3], 3, false));
                assert!(!has_failed());
                let (full, _) = supplied(None, || {
                    refuse_writes(Some(ErrorKind::StorageFull));
                    (prevents(), supplied(None, prevents).0, fails())
                });
                assert_eq!(full, (Some(ErrorKind::StorageFull), None, false));
                assert!(fails() && fails() && has_failed());
            });
            assert!(supply.has_failed());
            assert!(!fails() && !has_failed() && !is_rehearsed());
        }
    }
}
