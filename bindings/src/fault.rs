//! A fault of ours becomes one problem that says where, and never with whose words.
//!
//! Knows nothing of what failed. The text of a panic may hold a name, so that nobody reads it: it is neither printed nor
//! passed on.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use fieldfare_core::contract::Problem;
use fieldfare_core::ports::{Entropy as _, SystemEntropy};

thread_local! {
    /// Where the last panic on this thread was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether this thread is one on which the phone's own code is asked something.
    static LENT: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as one that asks the phone's code: it must not come back in, where it would wait for itself.
pub(crate) fn asks_the_phone() {
    LENT.set(true);
}

/// Does what was asked at the door. A panic is a problem, and so is a port that calls back in.
pub(crate) fn caught<T>(what: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(remember)));
    if LENT.get() {
        return Err(Problem::not_allowed("what this device lends must not call back"));
    }
    PLACE.take();
    match catch_unwind(AssertUnwindSafe(what)) {
        Err(_) => Err(Problem::Unexpected { place: traced(PLACE.take().unwrap_or_default()) }),
        // The core caught it and knows what it did at the time; we know where.
        Ok(Err(Problem::Unexpected { place })) => {
            let at = PLACE.take().map(|at| format!("{place} at {at}"));
            Err(Problem::Unexpected { place: at.map_or(place, traced) })
        }
        Ok(answer) => answer,
    }
}

fn remember(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|at| {
        // A library's path begins with the folder of whoever built it.
        let names: Vec<_> = at.file().rsplit(['/', '\\']).take(3).collect();
        format!("{}:{}", names.into_iter().rev().collect::<Vec<_>>().join("/"), at.line())
    });
    PLACE.with_borrow_mut(|known| *known = place);
}

/// A number that stands in the problem alone, so that a report and what a shell noted down find each other.
fn traced(place: String) -> String {
    let mut bytes = [0; 4];
    // Without randomness the place is all there is to say.
    let _ = SystemEntropy::default().fill(&mut bytes);
    format!("{place}, trace {:08x}", u32::from_be_bytes(bytes))
}
