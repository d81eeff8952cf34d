//! Writes the door's Swift from the built library, with the headers and the module map that an XCFramework wants.
//!
//! The generator of the other languages writes one file for each module and no such map.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
