//! One phone becomes two: its home is copied, and both go on under one name.
//!
//! Neither loses a word, and no word stands twice.

use crate::world::phone::Phone;
use crate::world::template::copy;
use crate::world::{Held, World};

/// A backup of robin's phone is put onto a second one, and both write.
pub(super) fn second_phone(world: &mut World) -> Held {
    world.work(12)?;
    if world.chance.percent(50) {
        world.exchange(0)?;
    }
    world.phones[0].close();
    let home = world.place("second-phone");
    copy(&world.phones[0].home, &home);
    let role = world.phones[0].role;
    let mut twin = Phone::new("robin", role, &home, &world.time, &world.network, world.chance.bits());
    twin.person.clone_from(&world.phones[0].person);
    world.phones.push(twin);
    let twin = world.phones.len() - 1;
    same_readers(world, twin);
    for _ in 0..3 {
        for who in [0, twin] {
            world.type_words(who, 0)?;
            world.begin_note(who, 0)?;
        }
        world.strike("both write under one name");
        world.work(5)?;
        same_readers(world, twin);
        let first = if world.chance.percent(50) { 0 } else { twin };
        world.exchange(first)?;
    }
    world.settle_down()?;
    world.work(8)?;
    same_readers(world, twin);
    world.quiet()
}

/// Both phones are one person's.
fn same_readers(world: &mut World, twin: usize) {
    for case in &mut world.writing.cases {
        for set in [&mut case.readers, &mut case.perhaps] {
            if set.contains(&0) || set.contains(&twin) {
                set.extend([0, twin]);
            }
        }
    }
}
