//! What lies in a folder before a home is begun in it.
//!
//! Looks at names, lengths and the first bytes of two files; opens nothing for writing, and makes no folder.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::forgotten::ASKED_FILE;
use super::{ENVELOPE_FILE, RESERVE_FILE, STORE_FILE, UNFINISHED_FILE};
use crate::vault::envelope::{MAGIC, WIPED};
use crate::vault::handover::{BOX_FILE, TICKET_FILE};
use crate::vault::stand_in::KEY_FILE;
use crate::vault::turn::TURN_FILE;

/// Held while a process uses a home; it is empty.
pub const IN_USE_FILE: &str = "in-use";
/// Lies in a home that has ended by itself: why, by one of [`ENDED_WORDS`].
pub const ENDED_FILE: &str = "ended";
/// All that may stand in [`ENDED_FILE`].
pub const ENDED_WORDS: [&str; 2] = ["device_removed", "lease_over"];

/// What a folder is to somebody who wants to begin a home in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// It is not there, or holds nothing but what our own erasure left, or a founding that was cut off before its lock.
    Free,
    /// A home whose making was cut short behind its lock: its PIN goes on with it.
    Unfinished,
    /// A home.
    Home,
    /// Parts of a home, and not the envelope that opens them.
    WithoutLock,
    /// Something that is not ours.
    Foreign,
}

/// What one file in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Empty, and made by whoever tries or works; or the word of a home that has ended.
    Trace,
    /// The mark of a home that is being made.
    Mark,
    /// Made before the envelope, and worth nothing before there is one.
    BeforeLock,
    Envelope,
    /// Something that an envelope opens.
    Behind,
    Foreign,
}

impl Folder {
    /// Looks at a folder, and changes nothing.
    ///
    /// # Errors
    /// Whatever the system reports, [`ErrorKind::NotADirectory`] for a file among it.
    pub fn look_at(home: &Path) -> io::Result<Self> {
        let entries = match fs::read_dir(home) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::Free),
            entries => entries?,
        };
        let mut parts = Vec::new();
        for entry in entries {
            parts.push(part(&entry?)?);
        }
        let has = |part| parts.contains(&part);
        if has(Part::Envelope) {
            if is_wiped(home)? {
                // Whoever goes on with the erasure removes our files by name, and no other.
                return Ok(if has(Part::Foreign) { Self::Foreign } else { Self::Free });
            }
            return Ok(if has(Part::Mark) { Self::Unfinished } else { Self::Home });
        }
        // A key without a mark belonged to a home: some day its envelope may be put back.
        if has(Part::Behind) || (has(Part::BeforeLock) && !has(Part::Mark)) {
            return Ok(Self::WithoutLock);
        }
        Ok(if has(Part::Foreign) { Self::Foreign } else { Self::Free })
    }
}

fn part(entry: &DirEntry) -> io::Result<Part> {
    let about = entry.metadata()?;
    let name = entry.file_name();
    let name = name.to_string_lossy();
    // Whatever a crash leaves beside a file is called so for the moment.
    let named = name.strip_suffix(".new").unwrap_or(&name);
    if !about.is_file() {
        return Ok(Part::Foreign);
    }
    Ok(match named {
        TURN_FILE | IN_USE_FILE if about.len() == 0 => Part::Trace,
        ENDED_FILE if says_why_it_ended(&entry.path())? => Part::Trace,
        UNFINISHED_FILE if about.len() == 0 => Part::Mark,
        ENVELOPE_FILE if named == name => Part::Envelope,
        ENVELOPE_FILE | KEY_FILE => Part::BeforeLock,
        STORE_FILE | "store.db-wal" | "store.db-shm" | ASKED_FILE | TICKET_FILE | BOX_FILE | RESERVE_FILE => {
            Part::Behind
        }
        _ => Part::Foreign,
    })
}

fn says_why_it_ended(path: &Path) -> io::Result<bool> {
    let longest = ENDED_WORDS.iter().map(|word| word.len()).max().unwrap_or(0);
    let begins = beginning(path, longest.saturating_add(1))?;
    Ok(ENDED_WORDS.iter().any(|word| word.as_bytes() == begins))
}

fn is_wiped(home: &Path) -> io::Result<bool> {
    let marked = [MAGIC.as_slice(), &[WIPED]].concat();
    Ok(beginning(&home.join(ENVELOPE_FILE), marked.len())? == marked)
}

fn beginning(path: &Path, bytes: usize) -> io::Result<Vec<u8>> {
    let mut begins = Vec::with_capacity(bytes);
    let limit = u64::try_from(bytes).unwrap_or(u64::MAX);
    fs::File::open(path)?.take(limit).read_to_end(&mut begins)?;
    Ok(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(files: &[(&str, &[u8])]) -> Folder {
        let home = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(home.path().join(name), bytes).unwrap();
        }
        Folder::look_at(home.path()).unwrap()
    }

    #[test]
    fn p05_only_what_is_empty_erased_or_cut_off_before_its_lock_is_free() {
        let wiped: &[u8] = &[MAGIC.as_slice(), &[WIPED], &[0; 90]].concat();
        let traces: [(&str, &[u8]); 2] = [(TURN_FILE, b""), (IN_USE_FILE, b"")];
        let lock: (&str, &[u8]) = (ENVELOPE_FILE, b"fieldfare-home\x03 and so on");
        assert_eq!(Folder::look_at(Path::new("/nowhere/at/all")).unwrap(), Folder::Free);
        for (files, folder) in [
            (&[] as &[(&str, &[u8])], Folder::Free),
            (&traces, Folder::Free),
            (&[traces[0], (ENDED_FILE, b"device_removed")], Folder::Free),
            (&[(UNFINISHED_FILE, b""), (KEY_FILE, b"key"), ("envelope.new", b"half")], Folder::Free),
            (&[(ENVELOPE_FILE, wiped), (STORE_FILE, b"noise"), (KEY_FILE, b"key")], Folder::Free),
            (&[lock, (UNFINISHED_FILE, b""), ("shopping", b"milk")], Folder::Unfinished),
            (&[lock, (STORE_FILE, b"noise")], Folder::Home),
            (&[(ENVELOPE_FILE, b"")], Folder::Home),
            (&[(STORE_FILE, b"")], Folder::WithoutLock),
            (&[(KEY_FILE, b"key")], Folder::WithoutLock),
            (&[(KEY_FILE, b"key"), ("shopping", b"milk")], Folder::WithoutLock),
            (&[(UNFINISHED_FILE, b""), (STORE_FILE, b"noise")], Folder::WithoutLock),
            (&[(BOX_FILE, b"answers")], Folder::WithoutLock),
            (&[("shopping", b"milk")], Folder::Foreign),
            (&[(UNFINISHED_FILE, b"a poem")], Folder::Foreign),
            (&[(TURN_FILE, b"a poem")], Folder::Foreign),
            (&[(ENDED_FILE, b"and they lived happily")], Folder::Foreign),
            (&[(ENVELOPE_FILE, wiped), ("shopping", b"milk")], Folder::Foreign),
        ] {
            assert_eq!(looks(files), folder, "{files:?}");
        }
    }

    #[test]
    fn p05_a_folder_or_link_of_a_files_name_is_not_that_file() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(UNFINISHED_FILE)).unwrap();
        assert_eq!(Folder::look_at(home.path()).unwrap(), Folder::Foreign);
        let file = home.path().join("a file");
        fs::write(&file, b"").unwrap();
        assert!(Folder::look_at(&file).is_err());
    }
}
