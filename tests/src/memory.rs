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

/// Bytes of a process that are looked at in one piece.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// What is looked for in memory: its name, and the bytes.
pub struct Sought {
    /// What it is, for whoever reads that it was found.
    pub what: String,
    bytes: Vec<u8>,
}

impl Sought {
    /// A text as it was written.
    #[must_use]
    pub fn text(what: &str, text: &str) -> Self {
        Self { what: what.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    /// A key, as bytes and as the hexadecimal digits that the cipher is told it in.
    #[must_use]
    pub fn key(what: &str, key: &[u8]) -> [Self; 2] {
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        [
            Self { what: what.to_owned(), bytes: key.to_vec() },
            Self::text(&format!("{what}, as digits"), &digits),
        ]
    }
}

/// Looks through everything that another process holds in memory: what was found, and in which part. Linux only.
///
/// # Panics
/// If the process is not there or may not be looked into.
#[must_use]
pub fn found_in(process: u32, sought: &[Sought]) -> Vec<String> {
    use std::os::unix::fs::FileExt as _;
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("its parts");
    let memory = std::fs::File::open(format!("/proc/{process}/mem")).expect("its memory");
    let longest = sought.iter().map(|one| one.bytes.len()).max().unwrap_or(1);
    // Only where two bytes in a row begin something is the rest compared.
    let mut begins = vec![false; 1 << 16];
    for one in sought {
        begins[usize::from(one.bytes[0]) << 8 | usize::from(one.bytes[1])] = true;
    }
    let (mut found, mut piece, mut looked) =
        (std::collections::BTreeSet::new(), vec![0; PIECE_BYTES], 0_usize);
    for line in maps.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [range, rights, ..] = fields[..] else { continue };
        let part = fields.get(5).copied().unwrap_or("memory without a name");
        if !rights.starts_with('r') || part.starts_with("[v") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("a range");
        let [from, to] = [from, to].map(|digits| u64::from_str_radix(digits, 16).expect("an address"));
        let mut at = from;
        while at < to {
            let length = usize::try_from(to - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let Ok(read) = memory.read_at(&mut piece[..length], at) else { break };
            if read < 2 {
                break;
            }
            looked += read;
            let bytes = &piece[..read];
            for (place, pair) in bytes.windows(2).enumerate() {
                if begins[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
                    let here = sought.iter().filter(|one| bytes[place..].starts_with(&one.bytes));
                    found.extend(here.map(|one| format!("{} in {part}", one.what)));
                }
            }
            if read < length || at + read as u64 >= to {
                break;
            }
            // What lies across two pieces is found in the second.
            at += (read - longest + 1) as u64;
        }
    }
    assert!(looked > 1024 * 1024, "hardly anything could be looked at");
    found.into_iter().collect()
}
