//! Reading commands and pages from JSON, and saying what is wrong without repeating what was written.
//!
//! Knows the shapes of the contract only through its types.

use std::io::{BufRead, Read as _};

use fieldfare_core::contract::{Ask, Command, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longest line that is read from standard input: an import of the largest table, written as JSON.
pub(crate) const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Reads a command, and puts beside it what was said outside of it.
pub(crate) fn command(text: &str, beside: &[(&str, Option<&str>)]) -> Result<Command, Problem> {
    if beside.iter().all(|(_, value)| value.is_none()) {
        return parse(text);
    }
    let mut fields: Map<String, Value> = parse(text)?;
    for (name, value) in beside {
        if let Some(value) = value
            && fields.insert((*name).to_owned(), Value::String((*value).to_owned())).is_some()
        {
            return Err(malformed("what stands beside the command stands in it too"));
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|error| refused(&error))
}

/// Puts a page's name beside its arguments.
pub(crate) fn ask(name: &str, arguments: Option<&str>) -> Result<Ask, Problem> {
    let mut fields: Map<String, Value> = match arguments {
        Some(text) => parse(text)?,
        None => Map::new(),
    };
    fields.insert("page".to_owned(), Value::String(name.to_owned()));
    serde_json::from_value(Value::Object(fields)).map_err(|error| refused(&error))
}

/// The next line of standard input; `None` at its end.
pub(crate) fn next_line(input: &mut impl BufRead) -> Result<Option<String>, Problem> {
    let mut line = Vec::new();
    let read = input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
    let length = read.map_err(|_| malformed("standard input cannot be read"))?;
    if length == 0 {
        return Ok(None);
    }
    if length as u64 > LINE_BYTES_MAX {
        return Err(malformed("a line is longer than 4 MiB"));
    }
    String::from_utf8(line).map(Some).map_err(|_| malformed("the text is not UTF-8"))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| refused(&error))
}

/// Keeps of a parser's message what names our own shapes, and drops what may quote the input.
fn refused(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    // Ours stands last: what was written may say anything, also words that a parser says.
    let ours = || message.rfind(", expected ").and_then(|at| message.get(at + 2..));
    let place = if error.line() > 0 {
        format!(" at line {} column {}", error.line(), error.column())
    } else {
        String::new()
    };
    let why = if !error.is_data() {
        format!("it is not complete JSON{place}")
    } else if message.starts_with("missing field") {
        message.clone()
    } else if message.starts_with("unknown") {
        let none = message.contains(", there are no ");
        let expected = ours().filter(|_| !none).unwrap_or("it does not have such a field");
        let what = if message.starts_with("unknown field") { "a field" } else { "a name" };
        format!("{what} is not known{place}; {expected}")
    } else {
        let expected = ours().unwrap_or("another kind");
        format!("a value is of the wrong kind{place}; {expected}")
    };
    malformed(&why)
}

fn malformed(why: &str) -> Problem {
    Problem::Malformed { why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r21_a_refusal_never_repeats_what_was_written() {
        for text in [
            r#"{"do":"sentinel"}"#,
            r#"{"do":"set_risk","case":"sentinel","level":"low"}"#,
            r#"{"do":"set_risk","case":"00000000000000000000000000000000","level":"sentinel"}"#,
            r#"{"do":"raise_concern","case":1,"about":"other","words":{"sentinel":1}}"#,
            r#"{"do":"set_crisis_card","words":"x","sentinel":"y"}"#,
            r#"{"do":"set_crisis_card","words":"sentinel"#,
            "sentinel",
            r#"["sentinel"]"#,
            r#""sentinel""#,
            r#"{"do":"missing field `sentinel`"}"#,
            r#"{"do":", expected sentinel"}"#,
            r#"{"do":"set_crisis_card","words":"x","missing field sentinel":"y"}"#,
            r#"{"do":"set_crisis_card","words":"x",", expected sentinel":"y"}"#,
            r#"{"do":"set_risk","case":"missing field, expected sentinel","level":"low"}"#,
        ] {
            let problem = command(text, &[]).unwrap_err();
            let told = format!("{problem} {problem:?}");
            assert!(!told.contains("sentinel"), "{told}");
        }
    }

    #[test]
    fn what_stands_beside_a_command_is_part_of_it_and_said_once() {
        let note = r#"{"do":"begin_note","case":"00000000000000000000000000000000"}"#;
        let reflection = [("compartment", Some("reflection")), ("with", None)];
        let Ok(Command::BeginNote { compartment, .. }) = command(note, &reflection) else { panic!() };
        assert_eq!(compartment.map(|which| which.name()), Some("reflection"));
        assert!(command(note, &[("compartment", Some("elsewhere"))]).is_err());
        let card = r#"{"do":"set_crisis_card","words":"x"}"#;
        assert!(command(card, &reflection).is_err());
        assert!(command(card, &[("words", Some("y"))]).is_err());
    }

    #[test]
    fn a_field_that_a_command_does_not_have_is_refused() {
        assert!(command(r#"{"do":"set_crisis_card","words":"x","wrods":"y"}"#, &[]).is_err());
        assert!(ask("today", Some(r#"{"day":1}"#)).is_err());
        let told = ask("today", Some(r#"{", expected sentinel":1}"#)).unwrap_err();
        assert!(!told.to_string().contains("sentinel"), "{told}");
        assert!(ask("today", None).is_ok());
        assert!(ask("nowhere", None).is_err());
    }

    #[test]
    fn a_missing_field_is_named() {
        let problem = command(r#"{"do":"set_crisis_card"}"#, &[]).unwrap_err();
        assert!(problem.to_string().contains("words"), "{problem}");
    }
}
