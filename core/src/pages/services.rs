//! The directory of local services: those that fit an age, a district and a need.
//!
//! What a published text means is read from it each time; the age or place of no young person in particular is known.

use chrono::NaiveDate;

use crate::contract::{Problem, ServiceRow, ServicesPage};
use crate::domain::day;
use crate::domain::directory::ages::AGE_YEARS_MAX;
use crate::domain::directory::{AgeRange, Areas, District, Published, Service, Staleness, Tag};
use crate::domain::rules::organisation::import_services;
use crate::store::{Read, StoredService};

use super::{View, action, count};

/// Draws the services that fit. What a service did not state, or nobody could read, rules it out for no age and no
/// district; a tag it has to earn.
pub(super) fn services(
    read: &Read<'_>,
    view: &View,
    age: Option<u32>,
    district: Option<&str>,
    tag: Option<&str>,
) -> Result<ServicesPage, Problem> {
    let wanted = Wanted {
        age: age.map(age_years).transpose()?,
        district: district.map(|name| chosen("district", name, &District::ALL, District::key)).transpose()?,
        tag: tag.map(|name| chosen("tag", name, &Tag::ALL, Tag::key)).transpose()?,
    };
    let all = read.services()?;
    let of = count(all.len());
    let today = view.today();
    let services: Vec<ServiceRow> = all
        .into_iter()
        .map(|stored| (meaning(&stored), stored))
        .filter(|(meaning, _)| wanted.fits(meaning))
        .map(|(meaning, stored)| row(stored, &meaning, today))
        .collect();
    let stale = count(services.iter().filter(|row| row.stale).count());
    let actions = vec![action("import_services", import_services(view.asker(read)?))];
    Ok(ServicesPage { services, of, stale, actions })
}

/// What was asked for.
struct Wanted {
    age: Option<u8>,
    district: Option<District>,
    tag: Option<Tag>,
}

impl Wanted {
    fn fits(&self, meaning: &Meaning) -> bool {
        self.age.is_none_or(|age| meaning.ages.takes(age))
            && self.district.is_none_or(|district| meaning.areas.reach(district))
            && self.tag.is_none_or(|tag| meaning.tags.contains(&tag))
    }
}

/// What we read in a published service.
#[derive(Default)]
struct Meaning {
    ages: AgeRange,
    areas: Areas,
    tags: Vec<Tag>,
}

/// Reads a service that is kept. One that makes no sense to this version means nothing and is shown as published.
fn meaning(stored: &StoredService) -> Meaning {
    let checked_on = stored.checked_on.map(day::text_of).unwrap_or_default();
    let published = Published {
        name: &stored.name,
        offers: &stored.offers,
        ages: &stored.ages,
        areas: &stored.areas,
        contact: &stored.contact,
        checked_on: &checked_on,
    };
    match Service::read(published, NaiveDate::MAX) {
        Ok(reading) => Meaning {
            ages: reading.service.ages,
            areas: reading.service.areas,
            tags: reading.service.tags.into_iter().collect(),
        },
        Err(_) => Meaning::default(),
    }
}

fn row(stored: StoredService, meaning: &Meaning, today: i32) -> ServiceRow {
    let districts = meaning.areas.districts.iter();
    ServiceRow {
        service: stored.service,
        name: stored.name,
        offers: stored.offers,
        age_from: meaning.ages.from_years().map(u32::from),
        age_to: meaning.ages.to_years().map(u32::from),
        ages_as_published: stored.ages,
        districts: districts.map(|district| district.key().to_owned()).collect(),
        county_wide: meaning.areas.county_wide,
        areas_as_published: stored.areas,
        contact: stored.contact,
        tags: meaning.tags.iter().map(|tag| tag.key().to_owned()).collect(),
        checked_on: stored.checked_on.map(day::text_of).unwrap_or_default(),
        checked_days_ago: stored
            .checked_on
            .map_or(0, |checked_on| i64::from(today).saturating_sub(i64::from(checked_on))),
        stale: is_stale(stored.checked_on, today),
    }
}

/// Whether the last check is too long ago to rely on; a day that nobody knows is.
fn is_stale(checked_on: Option<i32>, today: i32) -> bool {
    match (checked_on.and_then(day::date_of), day::date_of(today)) {
        (Some(checked_on), Some(today)) => {
            matches!(crate::domain::directory::checked::staleness(checked_on, today), Staleness::Stale { .. })
        }
        _ => true,
    }
}

fn age_years(age: u32) -> Result<u8, Problem> {
    u8::try_from(age).ok().filter(|age| *age <= AGE_YEARS_MAX).ok_or(Problem::OutOfRange {
        field: "age".to_owned(),
        least: 0,
        most: i64::from(AGE_YEARS_MAX),
    })
}

/// The choice of a lasting name; the refusal lists those that exist.
fn chosen<T: Copy>(
    field: &str,
    name: &str,
    all: &[T],
    key: impl Fn(T) -> &'static str,
) -> Result<T, Problem> {
    all.iter().copied().find(|one| key(*one) == name).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| key(*one)).collect();
        Problem::Malformed { why: format!("{field} must be one of: {}", names.join(", ")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::pages::fixture::House;

    fn house() -> House {
        let house = House::new();
        house.service("Example Boxing", "Boxing", "10-17", "Dover", "2026-06-01");
        house.service("Another Club", "Music", "16+", "Kent", "2020-12-04");
        house.service("Quiet Help", "Counselling", "", "", "2026-06-01");
        house
    }

    fn drawn(house: &House, age: Option<u32>, district: Option<&str>, tag: Option<&str>) -> ServicesPage {
        let ask = Ask::Services { age, district: district.map(str::to_owned), tag: tag.map(str::to_owned) };
        let Page::Services(page) = house.draw(&ask) else { panic!() };
        page
    }

    fn names(page: &ServicesPage) -> Vec<&str> {
        page.services.iter().map(|row| row.name.as_str()).collect()
    }

    #[test]
    fn services_are_found_by_age_district_and_need() {
        let house = house();
        let all = drawn(&house, None, None, None);
        assert_eq!(names(&all), ["Another Club", "Example Boxing", "Quiet Help"]);
        assert_eq!((all.of, all.stale), (3, 1));
        assert_eq!(names(&drawn(&house, Some(15), None, None)), ["Example Boxing", "Quiet Help"]);
        assert_eq!(names(&drawn(&house, None, Some("swale"), None)), ["Another Club", "Quiet Help"]);
        let boxing = drawn(&house, None, None, Some("boxing"));
        assert_eq!(names(&boxing), ["Example Boxing"]);
        assert_eq!((boxing.of, boxing.stale), (3, 0));
        let row = &boxing.services[0];
        assert_eq!((row.age_from, row.age_to), (Some(10), Some(17)));
        assert_eq!((row.districts.as_slice(), row.county_wide), (&["dover".to_owned()][..], false));
        assert_eq!((row.checked_on.as_str(), row.checked_days_ago, row.stale), ("2026-06-01", 14, false));
    }

    #[test]
    fn a_service_that_no_longer_makes_sense_is_shown_as_published() {
        let house = House::new();
        house.service("Example Boxing", "Boxing", "for the young at heart", "Dover", "2026-06-01");
        let page = drawn(&house, Some(3), Some("swale"), None);
        let row = &page.services[0];
        assert_eq!((row.age_from, row.ages_as_published.as_str()), (None, "for the young at heart"));
        assert!(row.districts.is_empty() && row.tags.is_empty() && !row.county_wide);
        assert_eq!(row.areas_as_published, "Dover");
        assert!(drawn(&house, None, None, Some("boxing")).services.is_empty());
    }

    #[test]
    fn an_unknown_district_or_tag_is_refused_with_those_that_exist() {
        let house = House::new();
        let ask = Ask::Services { age: None, district: Some("Atlantis".to_owned()), tag: None };
        let Problem::Malformed { why } = house.problem(&ask) else { panic!() };
        assert!(why.starts_with("district must be one of: ashford, ") && !why.contains("Atlantis"));
        let ask = Ask::Services { age: None, district: None, tag: Some("x".to_owned()) };
        assert!(matches!(house.problem(&ask), Problem::Malformed { .. }));
        let ask = Ask::Services { age: Some(121), district: None, tag: None };
        assert!(matches!(house.problem(&ask), Problem::OutOfRange { most: 120, .. }));
    }

    #[test]
    fn a_check_on_a_day_that_nobody_knows_is_stale() {
        assert!(is_stale(None, 20_000));
        assert!(!is_stale(Some(20_001), 20_000));
    }
}
