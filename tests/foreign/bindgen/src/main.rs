//! Writes the door's Kotlin and Python from the built library.
//!
//! A crate and a lock file of its own: UniFFI's generator must not become part of the library, nor of any other build here.

fn main() {
    uniffi::uniffi_bindgen_main();
}
