//! Changes of what a member of staff does: who did what when, and who reads less than before.
//!
//! Older records are judged by the role that their author had then, so that a log verifies alike for ever.

use std::collections::BTreeSet;

use super::{LogRefusal, Organisation, Role};
use crate::id::{DeviceId, PersonId};

/// What a device's person did until a record of the organisation's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleBefore {
    /// Number of the record that changed it.
    pub number: u32,
    /// The role until then.
    pub role: Role,
}

impl Role {
    /// Whether the role alone lets somebody read the files of cases and decide who reads them.
    #[must_use]
    pub const fn coordinates(self) -> bool {
        match self {
            Self::Supervisor | Self::Safeguarding => true,
            Self::Mentor | Self::Administrator => false,
        }
    }
}

impl Organisation {
    /// What a device's person did when the log had so many records; `None` for a device that nobody knows.
    #[must_use]
    pub fn role_at(&self, device: DeviceId, records: u32) -> Option<Role> {
        let changes = self.role_changes.get(&device);
        let next = changes.and_then(|changes| changes.iter().find(|change| change.number >= records));
        next.map(|change| change.role).or_else(|| self.devices.get(&device).map(|card| card.role))
    }

    /// Whether a device's person had once read files for their role and did not any more when the log had so many records.
    #[must_use]
    pub fn stepped_down(&self, device: DeviceId, records: u32) -> bool {
        let changes = self.role_changes.get(&device).into_iter().flatten();
        let coordinated =
            changes.filter(|change| change.number < records).any(|change| change.role.coordinates());
        coordinated && self.role_at(device, records).is_some_and(|role| !role.coordinates())
    }

    /// Gives a person another role, on every device that they have. Who is invited as that person is invited no more, and
    /// an administrator stays.
    pub(super) fn change_role(
        &mut self,
        person: PersonId,
        role: Role,
        devices: &[DeviceId],
    ) -> Result<(), LogRefusal> {
        let theirs: BTreeSet<DeviceId> =
            self.present().filter(|card| card.person == person).map(|card| card.device).collect();
        let named: BTreeSet<DeviceId> = devices.iter().copied().collect();
        let changes =
            theirs.iter().any(|device| self.devices.get(device).is_some_and(|card| card.role != role));
        let administers = |device: &DeviceId, is: Role| is == Role::Administrator && !theirs.contains(device);
        let stays =
            role == Role::Administrator || self.present().any(|card| administers(&card.device, card.role));
        if named.len() != devices.len() || named != theirs || !changes || !stays {
            return Err(LogRefusal::NotAllowed);
        }
        let number = self.next_number;
        for device in theirs {
            if let Some(card) = self.devices.get_mut(&device) {
                let before = RoleBefore { number, role: card.role };
                card.role = role;
                self.role_changes.entry(device).or_default().push(before);
            }
        }
        self.invitations.retain(|_, open| open.person != person);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::rotation::tests::house;
    use super::*;

    const fn id(seed: u8) -> DeviceId {
        DeviceId([seed; 16])
    }

    const fn person(seed: u8) -> PersonId {
        PersonId([seed; 16])
    }

    #[test]
    fn what_somebody_did_when_stays_known() {
        let mut house = house(4);
        let begun = house.next_number;
        house.change_role(person(3), Role::Supervisor, &[id(3)]).unwrap();
        house.next_number += 1;
        house.change_role(person(3), Role::Mentor, &[id(3)]).unwrap();
        house.next_number += 1;
        let roles: Vec<_> = (begun..=begun + 2).map(|records| house.role_at(id(3), records)).collect();
        assert_eq!(roles, [Some(Role::Mentor), Some(Role::Supervisor), Some(Role::Mentor)]);
        let down: Vec<_> = (begun..=begun + 2).map(|records| house.stepped_down(id(3), records)).collect();
        assert_eq!(down, [false, false, true]);
        assert!(!house.stepped_down(id(4), begun + 2));
        assert_eq!(house.role_at(id(77), begun), None);
    }

    #[test]
    fn a_change_names_every_device_changes_something_and_leaves_an_administrator() {
        let mut house = house(4);
        let refused = |house: &mut Organisation, who: u8, role, devices: &[DeviceId]| {
            assert_eq!(house.change_role(person(who), role, devices), Err(LogRefusal::NotAllowed));
        };
        refused(&mut house, 1, Role::Mentor, &[id(1)]);
        refused(&mut house, 3, Role::Mentor, &[id(3)]);
        refused(&mut house, 3, Role::Supervisor, &[]);
        refused(&mut house, 3, Role::Supervisor, &[id(3), id(3)]);
        refused(&mut house, 3, Role::Supervisor, &[id(3), id(4)]);
        refused(&mut house, 9, Role::Supervisor, &[]);
        assert!(house.role_changes.is_empty());
        house.change_role(person(3), Role::Administrator, &[id(3)]).unwrap();
        house.change_role(person(1), Role::Mentor, &[id(1)]).unwrap();
    }
}
