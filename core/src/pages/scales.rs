//! The scales that this version knows, and whose words each of them speaks.
//!
//! Lists; whether a pack is accepted is decided when it is added.

use crate::contract::{Problem, ScaleRow, ScalesPage};
use crate::domain::measure::ons4;
use crate::domain::measure::scale::{Scale, ScaleId, known};
use crate::domain::rules::case::{CaseFacts, record_check_in};
use crate::domain::rules::organisation::add_scale_pack;
use crate::store::Read;

use super::pack::{Words, words};
use super::{View, action};

/// Digits of a pack's digest that are shown: enough to compare over the telephone.
const DIGEST_DIGITS: usize = 16;
/// Language of the wording that ships.
const SHIPPED_LANGUAGE: &str = "en-GB";

/// Draws the scales and their packs.
pub(super) fn scales(read: &Read<'_>, view: &View) -> Result<ScalesPage, Problem> {
    Ok(ScalesPage {
        scales: [ScaleId::Swemwbs, ScaleId::Ons4]
            .into_iter()
            .map(|id| scale_row(read, view, known(id)))
            .collect::<Result<_, _>>()?,
        actions: vec![action("add_scale_pack", add_scale_pack(view.asker(read)?))],
    })
}

fn scale_row(read: &Read<'_>, view: &View, scale: &Scale) -> Result<ScaleRow, Problem> {
    let words = words(read, scale)?;
    // Whose case it is for is not known here; the form of the questions says what bars in a case.
    let nobodys = CaseFacts::default();
    let start = action("record_check_in", record_check_in(view.asker(read)?, &nobodys, words.are_here()));
    let (pack, language, licence_reference, digest) = match words {
        Words::Shipped => (None, SHIPPED_LANGUAGE.to_owned(), ons4::ATTRIBUTION.to_owned(), String::new()),
        Words::Pack { pack, digest, words } => {
            let digest = digest.chars().take(DIGEST_DIGITS).collect();
            (Some(pack), words.language, words.licence_reference, digest)
        }
        Words::Missing => (None, String::new(), String::new(), String::new()),
    };
    Ok(ScaleRow { scale: scale.id.as_str().to_owned(), pack, language, licence_reference, digest, start })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Action, Ask, Page, StaffRole};
    use crate::pages::fixture::House;

    fn drawn(house: &House) -> ScalesPage {
        let Page::Scales(page) = house.draw(&Ask::Scales {}) else { panic!() };
        page
    }

    #[test]
    fn a_licensed_scale_starts_with_its_pack_only() {
        let house = House::new();
        let [swemwbs, ons4] = drawn(&house).scales.try_into().unwrap();
        assert_eq!(swemwbs.start, Action::unless("record_check_in", Some("scale.no_pack")));
        assert_eq!((ons4.start, ons4.pack), (Action::allowed("record_check_in"), None));
        assert!(ons4.licence_reference.contains("Open Government Licence"));
        let pack = house.add_pack();
        let swemwbs = drawn(&house).scales.remove(0);
        assert_eq!(swemwbs.pack, Some(pack.into()));
        assert_eq!((swemwbs.language.as_str(), swemwbs.digest.as_str()), ("en-GB", "ab".repeat(8).as_str()));
        assert_eq!(swemwbs.start, Action::allowed("record_check_in"));
    }

    #[test]
    fn packs_are_added_by_administrators() {
        let mut house = House::new();
        assert_eq!(
            drawn(&house).actions,
            [Action::unless("add_scale_pack", Some("role.administrator_only"))]
        );
        house.view.role = StaffRole::Administrator;
        assert_eq!(drawn(&house).actions, [Action::allowed("add_scale_pack")]);
    }
}
