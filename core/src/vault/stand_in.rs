//! A file in the place of a phone's hardware key, for desks and tests.
//!
//! It keeps the port's promises about counts and errors, and none about hardware: whoever copies the home has the key too.
//!
//! | Condition | Problem |
//! |---|---|
//! | there is no file | `NotFound` |
//! | there is a file and it cannot be understood | `Invalidated` |
//! | the folder, the disk or the randomness does not answer | `Transient` |

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldfare_protocol::id::{read_hex, write_hex};
use zeroize::Zeroizing;

use super::durable;
use super::secret::{Secret, mac};
use crate::ports::{Disk, Entropy, HardwareKey, HardwareKeyProblem, KEPT_BYTES_MAX, SystemDisk};

/// Name of the key's file in a home.
pub const KEY_FILE: &str = "device-key";

const FIRST_LINE: &str = "STAND-IN for a hardware key: this file offers NO hardware protection. Version 1.";
const BYTES_MAX: usize = 1024;

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
        // A success after a success has nothing to write, and half of all unlocks are that.
        if content.failures == count { Ok(()) } else { self.write(&Content { failures: count, ..content }) }
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
        write!(text, "\nfailures {}\nkept ", self.failures).ok()?;
        write_hex(&self.kept, &mut *text).ok()?;
        text.push('\n');
        Some(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FIRST_LINE {
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
