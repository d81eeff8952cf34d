//! Every phone is lost: the key on paper brings everything back that the endpoint had acknowledged.
//!
//! What had not been sent went with the phones.

use fieldfare_core::app::{Fieldfare, Recovering};
use fieldfare_core::contract::{CaseId, StaffRole};

use crate::phone::cheap;
use crate::world::network::Weather;
use crate::world::phone::{Did, PIN, Phone};
use crate::world::template::ADDRESS;
use crate::world::{Held, Violation, World, demand};

/// Most tries to come back over a bad line and with failing power.
const TRIES_MAX: usize = 40;

/// All homes are gone; a new administrator's device comes back by the recovery key, and lets a supervisor in.
pub(super) fn every_phone_lost(world: &mut World) -> Held {
    for _ in 0..world.chance.between(1, 3) {
        world.work(10)?;
        // Several keys of one file: the newest alone does not read what was written first.
        let case = named(&world.writing.cases[0].id)?;
        world.open(2)?;
        let did = world.phones[2].with(None, |app| app.rotate(case));
        demand(matches!(did, Did::Done(())), || format!("the key could not be changed: {did:?}"))?;
    }
    world.work(6)?;
    world.settle_down()?;
    let acknowledged = world.writing.words.len();
    world.writing.cases_max = world.writing.cases.len();
    for _ in 0..6 {
        let who = world.chance.below(world.phones.len());
        world.write(who)?;
    }
    for word in &mut world.writing.words[acknowledged..] {
        word.sure = false;
    }
    for phone in &mut world.phones {
        phone.close();
        std::fs::remove_dir_all(&phone.home).map_err(|error| Violation(format!("a home: {error}")))?;
    }
    world.phones.clear();
    for case in &mut world.writing.cases {
        case.readers.clear();
        case.perhaps.clear();
    }
    world.strike("every phone is lost");
    come_back(world)?;
    everybody_reads(world);
    world.work(4)?;
    let invited = world.phones[0].with(None, |app| app.invite("dove", StaffRole::Supervisor));
    let Did::Done(invitation) = invited else {
        return Err(Violation(format!("nobody could be invited: {invited:?}")));
    };
    let mut dove = newcomer(world, "dove", StaffRole::Supervisor);
    let joined = dove.begin(None, |home, ports| Fieldfare::join(home, ports, PIN, cheap(), &invitation));
    demand(joined == Did::Done(()), || format!("nobody could join: {joined:?}"))?;
    world.phones.push(dove);
    everybody_reads(world);
    world.settle_down()?;
    world.work(8)?;
    world.quiet()
}

/// Recovers, as often as the line and the battery make it begin again.
fn come_back(world: &mut World) -> Held {
    let recovery_files = [world.template_place("recovery")];
    let mut phone = newcomer(world, "ada", StaffRole::Administrator);
    world.weather(Weather { lost: 8, cut_request: 8, cut_reply: 8, ..Weather::CLEAR });
    let recovering = Recovering { base_url: ADDRESS, recovery_files: &recovery_files };
    for _ in 0..TRIES_MAX {
        let fails_at = world.chance.percent(30).then(|| world.chance.below(24) as u32);
        // Whoever was let in already goes on from there.
        let opened = phone.open(None);
        let did = match &opened {
            Did::Done(()) => phone.with(fails_at, |app| app.open_files(&recovery_files).map(|_| ())),
            _ => phone
                .begin(fails_at, |home, ports| Fieldfare::recover(home, ports, PIN, cheap(), &recovering)),
        };
        world.tell(format!("coming back, {opened:?}: {did:?}"));
        if did == Did::Done(()) {
            world.weather(Weather::CLEAR);
            world.phones.push(phone);
            return Ok(());
        }
        let named = if let Did::Refused(problem) = &did {
            crate::world::phone::name_of(problem)
        } else {
            String::new()
        };
        let expected = did == Did::Cut || ["endpoint_unreachable", "store_exists"].contains(&named.as_str());
        demand(expected, || format!("nobody could come back: {did:?}"))?;
    }
    Err(Violation("nobody ever came back".to_owned()))
}

fn named(case: &str) -> Held<CaseId> {
    case.parse().map_err(|_| Violation("a case's name".to_owned()))
}

fn newcomer(world: &mut World, name: &str, role: StaffRole) -> Phone {
    let home = world.place(&format!("new-{name}"));
    let seed = world.chance.bits();
    Phone::new(name, role, &home, &world.time, &world.network, seed)
}

fn everybody_reads(world: &mut World) {
    let everybody = 0..world.phones.len();
    for case in &mut world.writing.cases {
        case.readers.extend(everybody.clone());
    }
}
