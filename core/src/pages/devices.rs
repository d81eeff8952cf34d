//! The devices of the organisation, those that were removed among them.
//!
//! Looks and changes nothing; who may remove a device is decided where it is done.

use crate::contract::{DeviceRow, DevicesPage, PersonId, Problem};
use crate::store::Read;

use super::View;

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
    })
}

#[cfg(test)]
mod tests {
    use crate::contract::{Ask, Page};
    use crate::pages::fixture::House;

    #[test]
    fn every_device_is_listed_with_its_person_and_ours_is_marked() {
        let Page::Devices(page) = House::new().draw(&Ask::Devices {}) else { panic!() };
        let seen: Vec<_> =
            page.devices.iter().map(|row| (row.name.as_str(), row.is_me, row.removed)).collect();
        assert_eq!(seen, [("Robin", true, false), ("Wren", false, false)]);
    }
}
