//! Endpoints that forget, were put back, are empty or somebody else's, or tell two stories.
//!
//! Nothing on a phone is deleted for it, and whatever an endpoint lacks is uploaded again.

use serde_json::json;

use fieldfare_core::contract::Problem;

use crate::world::machine::Around;
use crate::world::phone::{Did, Phone};
use crate::world::post::Post;
use crate::world::template::copy;
use crate::world::{Held, World, demand};

/// The endpoint is put back from a backup, and says so or does not.
pub(super) fn restored(world: &mut World) -> Held {
    world.work(15)?;
    let backup = world.place("backup");
    {
        let mut line = world.network.line();
        line.post.close();
        copy(line.post.data(), &backup);
    }
    let before = world.writing.words.len();
    for _ in 0..6 {
        world.work(5)?;
        world.exchange_all()?;
    }
    let restored = world.place("restored");
    copy(&backup, &restored);
    let says_so = world.chance.percent(60);
    {
        let mut line = world.network.line();
        line.post.move_to(&restored);
        if says_so {
            line.post.mark_restored();
        }
    }
    // Whose phone is gone has written what only the colleagues can bring back.
    if world.chance.percent(70) {
        world.phones[0].close();
        world.leftovers.behind = vec![0];
    }
    let lacks = world.writing.words.len() - before;
    if lacks > 0 {
        world.strike(format!("the endpoint was put back, says so {says_so}, and lacks {lacks} words"));
    }
    for _ in 0..12 {
        let here = world.level_ones();
        let who = here[world.chance.below(here.len())];
        world.write(who)?;
        if world.chance.percent(25) {
            world.exchange(who)?;
        }
    }
    world.quiet()?;
    everything_is_at_the_endpoint(world)
}

/// A phone that has nothing yet is given everything by the endpoint alone.
fn everything_is_at_the_endpoint(world: &mut World) -> Held {
    let stranger = fresh_supervisor(world);
    world.phones.push(stranger);
    let who = world.phones.len() - 1;
    for case in &mut world.writing.cases {
        case.readers.insert(who);
    }
    world.quiet()
}

/// A supervisor's phone that has been off since the organisation began.
fn fresh_supervisor(world: &World) -> Phone {
    let name = "dove";
    let home = world.place(name);
    copy(&world.template_place(name), &home);
    let role = fieldfare_core::contract::StaffRole::Supervisor;
    Phone::new(name, role, &home, &world.time, &world.network, 0xD0_4E)
}

/// The endpoint is empty, or keeps another organisation.
pub(super) fn foreign(world: &mut World) -> Held {
    world.work(12)?;
    let own = world.network.line().post.data().to_owned();
    let empty = world.chance.percent(50);
    let elsewhere = world.place("elsewhere");
    if !empty {
        copy(&world.template_place("foreign"), &elsewhere);
    }
    world.network.line().post.move_to(&elsewhere);
    world.leftovers.problems = vec!["endpoint_foreign"];
    for _ in 0..3 {
        for who in 0..world.phones.len() {
            world.open(who)?;
            let before = world.phones[who].digests();
            let did = world.exchange(who)?;
            let is_told = did == Did::Refused(Problem::EndpointForeign);
            world.strike(format!("a foreign endpoint, empty {empty}: {did:?}"));
            demand(is_told, || format!("a foreign endpoint was not told apart: {did:?}"))?;
            demand(before == world.phones[who].digests(), || {
                "a foreign endpoint changed a phone".to_owned()
            })?;
        }
        world.work(4)?;
    }
    world.network.line().post.move_to(&own);
    world.leftovers.problems.clear();
    world.quiet()
}

/// Two endpoints tell two stories, and a copied phone lives in both.
pub(super) fn two_stories(world: &mut World) -> Held {
    // robin and wren are led to one endpoint, sandy and a copy of wren to another that was the same until now.
    world.settle_down()?;
    for who in 0..world.phones.len() {
        world.phones[who].close();
    }
    let copied = world.place("copied");
    copy(&world.phones[1].home, &copied);
    let mut twin = Phone::new("wren", world.phones[1].role, &copied, &world.time, &world.network, 0x7713);
    twin.person.clone_from(&world.phones[1].person);
    world.phones.push(twin);
    let twin = world.phones.len() - 1;
    let data = world.place("second");
    let second = {
        let mut line = world.network.line();
        line.post.close();
        copy(line.post.data(), &data);
        Post::new(&data, Around::new(world.time.clone(), 0x2E4D))
    };
    let (sandy, wren, robin) = (2, 1, 0);
    let tags: Vec<String> = [sandy].iter().map(|who| world.device(*who)).collect::<Held<_>>()?;
    let of_wren = world.device(wren)?;
    world.network.line().other = Some((second, tags.into_iter().collect()));
    world.begin_note(wren, 0)?;
    world.exchange(wren)?;
    world.lead(&of_wren, true);
    world.time.pass(60_000);
    world.begin_note(twin, 0)?;
    world.exchange(twin)?;
    world.lead(&of_wren, false);
    world.strike("one phone wrote two histories");
    // robin has seen the one, sandy the other.
    world.exchange(sandy)?;
    world.exchange(robin)?;
    world.begin_note(robin, 0)?;
    world.exchange(robin)?;
    let of_robin = world.device(robin)?;
    world.lead(&of_robin, true);
    // Another case, of which nobody has told two stories, goes on.
    world.open_case(robin)?;
    for _ in 0..3 {
        world.begin_note(robin, 0)?;
        world.exchange(robin)?;
        world.exchange(sandy)?;
    }
    let page = world.page(sandy, json!({"page": "exchange"}))?;
    let waits = world.reasons(sandy, "waiting")?.iter().any(|why| why == "waits.two_histories");
    let alarmed = page["two_histories"] != 0 || !crate::world::writing::items(&page["alarms"]).is_empty();
    demand(waits || alarmed, || format!("nobody was told of two histories: {page}"))?;
    let case = world.writing.cases.len() - 1;
    demand(case > 0, || "no other case was opened".to_owned())?;
    let id = world.writing.cases[case].id.clone();
    world.page(sandy, json!({"page": "case", "case": id}))?;
    world.nothing_stands_in_clear()
}
