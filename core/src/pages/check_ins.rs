//! All check-ins of a case on one scale, as rows and as a chart.
//!
//! What the answers come to is the measure's to say; whether a change matters is nobody's here.

use crate::contract::{CaseId, CheckInRow, CheckInsPage, Company, Problem, RecordId, Thing};
use crate::domain::check_in::COMPANY;
use crate::domain::day;
use crate::domain::measure::scale::scale;
use crate::store::Read;

use super::check_in_form::{age_years, born_on};
use super::kept::Keeping;
use super::score::{Taken, scored, series};
use super::standing::texts;
use super::{View, no_such};

/// Draws the check-ins of a case on one scale, oldest first.
pub(super) fn check_ins(
    read: &Read<'_>,
    view: &View,
    case: CaseId,
    scale_name: &str,
) -> Result<CheckInsPage, Problem> {
    let born = born_on(read, view, case)?;
    let scale = scale(scale_name).ok_or(no_such(Thing::Scale))?;
    let stored = read.check_ins_of(case, scale.id.as_str())?;
    let age_on = |day: Option<i32>| age_years(born?, day?);
    let all: Vec<Taken> = stored
        .iter()
        .map(|one| Taken { answers: one.answers.clone(), taken_on: one.taken_on, age: age_on(one.taken_on) })
        .collect();
    let scores = scored(scale, &all);
    let mut rows = Vec::with_capacity(stored.len());
    for (one, score) in stored.into_iter().zip(&scores) {
        rows.push(CheckInRow {
            company: company(read, RecordId::from(one.check_in))?,
            check_in: one.check_in,
            taken_on: one.taken_on.map(day::text_of),
            answered: score.answered,
            of: score.of,
            raw: score.raw,
            metric: score.metric.map(|metric| metric.to_string()),
            change: score.change.map(|change| change.to_string()),
            manner: one.manner,
            made: one.made,
        });
    }
    let file = read.vault_of_case(case)?;
    Ok(CheckInsPage {
        case,
        kept: file.map(|file| Keeping::default().of(read, file)).transpose()?.unwrap_or_default(),
        scale: scale.id.as_str().to_owned(),
        rows,
        series: series(scale, &all, &scores, age_on(Some(view.today()))),
    })
}

fn company(read: &Read<'_>, record: RecordId) -> Result<Vec<Company>, Problem> {
    let names = texts(read, record, &COMPANY)?;
    let mut company: Vec<Company> = names.iter().filter_map(|name| Company::from_name(name)).collect();
    company.sort();
    Ok(company)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::domain::check_in as fields;
    use crate::pages::fixture::House;

    fn drawn(house: &House, case: CaseId, scale: &str) -> CheckInsPage {
        let ask = Ask::CheckIns { case, scale: scale.to_owned() };
        let Page::CheckIns(page) = house.draw(&ask) else { panic!() };
        page
    }

    #[test]
    fn check_ins_stand_in_the_order_of_their_days_with_who_was_there() {
        let house = House::new();
        let file = house.open_case("Ash", Some("2011-02-03"));
        let second = house.check_in(&file, "swemwbs", &[Some(3); 7], "2026-06-01");
        house.check_in(&file, "swemwbs", &[Some(2); 7], "2026-03-01");
        house.add(&file, &fields::KIND, second, &fields::COMPANY, "peer");
        house.add(&file, &fields::KIND, second, &fields::COMPANY, "mentor");
        let page = drawn(&house, file.case_id(), "swemwbs");
        assert_eq!(page.rows[0].taken_on.as_deref(), Some("2026-03-01"));
        assert_eq!((page.rows[0].raw, page.rows[0].change.as_deref()), (Some(14), None));
        assert_eq!(page.rows[1].metric.as_deref(), Some("19.25"));
        assert_eq!(page.rows[1].change.as_deref(), Some("3.93"));
        assert_eq!(page.rows[1].company, [Company::Mentor, Company::Peer]);
        assert_eq!(page.series[0].points.len(), 2);
        assert!(drawn(&house, file.case_id(), "ons4").rows.is_empty());
    }

    #[test]
    fn somebody_who_turned_sixteen_meanwhile_has_a_gap_in_the_line_of_anxiety() {
        let house = House::new();
        let file = house.open_case("Ash", Some("2010-04-01"));
        house.check_in(&file, "ons4", &[Some(7), Some(6), Some(5), None], "2026-03-01");
        house.check_in(&file, "ons4", &[Some(7), None, Some(5), Some(2)], "2026-05-01");
        let page = drawn(&house, file.case_id(), "ons4");
        let seen: Vec<_> = page.rows.iter().map(|row| (row.answered, row.of)).collect();
        assert_eq!(seen, [(3, 3), (3, 4)]);
        let points: Vec<_> = page.series.iter().map(|line| line.points.len()).collect();
        assert_eq!(points, [2, 1, 2, 1]);
    }

    #[test]
    fn an_unknown_scale_or_case_is_refused() {
        let house = House::new();
        let case = house.open_case("Ash", None).case_id();
        let problem = |case, scale: &str| house.problem(&Ask::CheckIns { case, scale: scale.to_owned() });
        assert_eq!(problem(case, "SWEMWBS"), Problem::NoSuch { thing: Thing::Scale });
        assert_eq!(problem(CaseId([77; 16]), "swemwbs"), Problem::NoSuch { thing: Thing::Case });
    }
}
