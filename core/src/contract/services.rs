//! The directory of local services as a shell shows it.
//!
//! Every entry says when it was last checked: a directory is a starting point, never advice.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Action, ServiceId};

/// One local service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ServiceRow {
    /// The service.
    pub service: ServiceId,
    /// Its name.
    pub name: String,
    /// What it offers.
    pub offers: String,
    /// Youngest age it takes, if it says.
    pub age_from: Option<u32>,
    /// Oldest age it takes, if it says.
    pub age_to: Option<u32>,
    /// The ages as they were published.
    pub ages_as_published: String,
    /// Districts it covers, by their lasting names.
    pub districts: Vec<String>,
    /// Whether it covers the whole county.
    pub county_wide: bool,
    /// The area as it was published.
    pub areas_as_published: String,
    /// Whom to ask, as published.
    pub contact: String,
    /// What it is about.
    pub tags: Vec<String>,
    /// The day it was last checked, year-month-day.
    pub checked_on: String,
    /// Days since then.
    pub checked_days_ago: i64,
    /// Whether that is too long ago to rely on.
    pub stale: bool,
}

/// The services that fit what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ServicesPage {
    /// In order of name.
    pub services: Vec<ServiceRow>,
    /// How many there are in all.
    pub of: u32,
    /// How many of those shown are stale.
    pub stale: u32,
    /// What can be done.
    pub actions: Vec<Action>,
}
