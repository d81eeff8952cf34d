//! What a young person is about to be asked, or why it cannot be asked.
//!
//! Remarks on an age and never bars it: the mentor decides.

use crate::contract::{CaseId, CheckInFormPage, PackOption, Problem, Thing};
use crate::domain::day;
use crate::domain::measure::ons4;
use crate::domain::measure::scale::{AgeFit, Scale, scale};
use crate::domain::rules::case as rules;
use crate::store::Read;

use super::pack::{Words, words};
use super::{View, action, no_such};

/// Words for the lowest and the highest answer, as the questions' own introduction has them.
const ONS4_ENDS: (&str, &str) = ("not at all", "completely");

/// Draws the form of a scale for the young person of a case.
pub(super) fn check_in_form(
    read: &Read<'_>,
    view: &View,
    case: CaseId,
    scale_name: &str,
) -> Result<CheckInFormPage, Problem> {
    let born = born_on(read, view, case)?;
    let scale = scale(scale_name).ok_or(no_such(Thing::Scale))?;
    let age = born.and_then(|born| age_years(born, view.today()));
    let words = words(read, scale)?;
    let (asker, facts) = (view.asker(read)?, read.case_facts(case, view.person())?);
    let start = action("record_check_in", rules::record_check_in(asker, &facts, words.are_here()));
    let hand_over = action("hand_over", rules::hand_over(asker, &facts, words.are_here()));
    let (items, options, notice, introduction) = match words {
        Words::Shipped => {
            let items = ons4::asked(age).iter().map(|item| item.question().to_owned()).collect();
            let introduction = ons4::introduction(age).to_owned();
            (items, ons4_options(scale), ons4::ATTRIBUTION.to_owned(), introduction)
        }
        Words::Pack { words, .. } => (words.items, words.options, words.notice, String::new()),
        Words::Missing => (Vec::new(), Vec::new(), String::new(), String::new()),
    };
    Ok(CheckInFormPage {
        case,
        scale: scale.id.as_str().to_owned(),
        items,
        options,
        notice,
        age_remark: age.and_then(|age| age_remark(scale, age)),
        introduction,
        start,
        hand_over,
    })
}

/// The day of birth of the young person of a case, if it is known.
pub(super) fn born_on(read: &Read<'_>, view: &View, case: CaseId) -> Result<Option<i32>, Problem> {
    let summary = read.case(case, view.week_ago_ms())?.ok_or(no_such(Thing::Case))?;
    let Some(young_person) = summary.young_person else {
        return Ok(None);
    };
    Ok(read.young_person(young_person)?.and_then(|one| one.born_on))
}

/// An age in whole years as scales count it.
pub(super) fn age_years(born: i32, on: i32) -> Option<u8> {
    day::age_on(born, on).and_then(|age| u8::try_from(age).ok())
}

/// Key of what to say of an age for which the scale was not made.
fn age_remark(scale: &Scale, age: u8) -> Option<String> {
    let below = match scale.age_fit(age) {
        AgeFit::Suited => return None,
        AgeFit::Young => scale.suited_from,
        AgeFit::FarTooYoung => scale.strong_flag_below.unwrap_or(scale.suited_from),
    };
    Some(format!("age.under_{below}"))
}

fn ons4_options(scale: &Scale) -> Vec<PackOption> {
    (scale.least..=scale.most)
        .map(|answer| {
            let end = match answer {
                _ if answer == scale.least => Some(ONS4_ENDS.0),
                _ if answer == scale.most => Some(ONS4_ENDS.1),
                _ => None,
            };
            let words = end.map_or_else(|| answer.to_string(), |end| format!("{answer} – {end}"));
            PackOption { answer, words }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::domain::measure::scale::{ScaleId, known};
    use crate::pages::fixture::House;

    fn drawn(house: &House, case: CaseId, scale: &str) -> CheckInFormPage {
        let ask = Ask::CheckInForm { case, scale: scale.to_owned() };
        let Page::CheckInForm(page) = house.draw(&ask) else { panic!() };
        page
    }

    #[test]
    fn a_licensed_scale_shows_no_question_without_its_pack() {
        let house = House::new();
        let file = house.open_case("Ash", Some("2011-02-03"));
        let page = drawn(&house, file.case_id(), "swemwbs");
        assert!(page.items.is_empty() && page.options.is_empty());
        assert_eq!(page.start.why_not.as_deref(), Some("scale.no_pack"));
        house.add_pack();
        let page = drawn(&house, file.case_id(), "swemwbs");
        assert_eq!((page.items.len(), page.options.len()), (7, 5));
        assert_eq!((page.notice.as_str(), page.start.why_not), ("© Made-up owner", None));
    }

    #[test]
    fn anxiety_is_asked_from_sixteen_and_of_nobody_whose_age_is_unknown() {
        let house = House::new();
        for (born, items) in [(Some("2011-02-03"), 3), (Some("2010-06-15"), 4), (None, 3)] {
            let file = house.open_case("Ash", born);
            let page = drawn(&house, file.case_id(), "ons4");
            assert_eq!(page.items.len(), items, "{born:?}");
            assert_eq!(page.options.len(), 11);
            assert_eq!(page.options[0].words, "0 – not at all");
            assert_eq!(page.options[5].words, "5");
            assert_eq!(page.start.why_not, None);
        }
    }

    #[test]
    fn an_age_the_scale_was_not_made_for_is_remarked_on() {
        let remark = |age| age_remark(known(ScaleId::Swemwbs), age);
        assert_eq!(remark(13), None);
        assert_eq!(remark(12).as_deref(), Some("age.under_13"));
        assert_eq!(remark(11).as_deref(), Some("age.under_13"));
        assert_eq!(remark(10).as_deref(), Some("age.under_11"));
        let house = House::new();
        let unknown = house.open_case("Ash", None);
        assert_eq!(drawn(&house, unknown.case_id(), "swemwbs").age_remark, None);
        let young = house.open_case("Birch", Some("2014-01-01"));
        assert_eq!(drawn(&house, young.case_id(), "swemwbs").age_remark.as_deref(), Some("age.under_13"));
    }

    #[test]
    fn an_unknown_scale_or_case_is_refused() {
        let house = House::new();
        let case = house.open_case("Ash", None).case_id();
        let problem = |case, scale: &str| house.problem(&Ask::CheckInForm { case, scale: scale.to_owned() });
        assert_eq!(problem(case, "phq9"), Problem::NoSuch { thing: Thing::Scale });
        assert_eq!(problem(CaseId([77; 16]), "ons4"), Problem::NoSuch { thing: Thing::Case });
    }
}
