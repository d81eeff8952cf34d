//! The power fails: of a phone in the middle of anything, and of the endpoint in the middle of a call.
//!
//! Whatever somebody was told stands; the rest stands whole or not at all.

use crate::world::network::Weather;
use crate::world::phone::Did;
use crate::world::{Held, World};

/// Power fails right before and right after whatever becomes durable.
pub(super) fn fails(world: &mut World) -> Held {
    world.weather(Weather { crash: 25, ..Weather::CLEAR });
    world.power_cuts = 25;
    world.work(45)?;
    world.power_cuts = 100;
    for who in 0..world.phones.len() {
        if world.exchange(who)? == Did::Cut {
            world.strike("power failed in an exchange");
        }
    }
    world.struck += world.network.line().happened.crash;
    world.quiet()
}
