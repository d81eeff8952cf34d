//! Room on the disk that a home keeps for itself, and gives up when there is no other: so that unlocking, reading, sealing and
//! sending go on where nothing more can be written.
//!
//! Knows one file and when to give it up; what the room is used for is not known here.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::contract::{Command, Problem};
use crate::ports::{Disk, Ports};
use crate::vault::unlock::{ENVELOPE_FILE, RESERVE_FILE};

/// How much is kept: an envelope, a store's log and what a day's work is sealed into, several times over.
pub const RESERVE_BYTES: u64 = 1024 * 1024;
/// What exchanging leaves of it: what others have sent must not keep anybody from unlocking.
const TO_UNLOCK_BYTES: u64 = 256 * 1024;
/// How much is written at once, and asked for when nobody knows whether the disk is full.
const PART_BYTES: usize = 64 * 1024;

/// Something that has to go on, and how much of the reserve it leaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Urgent {
    /// Opening a home.
    Unlocking,
    /// Everything behind it.
    Working,
}

/// The reserve of an open home.
pub(super) struct Reserve {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    /// Whether some of it is missing, so that only what is urgent is written.
    is_low: AtomicBool,
}

impl Reserve {
    /// The reserve of a home, and nothing is known of it yet.
    pub(super) fn of(folder: &Path, disk: Arc<dyn Disk>) -> Self {
        Self { folder: folder.to_owned(), disk, is_low: AtomicBool::new(true) }
    }

    /// Does something urgent, and gives the reserve up for it where there is no other room.
    pub(super) fn spend<T>(&self, act: impl FnMut() -> Result<T, Problem>) -> Result<T, Problem> {
        let done = with_room(Urgent::Working, &self.folder, self.disk.as_ref(), act);
        self.fill();
        done
    }

    /// Refuses what can wait until the reserve is whole again.
    pub(super) fn let_write(&self) -> Result<(), Problem> {
        if self.is_low.load(Ordering::SeqCst) {
            self.fill();
        }
        if self.is_low.load(Ordering::SeqCst) { Err(Problem::DiskFull) } else { Ok(()) }
    }

    /// Makes what is missing of it, as far as there is room: once everything urgent has had its own.
    pub(super) fn fill(&self) {
        self.is_low.store(!make(&self.folder, self.disk.as_ref()), Ordering::SeqCst);
    }
}

/// Whether a command is written into the reserve: somebody may be in danger, and a phone that is full of photos must not be what
/// keeps it from being said.
pub(super) const fn is_urgent(command: &Command) -> bool {
    matches!(command, Command::RaiseConcern { .. } | Command::HandleConcern { .. })
}

/// Does something urgent in a home, once more if the disk was full and the reserve has made room.
pub(super) fn with_room<T>(
    urgent: Urgent,
    folder: &Path,
    disk: &dyn Disk,
    mut act: impl FnMut() -> Result<T, Problem>,
) -> Result<T, Problem> {
    match act() {
        Err(problem) if is_for_want_of_room(&problem, folder, disk) && give_up(urgent, folder) => act(),
        done => done,
    }
}

/// The same for a home that is opened.
pub(super) fn with_room_to_unlock<T>(
    folder: &Path,
    ports: &Ports,
    act: impl FnMut() -> Result<T, Problem>,
) -> Result<T, Problem> {
    with_room(Urgent::Unlocking, folder, ports.disk.as_ref(), act)
}

fn is_for_want_of_room(problem: &Problem, folder: &Path, disk: &dyn Disk) -> bool {
    match problem {
        Problem::DiskFull => true,
        // A library or a desk's key that cannot make a file does not say why.
        Problem::FileTrouble | Problem::HardwareKeyBusy => is_full(folder, disk),
        _ => false,
    }
}

fn is_full(folder: &Path, disk: &dyn Disk) -> bool {
    let probe = folder.join(format!("{RESERVE_FILE}.new"));
    let probed = disk.room_for(PART_BYTES as u64).and_then(|()| write_part(&probe, PART_BYTES));
    let _ = fs::remove_file(probe);
    probed.is_err_and(|error| is_no_room(&error))
}

fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Gives the reserve up, and says whether that has made any room.
fn give_up(urgent: Urgent, folder: &Path) -> bool {
    let path = folder.join(RESERVE_FILE);
    let Ok(about) = fs::metadata(&path) else { return false };
    match urgent {
        Urgent::Unlocking => fs::remove_file(&path).is_ok() && about.len() > 0,
        Urgent::Working if about.len() <= TO_UNLOCK_BYTES => false,
        Urgent::Working => {
            let file = OpenOptions::new().write(true).open(&path);
            file.and_then(|file| file.set_len(TO_UNLOCK_BYTES)).is_ok()
        }
    }
}

/// Makes what is missing of the reserve, as far as there is room, and says whether it is whole. It need not outlast a crash: what
/// is missing is made again.
fn make(folder: &Path, disk: &dyn Disk) -> bool {
    let path = folder.join(RESERVE_FILE);
    let mut there = fs::metadata(&path).map_or(0, |about| about.len());
    if there >= RESERVE_BYTES {
        return true;
    }
    // A home that was erased while it was open is left as empty as it is: there is nothing to keep room for.
    if !folder.join(ENVELOPE_FILE).exists() {
        return true;
    }
    if disk.room_for(RESERVE_BYTES.saturating_sub(there)).and_then(|()| disk.begin_write()).is_err() {
        return false;
    }
    while there < RESERVE_BYTES {
        let missing = usize::try_from(RESERVE_BYTES.saturating_sub(there)).unwrap_or(PART_BYTES);
        if write_part(&path, missing.min(PART_BYTES)).is_err() {
            return false;
        }
        there = there.saturating_add(PART_BYTES as u64);
    }
    disk.end_write().is_ok()
}

/// Adds to a file what no file system can make smaller.
fn write_part(path: &Path, bytes: usize) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64 ^ file.metadata()?.len().wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut part = Vec::with_capacity(bytes);
    while part.len() < bytes {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        part.extend_from_slice(&noise.to_le_bytes());
    }
    part.truncate(bytes);
    file.write_all(&part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;

    fn length(folder: &Path) -> u64 {
        fs::metadata(folder.join(RESERVE_FILE)).map_or(0, |about| about.len())
    }

    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(ENVELOPE_FILE), b"").unwrap();
        home
    }

    #[test]
    fn f_the_reserve_is_made_given_up_and_made_again() {
        let home = home();
        let reserve = Reserve::of(home.path(), Arc::new(SystemDisk));
        reserve.fill();
        assert_eq!((length(home.path()), reserve.let_write()), (RESERVE_BYTES, Ok(())));
        let mut left = Vec::new();
        let spent = reserve.spend(|| {
            left.push(length(home.path()));
            if left.len() == 1 { Err(Problem::DiskFull) } else { Ok(()) }
        });
        assert_eq!((spent, left), (Ok(()), vec![RESERVE_BYTES, TO_UNLOCK_BYTES]));
        assert_eq!(length(home.path()), RESERVE_BYTES);
        // What is left of it is for unlocking alone, and nothing is tried twice that gains no room.
        let mut tried = 0;
        let mut act = || {
            tried += 1;
            Err::<(), _>(Problem::DiskFull)
        };
        let folder = home.path();
        assert!(with_room(Urgent::Working, folder, &SystemDisk, &mut act).is_err());
        assert!(with_room(Urgent::Working, folder, &SystemDisk, &mut act).is_err());
        assert!(with_room(Urgent::Unlocking, folder, &SystemDisk, &mut act).is_err());
        assert!(with_room(Urgent::Unlocking, folder, &SystemDisk, &mut act).is_err());
        assert_eq!((tried, length(folder)), (6, 0));
    }

    #[test]
    fn f_a_home_that_was_erased_while_it_was_open_is_given_none() {
        let home = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(home.path(), Arc::new(SystemDisk));
        reserve.fill();
        assert_eq!((length(home.path()), reserve.let_write()), (0, Ok(())));
    }

    #[test]
    fn f_other_trouble_gives_nothing_up() {
        let home = home();
        let reserve = Reserve::of(home.path(), Arc::new(SystemDisk));
        reserve.fill();
        for problem in [Problem::FileTrouble, Problem::HardwareKeyBusy, Problem::StoreBusy] {
            assert_eq!(reserve.spend(|| Err::<(), _>(problem.clone())), Err(problem));
            assert_eq!(length(home.path()), RESERVE_BYTES);
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    }
}
