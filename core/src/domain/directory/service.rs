//! One local service: what was published about it, and what we read in that (G01, G05).
//!
//! It does not know which table it came from, which young person is helped, or what day it is.

use super::ages::{AgeRange, AgeRefusal};
use super::areas::{Areas, PlaceNote};
use super::checked::{self, DateForm, DateRefusal, Staleness};
use super::district::District;
use super::tags::{self, Tag};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::fmt;

/// Longest name, in characters. Our own choice; the longest published one has 56.
pub const NAME_CHARS_MAX: usize = 200;

/// Longest offer, ages, areas or contact, in characters. Our own choice, and no more than the shared record keeps; the
/// longest published one has 68.
pub const TEXT_CHARS_MAX: usize = 500;

/// A service as published: six texts, untouched.
#[derive(Clone, Copy)]
pub struct Published<'a> {
    /// What it calls itself.
    pub name: &'a str,
    /// What it offers.
    pub offers: &'a str,
    /// Whom it takes, in words [`AgeRange::read`] understands.
    pub ages: &'a str,
    /// Where it works, for [`Areas::read`].
    pub areas: &'a str,
    /// How to reach it.
    pub contact: &'a str,
    /// When that was last confirmed, for [`checked::read`].
    pub checked_on: &'a str,
}

/// A service of the directory. Texts have no space around them and are otherwise as published.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    /// What it calls itself; never empty.
    pub name: String,
    /// What it offers; may be empty.
    pub offers: String,
    /// The ages it takes.
    pub ages: AgeRange,
    /// The words those were read from; may be empty.
    pub ages_as_published: String,
    /// Where it works.
    pub areas: Areas,
    /// The words those were read from; may be empty.
    pub areas_as_published: String,
    /// How to reach it; may be empty. Never interpreted, because it may name a person.
    pub contact_as_published: String,
    /// The day on which somebody last confirmed all this.
    pub checked_on: NaiveDate,
    /// The needs its name and offer speak of.
    pub tags: BTreeSet<Tag>,
}

/// A service that was read, with what a person should check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The service.
    pub service: Service,
    /// What to check about its places, in the order of the text.
    pub place_notes: Vec<PlaceNote>,
    /// How its date was written.
    pub date_form: DateForm,
}

/// Why a published service was not accepted. Never holds its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// There is no name to call it by.
    #[error("there is no name")]
    NoName,
    /// A text is longer than we keep.
    #[error("{field} is longer than {chars_max} characters")]
    TooLong {
        /// Which text, as the table's column is called.
        field: &'static str,
        /// Its limit, in characters.
        chars_max: usize,
    },
    /// The ages make no sense.
    #[error(transparent)]
    Ages(#[from] AgeRefusal),
    /// The day of the check makes no sense.
    #[error(transparent)]
    Date(#[from] DateRefusal),
}

impl Service {
    /// Reads a published service; `today` is the latest day on which it can have been checked.
    ///
    /// Read one that is already kept with [`NaiveDate::MAX`]: a phone whose clock is behind must not lose it.
    /// A text that begins like a formula ("=", "+", "-", "@") is text like any other and kept as it is: whoever writes
    /// a spreadsheet must guard it there.
    pub fn read(published: Published<'_>, today: NaiveDate) -> Result<Reading, ServiceRefusal> {
        let name = within(published.name, "name", NAME_CHARS_MAX)?;
        if name.is_empty() {
            return Err(ServiceRefusal::NoName);
        }
        let offers = within(published.offers, "offers", TEXT_CHARS_MAX)?;
        let ages_as_published = within(published.ages, "ages_as_published", TEXT_CHARS_MAX)?;
        let areas_as_published = within(published.areas, "areas_as_published", TEXT_CHARS_MAX)?;
        let contact_as_published = within(published.contact, "contact_as_published", TEXT_CHARS_MAX)?;
        let checked_on = within(published.checked_on, "checked_on", TEXT_CHARS_MAX)?;

        let ages = AgeRange::read(ages_as_published)?;
        let (checked_on, date_form) = checked::read(checked_on, today)?;
        let (areas, place_notes) = Areas::read(areas_as_published);
        let service = Self {
            name: name.to_owned(),
            offers: offers.to_owned(),
            ages,
            ages_as_published: ages_as_published.to_owned(),
            areas,
            areas_as_published: areas_as_published.to_owned(),
            contact_as_published: contact_as_published.to_owned(),
            checked_on,
            tags: tags::tags(name, offers),
        };
        Ok(Reading { service, place_notes, date_form })
    }

    /// Whether it may serve somebody of this age, in whole years, in this district.
    ///
    /// What was not stated or not understood rules nobody out (G05); `ages.stated()` and `areas.placed()` tell.
    pub fn serves(&self, age_years: u8, district: District) -> bool {
        self.ages.takes(age_years) && self.areas.reach(district)
    }

    /// How old the last check is on a day.
    pub fn stale(&self, on: NaiveDate) -> Staleness {
        checked::staleness(self.checked_on, on)
    }
}

fn within<'a>(text: &'a str, field: &'static str, chars_max: usize) -> Result<&'a str, ServiceRefusal> {
    let text = text.trim();
    if text.chars().nth(chars_max).is_some() {
        return Err(ServiceRefusal::TooLong { field, chars_max });
    }
    Ok(text)
}

impl fmt::Debug for Service {
    /// Says what was read, not what was written: a contact may be a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("ages", &self.ages)
            .field("areas", &self.areas)
            .field("checked_on", &self.checked_on)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOXING: Published<'_> = Published {
        name: " Example Boxing ",
        offers: "Boxing and mentoring",
        ages: "10-17",
        areas: "Folkstone",
        contact: "generic address",
        checked_on: "2020-12-04",
    };

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2021, 1, 1).unwrap()
    }

    #[test]
    fn what_was_published_stays_beside_what_was_read() {
        let Reading { service, place_notes, date_form } = Service::read(BOXING, today()).unwrap();
        assert_eq!(service.name, "Example Boxing");
        assert_eq!(service.ages_as_published, "10-17");
        assert_eq!(service.areas_as_published, "Folkstone");
        assert_eq!(service.contact_as_published, "generic address");
        assert_eq!(service.tags, BTreeSet::from([Tag::Mentoring, Tag::Boxing, Tag::Sport]));
        assert_eq!(service.checked_on, NaiveDate::from_ymd_opt(2020, 12, 4).unwrap());
        assert_eq!(date_form, DateForm::YearFirst);
        assert_eq!(place_notes.len(), 1);
    }

    #[test]
    fn a_service_serves_an_age_and_a_district_together() {
        let service = Service::read(BOXING, today()).unwrap().service;
        assert!(service.serves(10, District::FolkestoneAndHythe));
        assert!(!service.serves(9, District::FolkestoneAndHythe));
        assert!(!service.serves(10, District::Dover));
    }

    #[test]
    fn what_was_not_stated_rules_nobody_out() {
        let silent = Published { ages: "", areas: "", contact: "", offers: "", ..BOXING };
        let service = Service::read(silent, today()).unwrap().service;
        assert!(District::ALL.into_iter().all(|district| service.serves(3, district)));
        assert!(!service.ages.stated() && !service.areas.stated());
    }

    #[test]
    fn a_service_grows_stale_half_a_year_after_its_check() {
        let service = Service::read(BOXING, today()).unwrap().service;
        assert_eq!(service.stale(today()), Staleness::Fresh);
        assert_eq!(
            service.stale(NaiveDate::from_ymd_opt(2021, 12, 4).unwrap()),
            Staleness::Stale { days: 365 }
        );
    }

    #[test]
    fn a_service_without_a_name_sensible_ages_or_a_date_is_refused() {
        let refusal = |published| Service::read(published, today()).unwrap_err();
        assert_eq!(refusal(Published { name: " ", ..BOXING }), ServiceRefusal::NoName);
        assert_eq!(
            refusal(Published { ages: "some", ..BOXING }),
            ServiceRefusal::Ages(AgeRefusal::NotUnderstood)
        );
        assert_eq!(
            refusal(Published { checked_on: "", ..BOXING }),
            ServiceRefusal::Date(DateRefusal::Missing)
        );
    }

    #[test]
    fn a_text_at_its_limit_is_kept_and_one_beyond_it_refused() {
        let at_limit = "é".repeat(NAME_CHARS_MAX);
        assert!(Service::read(Published { name: &at_limit, ..BOXING }, today()).is_ok());
        let beyond = "é".repeat(TEXT_CHARS_MAX + 1);
        assert_eq!(
            Service::read(Published { contact: &beyond, ..BOXING }, today()),
            Err(ServiceRefusal::TooLong { field: "contact_as_published", chars_max: TEXT_CHARS_MAX })
        );
    }

    #[test]
    fn a_contact_stays_out_of_debug() {
        let reading = Service::read(BOXING, today()).unwrap();
        assert!(!format!("{reading:?}").contains("generic address"));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(texts in proptest::array::uniform6(any::<String>()), age in any::<u8>()) {
            let [name, offers, ages, areas, contact, checked_on] = &texts;
            let wild = Published { name, offers, ages, areas, contact, checked_on };
            let _ = Service::read(wild, today());
            let dated = Published { ages: "", checked_on: "2020-12-04", ..wild };
            if let Ok(reading) = Service::read(dated, today()) {
                let _ = reading.service.serves(age, District::Dover);
            }
        }
    }
}
