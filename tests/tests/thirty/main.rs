//! The thirty requirements of SECURITY.md: the table that names their tests, and those that no other test file looks after.
//!
//! A test whose name begins with `r` and two digits shows a part of the requirement of that number, wherever it stands.

mod as_shipped;
mod delivered;
mod erased;
mod export;
mod held;
mod mutants;
mod pinned;
mod said_nowhere;
mod supply;
mod table;
