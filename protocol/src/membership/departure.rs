//! Devices that hand a case on: given no new key, and what they still write counts until their last word.
//!
//! Handing on is not removing. Only the organisation removes for cause, and then a cut says what counts.

use std::collections::{BTreeMap, BTreeSet};

use super::rotation::{self, Leaving, Removal, Removals};
use super::{LogRefusal, Organisation};
use crate::id::DeviceId;

/// A device that reads a file no longer and may still have work for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Number of the record since which it departs.
    pub number: u32,
    /// The newest epoch whose key it holds; what it writes under this or an older one counts.
    pub epoch: u32,
}

/// Who departs from a file.
pub type Departures = BTreeMap<DeviceId, Departure>;

/// The departure of a device under whatever name it was let in.
pub(super) fn of<'d>(
    departing: &'d Departures,
    device: DeviceId,
    organisation: &Organisation,
) -> Option<&'d Departure> {
    let mut names = organisation.names_of(device);
    names.find_map(|name| departing.get(&name))
}

/// Ends departures: for each device its last word in each lane. Every name of a device that departs has to be among them,
/// or what it wrote under that name would have no end.
pub(super) fn end(
    (departing, removed): (&mut Departures, &mut Removals),
    left: &[Leaving],
    number: u32,
    organisation: &Organisation,
) -> Result<(), LogRefusal> {
    let named: BTreeSet<DeviceId> = left.iter().map(|left| left.device).collect();
    let lines: BTreeSet<DeviceId> = left.iter().flat_map(|left| organisation.line_of(left.device)).collect();
    let whole = departing.keys().all(|device| !lines.contains(device) || named.contains(device));
    let departs = |left: &Leaving| of(departing, left.device, organisation).is_some();
    let sound = left.iter().all(|left| departs(left) && rotation::is_sound(&left.cut));
    if left.is_empty() || named.len() != left.len() || !whole || !sound {
        return Err(LogRefusal::NotAllowed);
    }
    for Leaving { device, cut } in left {
        let epoch = of(departing, *device, organisation).map(|departure| departure.epoch);
        removed.insert(*device, Removal { number, cut: cut.clone(), may_return: true, departed: epoch });
    }
    departing.retain(|device, _| !named.contains(device));
    Ok(())
}
