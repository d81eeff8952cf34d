//! The organisation's recovery key: a file for a safe, from which every phone's loss can be survived.
//!
//! Knows how to write it down and read it back, whole or from shares. Where the paper is kept, and who may fetch it, is the
//! organisation's rule.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{read_hex, write_hex};
use fieldfare_protocol::signing::SealingKey;
use zeroize::Zeroizing;

use super::durable;
use super::identity::{Identity, KeyProblem};
use super::recovery_share::RecoveryShare;
use super::secret::Secret;
use crate::ports::{Disk, Entropy, NoEntropy};

/// Longest name of an organisation that is written on the file, in characters.
pub const ORGANISATION_CHARS_MAX: usize = 120;

const FIRST_LINE: &str = "FIELDFARE RECOVERY KEY, VERSION ";
const VERSION: &str = "1";
const KEY_LABEL: &str = "Key:";
const CHECK_LABEL: &str = "Check:";
pub(super) const BYTES_MAX: usize = 8 * 1024;

/// The private half of an organisation's recovery key.
pub struct RecoveryKey {
    seed: Secret<32>,
    identity: Identity,
}

/// Why a recovery key cannot be made, written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryProblem {
    /// There is no randomness to make a key of.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// There is a file already, and a recovery key is never overwritten.
    #[error("there is a file already; a recovery key is never overwritten")]
    AlreadyExists,
    /// There is no file.
    #[error("there is no such file")]
    NotFound,
    /// The file is something else.
    #[error("this is not a recovery key")]
    NotARecoveryKey,
    /// A recovery key with a digit wrong or missing.
    #[error("the recovery key is damaged: a digit is wrong or missing")]
    Damaged,
    /// Written by a newer version of the app.
    #[error("this recovery key was written by a newer version of the app")]
    Newer,
    /// Fewer shares than it takes.
    #[error("it takes {needed} shares together")]
    TooFewShares {
        /// How many it takes.
        needed: u8,
    },
    /// Shares of different keys, or the same one twice.
    #[error("these are not different shares of one key")]
    OtherShares,
    /// The folder or the disk fails.
    #[error("the file cannot be used: {0}")]
    Io(ErrorKind),
}

impl RecoveryKey {
    /// Makes a recovery key.
    ///
    /// # Errors
    /// [`RecoveryProblem::NoEntropy`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, RecoveryProblem> {
        Self::from_seed(Secret::random(entropy)?)
    }

    /// The public half, to which every epoch key is wrapped.
    #[must_use]
    pub const fn sealing_key(&self) -> SealingKey {
        self.identity.sealing_key()
    }

    /// The reader for [`super::wrap::unwrap`]; its place is [`super::wrap::Reader::Recovery`].
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Writes the key to a new file that its owner alone can read. Of the organisation it says its name.
    ///
    /// # Errors
    /// [`RecoveryProblem::AlreadyExists`] or [`RecoveryProblem::Io`]; then nothing of this key is on disk.
    pub fn write_new(&self, disk: &dyn Disk, path: &Path, organisation: &str) -> Result<(), RecoveryProblem> {
        let text = self.to_text(organisation).ok_or(RecoveryProblem::Damaged)?;
        create(disk, path, &text)
    }

    /// Reads a key from a file, also one that was typed from paper: spaces, line ends and case do not matter.
    ///
    /// # Errors
    /// [`RecoveryProblem`] says which.
    pub fn read(path: &Path) -> Result<Self, RecoveryProblem> {
        Self::parse(&text_of(path)?)
    }

    /// Reads a key from one file with the whole of it, or from several with shares.
    ///
    /// # Errors
    /// [`RecoveryProblem`] says which.
    pub fn read_from(files: &[PathBuf]) -> Result<Self, RecoveryProblem> {
        if let [only] = files {
            match Self::read(only) {
                Err(RecoveryProblem::NotARecoveryKey) => {}
                read => return read,
            }
        }
        let shares: Vec<_> = files.iter().map(|file| RecoveryShare::read(file)).collect::<Result<_, _>>()?;
        RecoveryShare::join(&shares)
    }

    pub(super) const fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    pub(super) fn from_seed(seed: Secret<32>) -> Result<Self, RecoveryProblem> {
        let identity = Identity::from_seed(&seed).map_err(|problem| match problem {
            KeyProblem::NoEntropy(problem) => RecoveryProblem::NoEntropy(problem),
            KeyProblem::BadKey => RecoveryProblem::Damaged,
        })?;
        Ok(Self { seed, identity })
    }

    fn to_text(&self, organisation: &str) -> Option<Zeroizing<String>> {
        let organisation = on_one_line(organisation);
        let mut text = Zeroizing::new(String::with_capacity(BYTES_MAX));
        text.extend([FIRST_LINE, VERSION, "\nOrganisation: ", &organisation, "\n\n", EXPLANATION, "\n"]);
        text.push_str(KEY_LABEL);
        for group in self.seed.expose().chunks(4) {
            text.push(' ');
            write_hex(group, &mut *text).ok()?;
        }
        text.extend(["\n", CHECK_LABEL, " "]);
        write_hex(&check_of(&self.seed), &mut *text).ok()?;
        text.push('\n');
        Some(text)
    }

    fn parse(text: &str) -> Result<Self, RecoveryProblem> {
        let digits = digits_behind(text, FIRST_LINE, &[KEY_LABEL, CHECK_LABEL])?;
        let bytes = Zeroizing::new(read_hex::<36>(&digits).map_err(|_| RecoveryProblem::Damaged)?);
        let (seed, check) = bytes.split_first_chunk::<32>().ok_or(RecoveryProblem::Damaged)?;
        let seed = Secret::from_slice(seed).ok_or(RecoveryProblem::Damaged)?;
        if check != check_of(&seed) {
            return Err(RecoveryProblem::Damaged);
        }
        Self::from_seed(seed)
    }
}

/// Writes a page to a new file that its owner alone can read.
pub(super) fn create(disk: &dyn Disk, path: &Path, text: &str) -> Result<(), RecoveryProblem> {
    durable::create(disk, path, text.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => RecoveryProblem::AlreadyExists,
        kind => RecoveryProblem::Io(kind),
    })
}

/// The text of a file that may hold a page.
pub(super) fn text_of(path: &Path) -> Result<Zeroizing<String>, RecoveryProblem> {
    let bytes = durable::read(path, BYTES_MAX).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => RecoveryProblem::NotARecoveryKey,
        kind => RecoveryProblem::Io(kind),
    })?;
    let bytes = bytes.ok_or(RecoveryProblem::NotFound)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| RecoveryProblem::NotARecoveryKey)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// An organisation's name as it stands on a page: one with a line break could write lines of its own.
pub(super) fn on_one_line(organisation: &str) -> String {
    let letters = organisation.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.take(ORGANISATION_CHARS_MAX).collect()
}

/// The digits of a page, from the first line on that begins with one of the labels.
pub(super) fn digits_behind(
    text: &str,
    first_line: &str,
    labels: &[&str],
) -> Result<Zeroizing<String>, RecoveryProblem> {
    let mut lines = text.trim_start_matches('\u{feff}').trim_start().lines();
    let version = lines
        .next()
        .and_then(|line| {
            let (first, version) = line.split_at_checked(first_line.len())?;
            first.eq_ignore_ascii_case(first_line).then_some(version.trim())
        })
        .ok_or(RecoveryProblem::NotARecoveryKey)?;
    match version.parse::<u32>() {
        Ok(1) => {}
        Ok(2..) => return Err(RecoveryProblem::Newer),
        _ => return Err(RecoveryProblem::Damaged),
    }
    // The labels stand at the beginning of a line nowhere else, and the digits are the last thing on the page.
    let labelled = |line: &'_ str| labels.iter().any(|label| after_label(line, label).is_some());
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    for line in lines.skip_while(|line| !labelled(line)) {
        let line = labels.iter().find_map(|label| after_label(line, label)).unwrap_or(line);
        digits.extend(line.chars().filter(|letter| !letter.is_whitespace() && *letter != '-'));
    }
    Ok(digits)
}

fn after_label<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (start, rest) = line.trim_start().split_at_checked(label.len())?;
    start.eq_ignore_ascii_case(label).then_some(rest)
}

fn check_of(seed: &Secret<32>) -> [u8; 4] {
    Hash::of(&[seed.expose()]).short()
}

const EXPLANATION: &str = "\
WHAT THIS IS
The one key that opens this organisation's records when no phone or desk that
can read them is left, or when a person has left with theirs.

WHAT IT OPENS
Everything: the records of every young person, in full. Whoever holds this page
and a copy of the organisation's sealed records can read them all. It needs no
PIN. It cannot be replaced, and nobody can make another copy for you.

HOW TO KEEP IT
Print it twice, put each page in a sealed envelope, and lock them up in two
different places. Write down who opened an envelope, when and why.
Delete this file afterwards, from the waste bin too. Do not e-mail it,
photograph it, or leave it on a computer or in an online drive.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    fn key() -> RecoveryKey {
        RecoveryKey::generate(&FixedEntropy::new(1)).unwrap_or_else(|_| panic!())
    }

    fn text() -> Zeroizing<String> {
        key().to_text("Harbour Mentoring").unwrap()
    }

    fn problem(text: &str) -> Option<RecoveryProblem> {
        RecoveryKey::parse(text).err()
    }

    #[test]
    fn a_key_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recovery.txt");
        key().write_new(&SystemDisk, &path, "Harbour Mentoring").unwrap();
        let read = RecoveryKey::read(&path).unwrap_or_else(|_| panic!());
        assert_eq!(read.sealing_key(), key().sealing_key());
        assert_eq!(read.identity().sealing_key(), key().sealing_key());
    }

    #[test]
    fn a_file_is_never_overwritten_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recovery.txt");
        std::fs::write(&path, "something else").unwrap();
        assert_eq!(key().write_new(&SystemDisk, &path, "Harbour"), Err(RecoveryProblem::AlreadyExists));
        assert_eq!(std::fs::read(&path).unwrap(), b"something else");
        std::fs::remove_file(&path).unwrap();
        key().write_new(&SystemDisk, &path, "Harbour").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_typed_from_paper_is_read() {
        let text = text();
        let typed = text.to_uppercase().replace('\n', "\r\n");
        assert_eq!(problem(&typed), None);
        let (_, key_lines) = text.split_once("\nKey:").unwrap();
        let bare = format!(
            "\u{feff}Fieldfare recovery key, version 1\n\nkey: {}\n\n",
            key_lines.replace(' ', "\n  ")
        );
        assert_eq!(problem(&bare), None, "{bare}");
    }

    #[test]
    fn every_mistyped_or_missing_digit_is_found() {
        let text = text();
        let start = text.rfind(KEY_LABEL).unwrap() + KEY_LABEL.len();
        for (position, letter) in text.char_indices().skip(start) {
            if letter.is_ascii_hexdigit() && !text[position..].starts_with("Check") {
                let other = if letter == '0' { "1" } else { "0" };
                let mut mistyped = text.to_string();
                mistyped.replace_range(position..=position, other);
                assert_eq!(problem(&mistyped), Some(RecoveryProblem::Damaged), "{position}");
                mistyped.replace_range(position..=position, "");
                assert_eq!(problem(&mistyped), Some(RecoveryProblem::Damaged), "{position}");
            }
        }
        assert_eq!(problem(&text[..start]), Some(RecoveryProblem::Damaged));
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(problem(""), Some(RecoveryProblem::NotARecoveryKey));
        assert_eq!(problem("Dear all,"), Some(RecoveryProblem::NotARecoveryKey));
        assert_eq!(problem(&text().replace("VERSION 1", "VERSION 2")), Some(RecoveryProblem::Newer));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recovery.txt");
        assert_eq!(RecoveryKey::read(&path).err(), Some(RecoveryProblem::NotFound));
        std::fs::write(&path, vec![0xff; BYTES_MAX + 1]).unwrap();
        assert_eq!(RecoveryKey::read(&path).err(), Some(RecoveryProblem::NotARecoveryKey));
        std::fs::write(&path, [0xff; 10]).unwrap();
        assert_eq!(RecoveryKey::read(&path).err(), Some(RecoveryProblem::NotARecoveryKey));
    }

    #[test]
    fn a_hostile_name_writes_no_line_of_its_own() {
        let name = format!("Harbour\nKey: {}\n", "0".repeat(500));
        let text = key().to_text(&name).unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with(KEY_LABEL)).count(), 1);
        assert_eq!(problem(&text), None);
    }

    #[test]
    fn no_key_is_made_without_entropy() {
        assert_eq!(RecoveryKey::generate(&SpentEntropy).err(), Some(RecoveryProblem::NoEntropy(NoEntropy)));
    }
}
