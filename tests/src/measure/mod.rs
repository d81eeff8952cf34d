//! Figures on what travels and how fast, a file for each group, printed as JSON lines.
//!
//! Takes them and judges none; the aim stands beside each.

pub mod lock;
pub mod rotation;
pub mod slow_link;
pub mod wire;
pub mod words;

use serde_json::json;

/// Seed of the casework; the trainer has not seen it.
pub const SEED: u64 = 9_001;

/// Prints one figure with its aim.
pub fn print(name: &str, value: f64, unit: &str, aim: &str) {
    let value = (value * 1000.0).round() / 1000.0;
    println!("{}", json!({"name": name, "value": value, "unit": unit, "aim": aim}));
}

/// The mean of several figures.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The largest of several figures.
#[must_use]
pub fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// What this process has had of the processor so far, in seconds; Linux only.
#[must_use]
pub fn cpu_seconds() -> f64 {
    /// Ticks a second in which Linux reports it.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // What stands before the last bracket is the program's name, which may hold anything.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).expect("ticks");
    (ticks(11) + ticks(12)) / TICKS
}
