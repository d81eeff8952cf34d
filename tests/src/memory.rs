//! What this process holds in memory, as Linux counts it.
//!
//! Read from `/proc`; on other systems the figures are zero and say nothing.

/// Resident bytes at this moment.
#[must_use]
pub fn resident_bytes() -> u64 {
    status("VmRSS:")
}

/// The most that was resident since the process began or since [`reset_peak`].
#[must_use]
pub fn peak_bytes() -> u64 {
    status("VmHWM:")
}

/// Forgets the peak so far.
pub fn reset_peak() {
    // 5 resets the peak resident set; see proc(5).
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
