//! The targets under libFuzzer, which looks for inputs that reach new code; `tests/fuzz/run` builds and starts it.
//!
//! The target is named by the variable `FUZZ_TARGET`; `--list` prints all names, `--seeds FOLDER` writes the seeds.

#![no_main]

use std::sync::OnceLock;

use fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        // A panic that the code under test catches is no finding; one that reaches us is, below.
        std::panic::set_hook(Box::new(|_| ()));
        prepare();
    },
    |input: &[u8]| {
        let target = TARGET.get().expect("a target");
        let bounded = &input[..input.len().min(target.bytes_max)];
        if let Err(panic) = std::panic::catch_unwind(|| (target.read)(bounded)) {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
            eprintln!("FINDING in {}: {said}", target.name);
            std::process::abort();
        }
    }
);

fn prepare() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        for target in fuzz::targets() {
            println!("{} {}", target.name, target.bytes_max);
        }
        std::process::exit(0);
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = fuzz::targets().into_iter().find(|target| target.name == name) else {
        eprintln!("FUZZ_TARGET names no target: {name}");
        std::process::exit(2);
    };
    if let Some(at) = arguments.iter().position(|argument| argument == "--seeds") {
        let folder = std::path::Path::new(&arguments[at + 1]);
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), seed).expect("a writable folder");
        }
        std::process::exit(0);
    }
    let _ = TARGET.set(target);
}
