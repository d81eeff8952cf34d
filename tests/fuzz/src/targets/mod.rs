//! The targets, a file for each reader of strange bytes.
//!
//! Each file says what must hold for any input whatever.

mod bundles;
mod captured;
mod endpoint;
mod handover;
mod liar;
mod lies;
mod lines;
mod logs;
mod messages;
mod segments;
mod settled;
mod texts;

use crate::Target;

/// Every target, those that run fastest first.
#[must_use]
pub fn targets() -> Vec<Target> {
    let quick = [
        messages::targets(),
        segments::targets(),
        bundles::targets(),
        logs::targets(),
        texts::targets(),
        lines::targets(),
        handover::targets(),
    ];
    quick.into_iter().flatten().chain([settled::target(), endpoint::target(), liar::target()]).collect()
}
