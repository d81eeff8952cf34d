//! Measures: wellbeing scales, when they count, what changed between two of them, and what change is worth
//! in money.
//!
//! Pure arithmetic over values handed in. Nothing here knows whose answers they are, what day it is or
//! where they are kept, and no licensed wording is written down anywhere in it.
//!
//! Read [`scale`] and [`swemwbs`] for one measure, [`windows`] for when it counts, [`paired`] for a group
//! of them, [`release`] for what may leave the organisation, and [`service_use`] for money.

pub mod change;
pub mod effect;
pub mod ons4;
pub mod pack;
pub mod pack_check;
pub mod pack_date;
pub mod paired;
#[cfg(test)]
mod paired_golden;
pub mod release;
pub mod rounding;
pub mod scale;
pub mod service_use;
pub mod spread;
pub mod suppression;
pub mod swemwbs;
pub mod t_test;
pub mod unit_cost;
pub mod wilcoxon;
pub mod windows;
