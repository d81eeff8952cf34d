//! Trains the compression dictionary on invented casework and writes it to the path that is given.
//!
//! Never run on real notes. A dictionary that was released stays: a new one gets a new number beside it.

use tests::casebook::{Casebook, write_case};
use tests::casework::Casework;

/// Seeds of the training set. The figures in `measure` are taken from other seeds.
const SEEDS: std::ops::Range<u64> = 1..13;
/// Size of the dictionary, in bytes.
const DICTIONARY_BYTES: usize = 64 * 1024;

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: train FILE    for example core/src/exchange/casework.dictionary");
        std::process::exit(2);
    };
    let mut samples = Vec::new();
    for seed in SEEDS {
        let book = Casebook::new();
        let mut casework = Casework::new(seed);
        for _ in 0..3 {
            write_case(&mut casework, 30, &mut |command| book.run(command));
        }
        for count in [1, 8, 50] {
            samples.extend(book.bodies(count));
        }
    }
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES).expect("enough samples");
    std::fs::write(&path, &dictionary).expect("a file that can be written");
    println!("{} bytes from {} samples", dictionary.len(), samples.len());
}
