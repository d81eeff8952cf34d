//! The devices of the organisation, those that were removed among them.
//!
//! Looks and changes nothing; who may remove a device is decided where it is done.

use crate::contract::{DeviceRow, DevicesPage, DrillRow, PersonId, Problem};
use crate::domain::day;
use crate::store::Read;

use super::View;

/// Within so many days of one drill of the recovery key the next one is held.
const DRILL_DAYS_MAX: i32 = 180;

/// Draws every device that ever joined.
pub(super) fn devices(read: &Read<'_>, view: &View) -> Result<DevicesPage, Problem> {
    let devices = read.devices()?;
    Ok(DevicesPage {
        devices: devices
            .into_iter()
            .map(|device| DeviceRow {
                device: device.device.to_string(),
                person: PersonId(device.person.0),
                name: device.name,
                role: device.role,
                is_me: device.device == view.me.device,
                removed: device.removed,
            })
            .collect(),
        drill: drill(read, view)?,
    })
}

fn drill(read: &Read<'_>, view: &View) -> Result<DrillRow, Problem> {
    let Some((on, opened, failed)) = read.last_drill()? else {
        return Ok(DrillRow { last_on: None, opened: 0, failed: 0, is_due: true });
    };
    let is_due = failed > 0 || view.today().saturating_sub(on) > DRILL_DAYS_MAX;
    Ok(DrillRow { last_on: Some(day::text_of(on)), opened, failed, is_due })
}

#[cfg(test)]
mod tests {
    use crate::contract::{Ask, Page, RecordId};
    use crate::domain::organisation;
    use crate::domain::value::Value;
    use crate::pages::fixture::House;

    #[test]
    fn every_device_is_listed_with_its_person_and_ours_is_marked() {
        let Page::Devices(page) = House::new().draw(&Ask::Devices {}) else { panic!() };
        let seen: Vec<_> =
            page.devices.iter().map(|row| (row.name.as_str(), row.is_me, row.removed)).collect();
        assert_eq!(seen, [("Robin", true, false), ("Wren", false, false)]);
    }

    #[test]
    fn r14_a_drill_is_due_before_the_first_half_a_year_after_the_last_and_when_one_failed() {
        let house = House::new();
        let drill = || match house.draw(&Ask::Devices {}) {
            Page::Devices(page) => page.drill,
            _ => panic!(),
        };
        assert!(drill().is_due && drill().last_on.is_none());
        let today = house.view.today();
        let card = RecordId(house.view.me.organisation.0);
        let put = |field, value| house.put_for_all(&organisation::KIND, card, field, value);
        put(&organisation::DRILLED_ON, Value::Day(today - 180));
        put(&organisation::DRILL_OPENED, Value::Whole(4));
        put(&organisation::DRILL_FAILED, Value::Whole(0));
        assert!(!drill().is_due && drill().opened == 4);
        put(&organisation::DRILLED_ON, Value::Day(today - 181));
        assert!(drill().is_due && drill().last_on.is_some());
        put(&organisation::DRILLED_ON, Value::Day(today));
        put(&organisation::DRILL_FAILED, Value::Whole(1));
        assert!(drill().is_due && drill().failed == 1);
    }
}
