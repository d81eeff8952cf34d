//! A file in the place of a phone's hardware key, for desks and tests.
//!
//! It keeps the port's promises about counts and errors, and none about hardware: whoever copies the home has the key too.
//!
//! | Condition | Problem |
//! |---|---|
//! | there is no file | `NotFound` |
//! | there is a file and it cannot be understood, or a bit of it has flipped | `Invalidated` |
//! | the folder, the disk or the randomness does not answer | `Transient` |

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{read_hex, write_hex};
use zeroize::Zeroizing;

use super::durable;
use super::secret::{Secret, mac};
use crate::ports::{Disk, Entropy, HardwareKey, HardwareKeyProblem, KEPT_BYTES_MAX, SystemDisk};

/// Name of the key's file in a home.
pub const KEY_FILE: &str = "device-key";

const FIRST_LINE: &str = "STAND-IN for a hardware key: this file offers NO hardware protection. Version 2.";
/// Of a file that ends without a checksum.
const FIRST_VERSIONS_LINE: &str =
    "STAND-IN for a hardware key: this file offers NO hardware protection. Version 1.";
const BYTES_MAX: usize = 1024;
const CHECKSUM_BYTES: usize = 8;

/// A hardware key that is a file.
pub struct FileHardwareKey {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
    disk: Arc<dyn Disk>,
    turn: Mutex<()>,
}

struct Content {
    secret: Secret<32>,
    /// Names one life of the key: another one after it was deleted and made again.
    generation: [u8; 8],
    failures: u32,
    kept: Vec<u8>,
}

impl FileHardwareKey {
    /// The key of a home. Touches nothing until it is asked.
    #[must_use]
    pub fn new(home: &Path, entropy: Arc<dyn Entropy>) -> Self {
        Self { path: home.join(KEY_FILE), entropy, disk: Arc::new(SystemDisk), turn: Mutex::new(()) }
    }

    /// The same key on another disk.
    #[must_use]
    pub fn on(self, disk: Arc<dyn Disk>) -> Self {
        Self { disk, ..self }
    }

    /// Names the present life of the key; changes when the key is deleted and made again.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`] if there is none or it does not answer.
    pub fn generation(&self) -> Result<[u8; 8], HardwareKeyProblem> {
        let _turn = self.turn();
        Ok(self.read()?.generation)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        // Nothing is half done in memory: the file is all the state there is.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Result<Content, HardwareKeyProblem> {
        let bytes = match durable::read(&self.path, BYTES_MAX) {
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                return Err(HardwareKeyProblem::Invalidated);
            }
            read => read.map_err(|_| HardwareKeyProblem::Transient)?.ok_or(HardwareKeyProblem::NotFound)?,
        };
        std::str::from_utf8(&bytes).ok().and_then(Content::parse).ok_or(HardwareKeyProblem::Invalidated)
    }

    fn write(&self, content: &Content) -> Result<(), HardwareKeyProblem> {
        let text = content.to_text().ok_or(HardwareKeyProblem::Transient)?;
        durable::replace(self.disk.as_ref(), &self.path, text.as_bytes())
            .map_err(|_| HardwareKeyProblem::Transient)
    }
}

impl HardwareKey for FileHardwareKey {
    /// HMAC-SHA256 over the label, a zero byte and the message.
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        let message = Zeroizing::new(message);
        let _turn = self.turn();
        let content = self.read()?;
        Ok(mac(content.secret.expose(), &[label.as_bytes(), &[0], &message]).expose().to_vec())
    }

    fn create(&self) -> Result<(), HardwareKeyProblem> {
        let _turn = self.turn();
        match self.read() {
            Err(HardwareKeyProblem::NotFound) => {}
            found => return found.map(|_| ()),
        }
        let secret = Secret::random(&*self.entropy).map_err(|_| HardwareKeyProblem::Transient)?;
        let mut generation = [0; 8];
        self.entropy.fill(&mut generation).map_err(|_| HardwareKeyProblem::Transient)?;
        self.write(&Content { secret, generation, failures: 0, kept: Vec::new() })
    }

    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        let _turn = self.turn();
        // Where there is no home yet, there is no key.
        if matches!(self.path.parent().map(Path::try_exists), Some(Ok(false))) {
            return Ok(());
        }
        durable::destroy(self.disk.as_ref(), &self.path).map_err(|_| HardwareKeyProblem::Transient)
    }

    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        let _turn = self.turn();
        Ok(self.read()?.failures)
    }

    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        let _turn = self.turn();
        let content = self.read()?;
        // Also where the count stays: a right PIN is written like a wrong one.
        self.write(&Content { failures: count, ..content })
    }

    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        let _turn = self.turn();
        Ok(self.read()?.kept)
    }

    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        let _turn = self.turn();
        let content = self.read()?;
        if bytes.len() > KEPT_BYTES_MAX {
            return Err(HardwareKeyProblem::Transient);
        }
        self.write(&Content { kept: bytes, ..content })
    }
}

impl Content {
    fn to_text(&self) -> Option<Zeroizing<String>> {
        use std::fmt::Write;
        let mut text = Zeroizing::new(String::with_capacity(BYTES_MAX));
        write!(text, "{FIRST_LINE}\nsecret ").ok()?;
        write_hex(self.secret.expose(), &mut *text).ok()?;
        text.push_str("\ngeneration ");
        write_hex(&self.generation, &mut *text).ok()?;
        // As long for one count as for another.
        write!(text, "\nfailures {:010}\nkept ", self.failures).ok()?;
        write_hex(&self.kept, &mut *text).ok()?;
        let check = checksum_of(text.as_bytes());
        text.push_str("\ncheck ");
        write_hex(&check, &mut *text).ok()?;
        text.push('\n');
        Some(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let text = if text.starts_with(FIRST_VERSIONS_LINE) {
            text
        } else {
            let (checked, check) = text.strip_suffix('\n')?.rsplit_once("\ncheck ")?;
            // Without it a flipped digit would be another key, another count or another PIN's number.
            let mut expected = String::new();
            write_hex(&checksum_of(checked.as_bytes()), &mut expected).ok()?;
            if check != expected {
                return None;
            }
            checked
        };
        let mut lines = text.lines();
        if ![FIRST_LINE, FIRST_VERSIONS_LINE].contains(&lines.next()?) {
            return None;
        }
        let secret = Zeroizing::new(read_hex::<32>(lines.next()?.strip_prefix("secret ")?).ok()?);
        let generation = read_hex(lines.next()?.strip_prefix("generation ")?).ok()?;
        let failures = u32::from_str(lines.next()?.strip_prefix("failures ")?).ok()?;
        // A file of the first version ends here.
        let kept = lines.next().map_or(Some(""), |line| line.strip_prefix("kept "));
        let kept = bytes_of(kept?)?;
        if lines.next().is_some() {
            return None;
        }
        Some(Self { secret: Secret::from_slice(secret.as_slice())?, generation, failures, kept })
    }
}

fn checksum_of(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Hash::of(&[bytes]).short()
}

/// Reads pairs of hexadecimal digits.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| read_hex::<1>(pair).ok());
    digits.as_bytes().chunks(2).map(|two| pair(two).map(|[byte]| byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};
    use crate::vault::hardware_key_suite;

    fn key(home: &tempfile::TempDir) -> FileHardwareKey {
        FileHardwareKey::new(home.path(), Arc::new(FixedEntropy::new(1)))
    }

    #[test]
    fn the_stand_in_behaves_like_every_hardware_key() {
        let home = tempfile::tempdir().unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(FixedEntropy::new(1));
        hardware_key_suite::run(|| Box::new(FileHardwareKey::new(home.path(), Arc::clone(&entropy))));
    }

    #[test]
    fn the_file_says_what_it_is_and_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        key(&home).create().unwrap();
        let path = home.path().join(KEY_FILE);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("STAND-IN for a hardware key"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_cannot_be_understood_is_a_key_that_is_gone() {
        let home = tempfile::tempdir().unwrap();
        key(&home).create().unwrap();
        let path = home.path().join(KEY_FILE);
        let good = std::fs::read(&path).unwrap();
        let cases = [
            Vec::new(),
            good[..good.len() / 2].to_vec(),
            good[..good.len() - 2].to_vec(),
            [good.as_slice(), b"more\n"].concat(),
            vec![0xff; 100],
            vec![b'x'; BYTES_MAX + 1],
        ];
        for bytes in cases {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(key(&home).failures(), Err(HardwareKeyProblem::Invalidated), "{bytes:?}");
            assert_eq!(key(&home).create(), Err(HardwareKeyProblem::Invalidated));
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn p13_every_flipped_bit_of_the_file_is_a_key_that_is_gone() {
        let home = tempfile::tempdir().unwrap();
        key(&home).create().unwrap();
        key(&home).set_failures(3).unwrap();
        key(&home).keep(vec![7; 32]).unwrap();
        let path = home.path().join(KEY_FILE);
        let good = std::fs::read(&path).unwrap();
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut flipped = good.clone();
                flipped[position] ^= 1 << bit;
                std::fs::write(&path, &flipped).unwrap();
                assert_eq!(
                    key(&home).failures(),
                    Err(HardwareKeyProblem::Invalidated),
                    "bit {bit} of byte {position}"
                );
            }
        }
    }

    #[test]
    fn p12_the_file_is_as_long_for_one_count_as_for_another() {
        let home = tempfile::tempdir().unwrap();
        key(&home).create().unwrap();
        let length = || std::fs::metadata(home.path().join(KEY_FILE)).unwrap().len();
        let first = length();
        for count in [1, 10, u32::MAX, 0] {
            key(&home).set_failures(count).unwrap();
            assert_eq!((length(), key(&home).failures()), (first, Ok(count)));
        }
    }

    #[test]
    fn a_file_of_the_first_version_is_read_and_written_as_todays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(KEY_FILE);
        let secret = "11".repeat(32);
        for kept in ["", "kept 0a0b\n"] {
            let first = format!(
                "{FIRST_VERSIONS_LINE}\nsecret {secret}\ngeneration 0102030405060708\nfailures 3\n{kept}"
            );
            std::fs::write(&path, first).unwrap();
            let bytes = if kept.is_empty() { vec![] } else { vec![10, 11] };
            assert_eq!((key(&home).failures(), key(&home).kept()), (Ok(3), Ok(bytes.clone())));
            let before = key(&home).mac("label".to_owned(), vec![1]).unwrap();
            key(&home).set_failures(4).unwrap();
            assert!(std::fs::read_to_string(&path).unwrap().starts_with(FIRST_LINE));
            assert_eq!((key(&home).failures(), key(&home).kept()), (Ok(4), Ok(bytes)));
            assert_eq!(key(&home).mac("label".to_owned(), vec![1]), Ok(before));
        }
    }

    #[test]
    fn trouble_with_the_folder_or_randomness_is_transient_and_makes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let spent = FileHardwareKey::new(home.path(), Arc::new(SpentEntropy));
        assert_eq!(spent.create(), Err(HardwareKeyProblem::Transient));
        let nowhere = FileHardwareKey::new(&home.path().join("nowhere"), Arc::new(FixedEntropy::new(1)));
        assert_eq!(nowhere.create(), Err(HardwareKeyProblem::Transient));
        std::fs::create_dir(home.path().join(KEY_FILE)).unwrap();
        assert_eq!(key(&home).failures(), Err(HardwareKeyProblem::Transient));
    }

    #[test]
    fn a_key_that_is_made_again_lives_another_life() {
        let home = tempfile::tempdir().unwrap();
        let key = key(&home);
        key.create().unwrap();
        let first = key.generation().unwrap();
        key.set_failures(3).unwrap();
        key.create().unwrap();
        assert_eq!((key.generation(), key.failures()), (Ok(first), Ok(3)));
        key.delete().unwrap();
        key.create().unwrap();
        assert_ne!(key.generation(), Ok(first));
    }
}
