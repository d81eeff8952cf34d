//! What the endpoint has learned: nothing that anybody wrote.
//!
//! Reads every file that the story left, byte by byte, and first makes sure that the search can find something.

use std::path::Path;

use super::cast::Cast;
use super::invented::Invented;
use super::story::{Failure, Story};

/// Names that do not stand among the invented ones.
const STAFF_AND_SERVICE: [&str; 5] = ["Estuary", "quieter", "Duty line", "School rang", "837261"];

/// Looks for every word of the story in every file of the endpoint and of the homes.
pub(super) fn endpoint_has_read_nothing(
    story: &mut Story,
    cast: &Cast,
    invented: &Invented,
) -> Result<(), Failure> {
    story.chapter("What the endpoint knows");
    let words: Vec<&str> = Invented::all_words().chain(STAFF_AND_SERVICE).collect();
    let planted = cast.place("planted");
    std::fs::create_dir(&planted)?;
    std::fs::write(planted.join("note.txt"), format!("seed {}: {}", invented.seed(), STAFF_AND_SERVICE[1]))?;
    let (_, found) = search(&planted, &words)?;
    story.claim("a word that is left lying about is found by this search", found == 1);
    let (bytes, found) = search(&cast.place("endpoint"), &words)?;
    story.claim(
        &format!(
            "none of {} names and sentences stands in the {bytes} bytes that the endpoint keeps",
            words.len()
        ),
        found == 0 && bytes > 0,
    );
    let mut on_devices = (0, 0);
    for name in ["administrator", "Mo", "Ash", "Sam"] {
        let (bytes, found) = search(&cast.place(name), &words)?;
        on_devices = (on_devices.0 + bytes, on_devices.1 + found);
    }
    story.claim(
        &format!("nor in the {} bytes on the four devices, whose stores are sealed", on_devices.0),
        on_devices.1 == 0,
    );
    Ok(())
}

/// Reads every file below a folder; returns how many bytes there were and how many of the words were found.
pub(super) fn search(folder: &Path, words: &[&str]) -> Result<(u64, u64), Failure> {
    let (mut bytes, mut found) = (0_u64, 0_u64);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let (more_bytes, more_found) = if path.is_dir() {
            search(&path, words)?
        } else {
            let content = std::fs::read(&path)?;
            let stands = |word: &&&str| content.windows(word.len()).any(|window| window == word.as_bytes());
            (content.len() as u64, words.iter().filter(stands).count() as u64)
        };
        bytes = bytes.saturating_add(more_bytes);
        found = found.saturating_add(more_found);
    }
    Ok((bytes, found))
}
