//! The disk under a home, asked around every moment at which something becomes durable.
//!
//! The bytes themselves are written by whoever has them. Only what a machine may do at such a moment is said here: refuse,
//! because it is full or read-only, or stop, because its power is gone.

use std::io;

/// Says around each durable write whether it may be made, and whether anybody hears of it.
pub trait Disk: Send + Sync {
    /// Called right before something becomes durable.
    ///
    /// # Errors
    /// Why nothing can: the caller gives up and leaves everything as it is.
    fn begin_write(&self) -> io::Result<()>;

    /// Called right after something has become durable.
    ///
    /// # Errors
    /// The machine has stopped: what was written stays, and nobody is told.
    fn end_write(&self) -> io::Result<()>;

    /// Whether so many bytes can be set aside, which nobody needs yet. Whoever writes them finds out what is true.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`], or why nothing can be written.
    fn room_for(&self, bytes: u64) -> io::Result<()>;

    /// Whether the machine has stopped, so that nothing is tidied up either.
    fn has_stopped(&self) -> bool;

    /// Whether it is worth waiting for another process that uses the same files. Where one thread plays every process,
    /// nobody lets go while another one waits.
    fn waits(&self) -> bool;
}

/// The disk of the machine the core runs on: the calls that write say themselves what is wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn begin_write(&self) -> io::Result<()> {
        Ok(())
    }

    fn end_write(&self) -> io::Result<()> {
        Ok(())
    }

    fn room_for(&self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn has_stopped(&self) -> bool {
        false
    }

    fn waits(&self) -> bool {
        true
    }
}
