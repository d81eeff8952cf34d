//! Small files that are either the old one or the new one, whatever happens in between.
//!
//! Knows bytes and paths; what is in a file, and whether it may be replaced, its caller decides.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::ports::Disk;

/// Replaces the file at `path` so that a crash leaves either all of the old bytes or all of the new ones.
///
/// The order is write beside it, flush, rename, flush the folder. Readable by its owner alone.
///
/// # Errors
/// Whatever the system reports; the old file then still stands, unless only the last flush failed.
pub(super) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk.begin_write()?;
    let beside = beside(path);
    // A crash may have left half a file there, or one that others can read.
    destroy_beside(disk, path)?;
    write_new(&beside, bytes).inspect_err(|_| drop(std::fs::remove_file(&beside)))?;
    disk.end_write()?;
    std::fs::rename(&beside, path).inspect_err(|_| drop(std::fs::remove_file(&beside)))?;
    flush_folder_of(path)?;
    disk.end_write()
}

/// Writes a file that must not exist yet, readable by its owner alone, and flushes it.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`], or whatever the system reports; then nothing is left behind.
pub(super) fn create(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk.begin_write()?;
    write_new(path, bytes)?;
    flush_folder_of(path).inspect_err(|_| drop(std::fs::remove_file(path)))?;
    disk.end_write()
}

/// Reads a file of at most `bytes_max` bytes; `None` if there is none.
///
/// # Errors
/// [`ErrorKind::FileTooLarge`] over that length, or whatever the system reports.
pub(super) fn read(path: &Path, bytes_max: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    // Room for all of it at once: a growing buffer leaves copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(bytes_max.saturating_add(1)));
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

/// Writes `bytes` over the file's own bytes from `offset` on, in place, and flushes it.
///
/// # Errors
/// Whatever the system reports, [`ErrorKind::NotFound`] among it.
pub(super) fn overwrite(disk: &dyn Disk, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
    disk.begin_write()?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    disk.end_write()
}

/// Writes zeros over everything in the file from `offset` on, in place, and flushes it.
///
/// Flash memory may keep the old blocks all the same: this is no substitute for destroying the key they are sealed
/// under.
///
/// # Errors
/// Whatever the system reports, [`ErrorKind::NotFound`] among it.
pub(super) fn blank(disk: &dyn Disk, path: &Path, offset: u64) -> io::Result<()> {
    let length = std::fs::metadata(path)?.len().saturating_sub(offset).min(BLANKED_BYTES_MAX);
    let zeros = vec![0; usize::try_from(length).unwrap_or(0)];
    overwrite(disk, path, offset, &zeros)
}

/// Blanks and removes a file durably, and what a crash left beside it; succeeds if there is none.
///
/// # Errors
/// Whatever the system reports first; both files have been tried by then.
pub(super) fn destroy(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let main = blank_and_remove(disk, path);
    destroy_beside(disk, path).and(main)?;
    flush_folder_of(path)
}

/// Removes a file without blanking it; succeeds if there is none. For what is noise once its key is gone.
///
/// # Errors
/// Whatever the system reports.
pub(super) fn remove(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    begin_removal(disk)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Err(_) => return Ok(()),
        Ok(()) => {}
    }
    flush_folder_of(path)?;
    disk.end_write()
}

/// Blanks and removes what a crash left beside a file.
///
/// # Errors
/// Whatever the system reports.
pub(super) fn destroy_beside(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    blank_and_remove(disk, &beside(path))
}

/// Asks the disk before something that needs no room on it: a full one takes it all the same.
fn begin_removal(disk: &dyn Disk) -> io::Result<()> {
    disk.begin_write().or_else(|error| match error.kind() {
        ErrorKind::StorageFull => Ok(()),
        _ => Err(error),
    })
}

/// Longest file of the vault, many times over.
const BLANKED_BYTES_MAX: u64 = 64 * 1024;

fn blank_and_remove(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    // A file that cannot be blanked, as on a full disk, is removed all the same.
    let _ = blank(disk, path, 0);
    begin_removal(disk)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(std::fs::remove_file(path)))
}

fn flush_folder_of(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and a rename is durable by itself.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;

    fn read_all(path: &Path) -> Vec<u8> {
        read(path, 100).unwrap().unwrap().to_vec()
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&SystemDisk, &path, b"a longer old text").unwrap();
        replace(&SystemDisk, &path, b"new").unwrap();
        assert_eq!(read_all(&path), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_beside_a_file_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(beside(&path), b"half").unwrap();
        replace(&SystemDisk, &path, b"new").unwrap();
        assert_eq!(read_all(&path), b"new");
        std::fs::write(beside(&path), b"half").unwrap();
        destroy(&SystemDisk, &path).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn creating_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&SystemDisk, &path, b"first").unwrap();
        assert_eq!(create(&SystemDisk, &path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(read_all(&path), b"first");
    }

    #[test]
    fn reading_stops_at_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(read(&path, 3).unwrap().is_none());
        std::fs::write(&path, b"four").unwrap();
        assert_eq!(read(&path, 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read(&path, 4).unwrap().unwrap().as_slice(), b"four");
    }

    #[cfg(unix)]
    #[test]
    fn r01_files_are_readable_by_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&SystemDisk, &path, b"secret").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
