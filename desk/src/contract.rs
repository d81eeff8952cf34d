//! Every command and page with its fields, as JSON Schema.
//!
//! Made from the types themselves, so that it cannot say anything else than they do.

use fieldfare_core::contract::{
    Ask, Command, Done, Exchanged, HandOver, HandoverPage, HandoverStep, Page, Problem,
};
use serde::Serialize;

use crate::output::{self, Refusal};

#[derive(Serialize)]
struct Contract {
    commands: schemars::Schema,
    done: schemars::Schema,
    asks: schemars::Schema,
    pages: schemars::Schema,
    exchanged: schemars::Schema,
    hand_over: schemars::Schema,
    handover_steps: schemars::Schema,
    handover_pages: schemars::Schema,
    problems: schemars::Schema,
}

pub(crate) fn print() -> Result<(), Refusal> {
    output::line(&Contract {
        commands: schemars::schema_for!(Command),
        done: schemars::schema_for!(Done),
        asks: schemars::schema_for!(Ask),
        pages: schemars::schema_for!(Page),
        exchanged: schemars::schema_for!(Exchanged),
        hand_over: schemars::schema_for!(HandOver),
        handover_steps: schemars::schema_for!(HandoverStep),
        handover_pages: schemars::schema_for!(HandoverPage),
        problems: schemars::schema_for!(Problem),
    })
}
