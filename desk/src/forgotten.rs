//! Help with a forgotten PIN: the three steps, each a line that is typed, read aloud or scanned.
//!
//! Shows a line as a QR code, too, where somebody watches; whether it is of use the core says.

use std::io::{IsTerminal as _, Write as _};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{HelpAsked, Problem};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::arguments::{Forgotten, ForgottenStep, HelpAnswer, HelpUse, Home};
use crate::home::{ports, unlock};
use crate::output::{self, Refusal};
use crate::{input, pin};

pub(crate) fn run(forgotten: &Forgotten) -> Result<(), Refusal> {
    match &forgotten.step {
        ForgottenStep::Ask(home) => ask(home),
        ForgottenStep::Answer(answer) => self::answer(answer),
        ForgottenStep::Use(help) => use_help(help),
    }
}

#[derive(Serialize)]
struct Asked<'a> {
    request: &'a str,
    next: &'static str,
}

fn ask(home: &Home) -> Result<(), Refusal> {
    let request = Fieldfare::ask_for_help(&home.home, &ports(&home.home)?)?;
    show(&request);
    let next = "Let a supervisor or administrator scan or type this within 15 minutes, and speak to them.";
    output::line(&Asked { request: &request, next })
}

#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    asked: &'a HelpAsked,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
    next: &'static str,
}

fn answer(answer: &HelpAnswer) -> Result<(), Refusal> {
    let request = line_of(&answer.request)?;
    let app = unlock(&answer.home)?;
    let asked = &app.who_asks(&request)?;
    if !answer.yes {
        let next = "Make sure that it is really them who ask, then do it again with --yes.";
        return output::line(&Answered { asked, answer: None, next });
    }
    let text = app.help(&request)?;
    show(&text);
    let next = "Let their phone scan or type this; it is good once, and nowhere else.";
    output::line(&Answered { asked, answer: Some(&text), next })
}

#[derive(Serialize)]
struct Used {
    changed: bool,
}

fn use_help(help: &HelpUse) -> Result<(), Refusal> {
    let answer = line_of(&help.answer)?;
    let new = pin::choose_new()?;
    Fieldfare::unlock_with_help(&help.home, ports(&help.home)?, &answer, &new)?.lock();
    output::line(&Used { changed: true })
}

fn line_of(argument: &str) -> Result<Zeroizing<String>, Problem> {
    let line = match argument {
        "-" => input::next_line(&mut std::io::stdin().lock())?.unwrap_or_default(),
        text => text.to_owned(),
    };
    Ok(Zeroizing::new(line))
}

/// Shows a line as a QR code, where a person watches and it fits.
fn show(line: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal()
        && let Ok(code) = QrCode::new(line)
    {
        // Whoever cannot see it has the line.
        let _ = writeln!(out, "{}", code.render::<Dense1x2>().build());
    }
}
