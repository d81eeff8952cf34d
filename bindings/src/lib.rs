//! The foreign door: one object for Kotlin, Swift and Python, made from the contract's own types.
//!
//! Calls and never decides. No type of the contract is written a second time here; what a phone lends is asked with a
//! bound on the time it takes, and whatever goes wrong on either side of the door is a `Problem`.

mod apart;
mod fault;
mod fieldfare;
mod forgotten;
mod handover;
mod lent;
mod lock;
mod open;
mod pages;
mod progress;
mod watch;

pub use fieldfare::Fieldfare;
pub use handover::Handover;
pub use progress::ExchangeProgress;
pub use watch::Watch;

uniffi::setup_scaffolding!("fieldfare");

/// Whatever was written, shown or sent is wiped from memory when it is given back, also by libraries that do not think of it.
#[global_allocator]
static WIPED_WHEN_FREED: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// What has another name here, since it says more; readers of pages have one each.
    const RENAMED: [(&str, &str); 5] = [
        ("open", "new"),
        ("remove", "remove_device"),
        ("rotate", "rotate_case"),
        ("drawn", "page"),
        ("page", "today"),
    ];

    /// What no shell needs: how two devices are compared in tests, another build of the app that a test plays, names that a
    /// file dialogue shows already, and what is done at a desk alone: the copy of a case that is handed out, erasing one by
    /// law, and ending a colleague's departure.
    const NOT_HERE: [&str; 8] = [
        "digests",
        "unlock_by",
        "recovery_files",
        "export",
        "ask_to_erase",
        "keep_after_all",
        "erase_case",
        "close_departure",
    ];

    fn texts(folder: &str) -> Vec<String> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => texts.push(std::fs::read_to_string(path).unwrap()),
                }
            }
        }
        texts
    }

    #[test]
    fn every_call_of_the_core_is_at_the_door() -> Result<(), String> {
        let door = texts("src").concat();
        let core = texts("../core/src/app").concat();
        let calls: Vec<_> =
            core.split("pub fn ").skip(1).filter_map(|after| after.split(['(', '<']).next()).collect();
        assert!(calls.contains(&"exchange"));
        let here = |call: &str| {
            let name = RENAMED.iter().find(|(core, _)| *core == call).map_or(call, |(_, here)| here);
            NOT_HERE.contains(&call) || door.contains(&format!("fn {name}("))
        };
        match calls.into_iter().find(|call| !here(call)) {
            // Said by the harness, since whatever a panic says is silenced here.
            Some(call) => Err(format!("`{call}` of the core cannot be called from a phone")),
            None => Ok(()),
        }
    }
}
