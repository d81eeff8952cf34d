//! Breaking one promise on purpose, so that a test can show that somebody would notice.
//!
//! Without the feature `sabotage` every question here is answered `false` by the compiler, and nothing can be broken. With
//! it, a switch holds for the thread that threw it and for no other.

/// A promise that can be broken, named after what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// A device believes that an urgent edit has arrived although no receipt says so.
    BelieveWithoutReceipt,
    /// The endpoint hands out everything else before what is urgent.
    UrgentNotFirstInFeed,
    /// The length of a sealed body tells the length of what was written.
    NoPadding,
}

/// Whether a promise is broken on this thread.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn is_on(_: Sabotage) -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub use switch::{during, is_on};

#[cfg(feature = "sabotage")]
mod switch {
    use std::cell::Cell;

    use super::Sabotage;

    thread_local! {
        static ON: Cell<Option<Sabotage>> = const { Cell::new(None) };
    }

    /// Whether a promise is broken on this thread.
    #[must_use]
    pub fn is_on(sabotage: Sabotage) -> bool {
        ON.get() == Some(sabotage)
    }

    /// Does something while a promise is broken, and mends it afterwards, also after a panic.
    pub fn during<T>(sabotage: Sabotage, act: impl FnOnce() -> T) -> T {
        struct Mend(Option<Sabotage>);
        impl Drop for Mend {
            fn drop(&mut self) {
                ON.set(self.0);
            }
        }
        let _mend = Mend(ON.replace(Some(sabotage)));
        act()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_switch_holds_as_long_as_it_is_meant_to() {
            assert!(!is_on(Sabotage::BelieveWithoutReceipt));
            during(Sabotage::BelieveWithoutReceipt, || assert!(is_on(Sabotage::BelieveWithoutReceipt)));
            assert!(!is_on(Sabotage::BelieveWithoutReceipt));
        }
    }
}
