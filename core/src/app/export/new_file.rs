//! A file outside the home that appears whole or not at all, and over no other.
//!
//! Knows bytes and paths. What is in it is in clear, so whatever fails, what was written so far is taken away.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ports::Disk;

/// A file that is being written beside the place where it is to appear.
pub(super) struct NewFile {
    to: PathBuf,
    beside: PathBuf,
    out: BufWriter<File>,
    bytes: u64,
    disk: Arc<dyn Disk>,
}

impl NewFile {
    /// Begins one. What a crash left of an earlier attempt at the same place is taken away first.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`], or whatever the system reports.
    pub(super) fn begin(to: &Path, disk: Arc<dyn Disk>) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(to.file_name().ok_or(ErrorKind::InvalidInput)?);
        name.push(".fieldfare-part");
        let beside = to.with_file_name(name);
        disk.begin_write()?;
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        unless_there(to)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = BufWriter::new(options.open(&beside)?);
        Ok(Self { to: to.to_owned(), beside, out, bytes: 0, disk })
    }

    /// Makes what was written durable, and says how many bytes it is.
    ///
    /// # Errors
    /// Whatever the system reports.
    pub(super) fn flush(&mut self) -> io::Result<u64> {
        self.disk.begin_write()?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(self.bytes)
    }

    /// Lets it appear.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if another file has come there meanwhile, or whatever the system reports.
    pub(super) fn appear(self) -> io::Result<()> {
        self.disk.begin_write()?;
        // A link never takes the place of another file. Some memory sticks know none; there a look has to do.
        match std::fs::hard_link(&self.beside, &self.to) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
            Err(_) => {
                unless_there(&self.to)?;
                std::fs::rename(&self.beside, &self.to)?;
            }
        }
        flush_folder_of(&self.to)?;
        self.disk.end_write()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Takes away what lies beside, also after it has appeared: then it is a second name.
impl Drop for NewFile {
    fn drop(&mut self) {
        // Without power nothing is tidied up; the next attempt does it.
        if !self.disk.has_stopped() {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

fn unless_there(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn flush_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn flush_folder_of(_: &Path) -> io::Result<()> {
    Ok(())
}
