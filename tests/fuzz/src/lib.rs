//! Strange bytes for everything that reads what others wrote: each target takes any bytes and must come to no harm.
//!
//! Knows what must hold for any input, and not where the input comes from: a corpus, the mutator here, or libFuzzer.

pub mod mutator;
pub mod supply;
mod targets;

pub use targets::targets;

/// Something that reads what a stranger wrote.
pub struct Target {
    /// Its name, by which it is asked for; also the name of its folder in the corpus.
    pub name: &'static str,
    /// Longest input that is worth trying, in bytes: a little over the limit of what it reads.
    pub bytes_max: usize,
    /// Runs of the short random test: fewer where one run costs a whole exchange.
    pub runs: usize,
    /// Inputs to start from, made by the project itself.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads the bytes. Panics if something that must hold does not.
    pub read: fn(&[u8]),
}
