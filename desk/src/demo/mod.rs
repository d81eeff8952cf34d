//! A true story on real parts: an endpoint process, an administrator, two phones, a supervisor's desk, a day without signal.
//!
//! Every sentence that claims something is checked when it is told; the story ends with exit status 1 if one is not true.

mod cast;
mod day;
mod figures;
mod handover;
mod invented;
mod parts;
mod prologue;
mod secrecy;
mod story;

use std::process::ExitCode;
use std::time::Instant;

use crate::arguments;
use invented::Invented;
use story::{Failure, Story};

/// Tells the story.
pub(crate) fn run(arguments: &arguments::Demo) -> ExitCode {
    let began = Instant::now();
    let mut story = Story::begin();
    let told = tell(&mut story, &mut Invented::from_seed(arguments.seed));
    story.end(told, began.elapsed())
}

fn tell(story: &mut Story, invented: &mut Invented) -> Result<(), Failure> {
    story.say(&format!(
        "A day without signal, told with seed {}. Everybody in it is invented.",
        invented.seed()
    ));
    let mut cast = prologue::found_and_join(story)?;
    prologue::import_services(story, &cast)?;
    let case = day::open_a_shared_case(story, &cast, invented)?;
    day::without_signal(story, &mut cast, invented, &case)?;
    day::signal_comes_back(story, &mut cast, &case)?;
    day::everybody_is_level(story, &cast, &case)?;
    let cast = handover::a_check_in(story, cast, &case.case)?;
    figures::wellbeing(story, &cast, invented)?;
    figures::money(story)?;
    secrecy::endpoint_has_read_nothing(story, &cast, invented)
}
