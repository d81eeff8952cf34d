//! Wellbeing check-ins as a shell shows them: the form before, the points over time after.
//!
//! Values are exact decimals in text. The wording of a licensed scale comes from the organisation's pack, never from here.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, CaseId, CheckInId, Company, Kept, Made, Manner, ScalePackId};

/// One answer that can be chosen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct PackOption {
    /// The number that is stored.
    pub answer: u8,
    /// The words that are shown.
    pub words: String,
}

/// A scale pack as the organisation adds it: wording, notice and licence of one scale in one language.
///
/// Its `Debug`, like an option's, shows its shape only: neither licensed words nor the licensee may reach a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct ScalePack {
    /// Name of the scale, for example `swemwbs`.
    pub scale: String,
    /// Language of the wording, as a BCP 47 tag such as `en-GB`.
    pub language: String,
    /// The questions, in the scale's order.
    pub items: Vec<String>,
    /// One option for every answer that the scale allows, the lowest first.
    pub options: Vec<PackOption>,
    /// The owners' notice, shown with every use.
    pub notice: String,
    /// What the owners call the licence.
    pub licence_reference: String,
    /// To whom the licence was given.
    pub licensee: String,
    /// Its date, year-month-day.
    pub licensed_on: String,
}

impl fmt::Debug for ScalePack {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ScalePack")
            .field("items", &self.items.len())
            .field("options", &self.options.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PackOption {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PackOption").field("answer", &self.answer).finish_non_exhaustive()
    }
}

/// What a young person is about to be asked, or why it cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CheckInFormPage {
    /// The case.
    pub case: CaseId,
    /// Name of the scale.
    pub scale: String,
    /// The questions, in order; empty when the scale cannot be started.
    pub items: Vec<String>,
    /// The answers that can be chosen.
    pub options: Vec<PackOption>,
    /// The owners' notice or the source of the wording.
    pub notice: String,
    /// Key of a remark on the young person's age, if the scale was not made for it.
    pub age_remark: Option<String>,
    /// What is said before the questions; may be empty.
    pub introduction: String,
    /// Whether it can be started, and why not.
    pub start: Action,
    /// Whether the phone can be handed to the young person for it, and why not.
    pub hand_over: Action,
}

/// One check-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CheckInRow {
    /// The check-in.
    pub check_in: CheckInId,
    /// The day it was taken, year-month-day.
    pub taken_on: Option<String>,
    /// Questions answered.
    pub answered: u32,
    /// Questions asked.
    pub of: u32,
    /// Raw total; absent when a question was skipped or the scale has none.
    pub raw: Option<u32>,
    /// Metric score as an exact decimal; absent likewise.
    pub metric: Option<String>,
    /// Change from the first complete one, as an exact decimal.
    pub change: Option<String>,
    /// Who else was there.
    pub company: Vec<Company>,
    /// How it was answered.
    pub manner: Option<Manner>,
    /// Who recorded it.
    pub made: Made,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Series {
    /// What is measured.
    pub name: String,
    /// Lowest possible value, as an exact decimal.
    pub least: String,
    /// Highest possible value, as an exact decimal.
    pub most: String,
    /// Points in order of time. Incomplete check-ins leave a gap, never a zero.
    pub points: Vec<ChartPoint>,
}

/// One point of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ChartPoint {
    /// The day, year-month-day.
    pub taken_on: String,
    /// The value, as an exact decimal.
    pub value: String,
}

/// All check-ins of a case on one scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CheckInsPage {
    /// The case.
    pub case: CaseId,
    /// Where they are kept and who reads them.
    #[serde(flatten)]
    pub kept: Kept,
    /// Name of the scale.
    pub scale: String,
    /// One row each, oldest first.
    pub rows: Vec<CheckInRow>,
    /// The chart.
    pub series: Vec<Series>,
}

/// One scale that the organisation can use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ScaleRow {
    /// Name of the scale.
    pub scale: String,
    /// The pack in use, if the scale needs one.
    pub pack: Option<ScalePackId>,
    /// Language of its wording.
    pub language: String,
    /// Reference of the licence, or the source of open wording.
    pub licence_reference: String,
    /// Start of the pack's digest, by which two organisations compare wordings.
    pub digest: String,
    /// Whether it can be started, and why not.
    pub start: Action,
}

/// The scales and their packs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ScalesPage {
    /// One row a scale.
    pub scales: Vec<ScaleRow>,
    /// Adding a pack.
    pub actions: Vec<Action>,
}
