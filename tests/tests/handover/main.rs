//! The mentor's phone in a young person's hands: what can be done there, what cannot, and what comes back.
//!
//! Tests are named after the requirement that they show, see SECURITY.md.

mod answers;
mod closed;
mod killed;
mod pages;
