//! Stub.
use crate::contract::{Ask, Page, Problem, StaffRole};
use crate::store::{Me, Read};
pub struct View { pub me: Me, pub role: StaffRole, pub now_ms: i64 }
pub fn draw(_: &Read<'_>, _: &View, _: &Ask) -> Result<Page, Problem> { Err(Problem::NoStore) }
