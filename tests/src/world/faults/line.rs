//! What the line does: it breaks at any byte, delivers late, twice and in another order.
//!
//! The endpoint is honest here, and so is everybody else.

use crate::world::network::Weather;
use crate::world::{Held, World};

/// Connections break, at any byte, while people work.
pub(super) fn cut(world: &mut World) -> Held {
    world.weather(Weather { lost: 5, cut_request: 25, cut_reply: 25, late: 0, doubled: 0, crash: 0 });
    world.work(45)?;
    let happened = world.network.line().happened;
    world.struck += happened.cut_request + happened.cut_reply;
    while world.struck == 0 {
        let who = world.chance.below(world.phones.len());
        world.write(who)?;
        let at = world.chance.below(64);
        world.network.line().cut_next_reply_at = Some(at);
        world.exchange(who)?;
        world.struck += world.network.line().happened.cut_reply;
    }
    world.quiet()
}
