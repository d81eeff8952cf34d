//! A share of the organisation's recovery key: a page for one person, which opens nothing alone.
//!
//! Knows how to write it down, read it back and put several together. Who holds which is the organisation's rule.

use std::path::Path;

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{read_hex, write_hex};
use zeroize::Zeroizing;

use super::recovery::{self, BYTES_MAX, RecoveryKey, RecoveryProblem};
use super::secret::Secret;
use super::shares;
use crate::ports::{Disk, Entropy};

const FIRST_LINE: &str = "FIELDFARE RECOVERY SHARE, VERSION ";
const VERSION: &str = "1";
const LABEL: &str = "Share:";
/// Number, threshold, count; which key it belongs to; the share itself.
const COVERED: usize = 3 + KEY_BYTES + 32;
const KEY_BYTES: usize = 8;
const CHECK_BYTES: usize = 4;

/// Among how many people a recovery key is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holders {
    /// One page that opens everything alone.
    One,
    /// Three pages, of which any two together do.
    #[default]
    TwoOfThree,
    /// Five pages, of which any three together do.
    ThreeOfFive,
}

impl Holders {
    /// How many pages there are.
    #[must_use]
    pub const fn count(self) -> u8 {
        match self {
            Self::One => 1,
            Self::TwoOfThree => 3,
            Self::ThreeOfFive => 5,
        }
    }

    /// How many of them it takes.
    #[must_use]
    pub const fn threshold(self) -> u8 {
        self.count() / 2 + 1
    }
}

/// One person's share of a recovery key.
pub struct RecoveryShare {
    /// Which it is, from 1.
    pub number: u8,
    /// How many are needed.
    pub threshold: u8,
    /// How many there are.
    pub count: u8,
    /// Start of a hash of the public key: shares of one key have this in common.
    key: [u8; KEY_BYTES],
    value: Secret<32>,
}

impl RecoveryShare {
    /// Splits a key.
    ///
    /// # Errors
    /// [`RecoveryProblem::NoEntropy`].
    pub fn split(
        key: &RecoveryKey,
        holders: Holders,
        entropy: &dyn Entropy,
    ) -> Result<Vec<Self>, RecoveryProblem> {
        let (threshold, count) = (holders.threshold(), holders.count());
        let values = shares::split(key.seed(), threshold, count, entropy)?;
        let name = name_of(key);
        let numbered = (1..=count).zip(values);
        Ok(numbered.map(|(number, value)| Self { number, threshold, count, key: name, value }).collect())
    }

    /// Puts shares together; more than it takes do no harm.
    ///
    /// # Errors
    /// [`RecoveryProblem::TooFewShares`], or [`RecoveryProblem::OtherShares`] if they are not different shares of one key.
    pub fn join(shares: &[Self]) -> Result<RecoveryKey, RecoveryProblem> {
        let first = shares.first().ok_or(RecoveryProblem::NotFound)?;
        let of_one_key = |share: &Self| (share.key, share.threshold) == (first.key, first.threshold);
        if !shares.iter().all(of_one_key) {
            return Err(RecoveryProblem::OtherShares);
        }
        if shares.len() < usize::from(first.threshold) {
            return Err(RecoveryProblem::TooFewShares { needed: first.threshold });
        }
        let points: Vec<_> = shares.iter().map(|share| (share.number, &share.value)).collect();
        let seed = shares::join(&points).ok_or(RecoveryProblem::OtherShares)?;
        let key = RecoveryKey::from_seed(seed)?;
        if name_of(&key) == first.key { Ok(key) } else { Err(RecoveryProblem::OtherShares) }
    }

    /// Writes the share to a new file that its owner alone can read.
    ///
    /// # Errors
    /// [`RecoveryProblem::AlreadyExists`] or [`RecoveryProblem::Io`]; then nothing of it is on disk.
    pub fn write_new(&self, disk: &dyn Disk, path: &Path, organisation: &str) -> Result<(), RecoveryProblem> {
        let text = self.to_text(organisation).ok_or(RecoveryProblem::Damaged)?;
        recovery::create(disk, path, &text)
    }

    /// Reads a share from a file, also one that was typed from paper: spaces, line ends and case do not matter.
    ///
    /// # Errors
    /// [`RecoveryProblem`] says which.
    pub fn read(path: &Path) -> Result<Self, RecoveryProblem> {
        Self::parse(&recovery::text_of(path)?)
    }

    fn to_text(&self, organisation: &str) -> Option<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::with_capacity(BYTES_MAX));
        let organisation = recovery::on_one_line(organisation);
        let which =
            format!("This is share {} of {}; any {} open it.", self.number, self.count, self.threshold);
        text.extend([FIRST_LINE, VERSION, "\nOrganisation: ", &organisation, "\n"]);
        text.extend([which.as_str(), "\n\n", EXPLANATION, "\n", LABEL]);
        let covered = self.covered();
        for group in covered.chunks(4) {
            text.push(' ');
            write_hex(group, &mut *text).ok()?;
        }
        text.push(' ');
        write_hex(&check_of(&covered), &mut *text).ok()?;
        text.push('\n');
        Some(text)
    }

    fn covered(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(COVERED + CHECK_BYTES));
        bytes.extend_from_slice(&[self.number, self.threshold, self.count]);
        bytes.extend_from_slice(&self.key);
        bytes.extend_from_slice(self.value.expose());
        bytes
    }

    fn parse(text: &str) -> Result<Self, RecoveryProblem> {
        let digits = recovery::digits_behind(text, FIRST_LINE, &[LABEL])?;
        let bytes = read_hex::<{ COVERED + CHECK_BYTES }>(&digits).map_err(|_| RecoveryProblem::Damaged)?;
        let bytes = Zeroizing::new(bytes);
        let (covered, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(RecoveryProblem::Damaged)?;
        let ([number, threshold, count, key @ ..], value) =
            covered.split_first_chunk::<{ 3 + KEY_BYTES }>().ok_or(RecoveryProblem::Damaged)?;
        let makes_sense = (1..=*count).contains(number) && (2..=*count).contains(threshold);
        if *check != check_of(covered) || !makes_sense {
            return Err(RecoveryProblem::Damaged);
        }
        let value = Secret::from_slice(value).ok_or(RecoveryProblem::Damaged)?;
        Ok(Self { number: *number, threshold: *threshold, count: *count, key: *key, value })
    }
}

fn name_of(key: &RecoveryKey) -> [u8; KEY_BYTES] {
    Hash::of(&[b"fieldfare/recovery-key/1", &key.sealing_key().0]).short()
}

fn check_of(covered: &[u8]) -> [u8; CHECK_BYTES] {
    Hash::of(&[b"fieldfare/recovery-share/1", covered]).short()
}

const EXPLANATION: &str = "\
WHAT THIS IS
One share of the key that opens this organisation's records when no phone or
desk that can read them is left, or when a person has left with theirs.

WHAT IT OPENS
Nothing by itself, not even a part. Together with the other shares that it
takes, everything: the records of every young person, in full.

HOW TO KEEP IT
Print it, put the page in a sealed envelope, and lock it up where the holders
of the other shares cannot reach it. No two shares in one place or with one
person. Delete this file afterwards, from the waste bin too. Do not e-mail it,
photograph it, or leave it on a computer or in an online drive.
Bring it when a drill is called: twice a year somebody has to find out that the
shares still open what they should.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;
    use crate::vault::doubles::FixedEntropy;

    fn key(seed: u8) -> RecoveryKey {
        RecoveryKey::generate(&FixedEntropy::new(seed)).unwrap_or_else(|_| panic!())
    }

    fn shares(seed: u8, holders: Holders) -> Vec<RecoveryShare> {
        RecoveryShare::split(&key(seed), holders, &FixedEntropy::new(9)).unwrap_or_else(|_| panic!())
    }

    fn written(share: &RecoveryShare) -> Zeroizing<String> {
        share.to_text("Harbour Mentoring").unwrap()
    }

    fn read(text: &str) -> RecoveryShare {
        RecoveryShare::parse(text).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn joined(shares: &[&RecoveryShare]) -> Result<RecoveryKey, RecoveryProblem> {
        let copies: Vec<_> = shares.iter().map(|share| read(&written(share))).collect();
        RecoveryShare::join(&copies)
    }

    #[test]
    fn r14_any_two_of_three_pages_give_the_key_and_one_does_not() {
        let pages = shares(1, Holders::TwoOfThree);
        for (one, other) in [(0, 1), (0, 2), (1, 2), (2, 0)] {
            let key_again = joined(&[&pages[one], &pages[other]]).unwrap_or_else(|_| panic!());
            assert_eq!(key_again.sealing_key(), key(1).sealing_key());
        }
        assert!(joined(&[&pages[0], &pages[1], &pages[2]]).is_ok());
        let alone = RecoveryProblem::TooFewShares { needed: 2 };
        assert_eq!(joined(&[&pages[1]]).err(), Some(alone));
        assert_eq!(joined(&[&pages[1], &pages[1]]).err(), Some(RecoveryProblem::OtherShares));
        let pages = shares(1, Holders::ThreeOfFive);
        assert!(joined(&[&pages[4], &pages[0], &pages[2]]).is_ok());
        assert_eq!(joined(&[&pages[4], &pages[0]]).err(), Some(RecoveryProblem::TooFewShares { needed: 3 }));
    }

    #[test]
    fn shares_of_different_keys_are_told_apart() {
        let (ours, theirs) = (shares(1, Holders::TwoOfThree), shares(2, Holders::TwoOfThree));
        assert_eq!(joined(&[&ours[0], &theirs[1]]).err(), Some(RecoveryProblem::OtherShares));
        let more = shares(1, Holders::ThreeOfFive);
        assert_eq!(joined(&[&ours[0], &more[1], &more[2]]).err(), Some(RecoveryProblem::OtherShares));
    }

    #[test]
    fn r14_a_page_says_which_share_it_is_and_holds_no_byte_of_the_key() {
        let pages = shares(1, Holders::TwoOfThree);
        let text = written(&pages[1]);
        assert!(text.contains("share 2 of 3; any 2") && text.contains("Harbour Mentoring"), "{}", *text);
        let mut seed = String::new();
        write_hex(key(1).seed().expose(), &mut seed).unwrap();
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        assert!(!digits.contains(&seed[..16]));
    }

    #[test]
    fn a_share_typed_from_paper_is_read_and_every_wrong_digit_is_found() {
        let pages = shares(1, Holders::TwoOfThree);
        let text = written(&pages[0]);
        let typed = text.to_uppercase().replace('\n', "\r\n");
        assert_eq!(read(&typed).value.expose(), pages[0].value.expose());
        let start = text.rfind(LABEL).unwrap() + LABEL.len();
        for (position, letter) in text.char_indices().skip(start) {
            if letter.is_ascii_hexdigit() {
                let mut mistyped = text.to_string();
                mistyped.replace_range(position..=position, if letter == '0' { "1" } else { "0" });
                assert_eq!(RecoveryShare::parse(&mistyped).err(), Some(RecoveryProblem::Damaged));
                mistyped.replace_range(position..=position, "");
                assert_eq!(RecoveryShare::parse(&mistyped).err(), Some(RecoveryProblem::Damaged));
            }
        }
        let newer = text.replace("VERSION 1", "VERSION 2");
        assert_eq!(RecoveryShare::parse(&newer).err(), Some(RecoveryProblem::Newer));
        assert_eq!(RecoveryShare::parse("Dear all,").err(), Some(RecoveryProblem::NotARecoveryKey));
    }

    #[test]
    fn a_key_is_read_from_one_page_or_from_shares() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        key(1).write_new(&SystemDisk, &at("whole"), "Harbour").unwrap();
        for share in shares(1, Holders::TwoOfThree) {
            share.write_new(&SystemDisk, &at(&share.number.to_string()), "Harbour").unwrap();
        }
        for files in [vec![at("whole")], vec![at("3"), at("1")], vec![at("1"), at("2"), at("3")]] {
            let read = RecoveryKey::read_from(&files).unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(read.sealing_key(), key(1).sealing_key());
        }
        let problem = |files: &[std::path::PathBuf]| RecoveryKey::read_from(files).err();
        assert_eq!(problem(&[at("1")]), Some(RecoveryProblem::TooFewShares { needed: 2 }));
        assert_eq!(problem(&[at("1"), at("nowhere")]), Some(RecoveryProblem::NotFound));
        assert_eq!(problem(&[]), Some(RecoveryProblem::NotFound));
    }
}
