//! Writes `docs/sbom.cdx.json` anew from the lock file; run it whenever a dependency changes.
//!
//! Decides nothing: what may be in the list is the tests'.

fn main() {
    std::fs::write(tests::supply::path(), tests::supply::written(&tests::supply::list())).expect("a file");
}
