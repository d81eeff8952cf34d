//! Putting lines in the place of others that stand exactly once.
//!
//! Works on text; files are read and written by whoever asks.

use std::collections::BTreeMap;
use std::path::Path;

use crate::shape::{Change, Mutant};

/// Where `before` begins in the text, at the beginning of a line.
fn places(text: &str, before: &str) -> Vec<usize> {
    let begins_a_line = |at: &usize| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n');
    // Overlapping occurrences count, too: which one was meant would not be clear.
    (0..text.len())
        .filter(|at| text.is_char_boundary(*at) && text[*at..].starts_with(before))
        .filter(begins_a_line)
        .collect()
}

/// The text with one change made.
///
/// # Errors
/// The lines do not stand there, or more than once.
pub fn changed(text: &str, change: &Change) -> Result<String, String> {
    match places(text, &change.before).as_slice() {
        [at] => Ok(format!("{}{}{}", &text[..*at], change.after, &text[at + change.before.len()..])),
        [] => Err(format!(
            "its lines no longer stand in {}; write `before` anew, as the lines are now",
            change.file
        )),
        many => Err(format!(
            "its lines stand {} times in {}; take a line more into `before`, so that it is clear which are meant",
            many.len(),
            change.file
        )),
    }
}

/// Texts of all files that a mutant changes, by path from the root, once it is made.
///
/// # Errors
/// A change that does not apply, or a file that is not there.
pub fn applied(root: &Path, mutant: &Mutant) -> Result<BTreeMap<String, String>, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for change in &mutant.changes {
        let text = match texts.get(&change.file) {
            Some(text) => text.clone(),
            None => std::fs::read_to_string(root.join(&change.file)).map_err(|problem| {
                format!("{} cannot be read ({problem}); name the file where the lines are now", change.file)
            })?,
        };
        texts.insert(change.file.clone(), changed(&text, change)?);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> Change {
        Change { file: "a.rs".to_owned(), before: before.to_owned(), after: after.to_owned() }
    }

    #[test]
    fn lines_that_stand_once_are_changed_and_no_others() {
        let text = "ä\n  b;\nb;\nc\n";
        assert_eq!(changed(text, &change("b;\n", "d;\n")).unwrap(), "ä\n  b;\nd;\nc\n");
        assert_eq!(changed(text, &change("ä\n", "")).unwrap(), "  b;\nb;\nc\n");
        assert!(changed(text, &change("e;\n", "")).unwrap_err().contains("no longer stand"));
        assert!(changed("b;\nb;\n", &change("b;\n", "")).unwrap_err().contains("2 times"));
        assert!(changed("b\nb\nb\n", &change("b\nb\n", "")).unwrap_err().contains("2 times"));
        // Half a line is no line.
        assert!(changed("  b;\n", &change("b;\n", "")).is_err());
    }
}
