//! Which epoch held when: the newest of a log, and the one that stood at any of its records.
//!
//! Numbers and commitments only; the keys are in nobody's clear.

use super::Epoch;
use crate::hash::Hash;

/// Every epoch of a vault, oldest first, and where in its log each began.
#[derive(Clone, Debug)]
pub struct Epochs {
    all: Vec<Epoch>,
    /// For each record the start of its hash and the epoch from there on.
    heads: Vec<([u8; 8], u32)>,
}

impl Epochs {
    pub(super) fn first(epoch: &Epoch, head: Hash) -> Self {
        Self { all: vec![epoch.clone()], heads: vec![(head.short(), epoch.number)] }
    }

    /// Goes on with a record, which may begin an epoch.
    pub(super) fn follow(&mut self, head: Hash, begun: Option<&Epoch>) {
        self.all.extend(begun.cloned());
        let number = self.all.last().map_or(0, |epoch| epoch.number);
        self.heads.push((head.short(), number));
    }

    /// One epoch by its number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Epoch> {
        self.all.iter().rev().find(|epoch| epoch.number == number)
    }

    /// The epoch before one.
    #[must_use]
    pub fn before(&self, number: u32) -> Option<&Epoch> {
        self.all.iter().rev().find(|epoch| epoch.number < number)
    }

    /// The epoch that somebody wrote under whose newest record was this one; `None` if the log has no such record.
    #[must_use]
    pub fn at(&self, log_head: [u8; 8]) -> Option<u32> {
        self.heads.iter().rev().find(|(head, _)| *head == log_head).map(|(_, number)| *number)
    }
}
