//! Members of staff and the organisation's card as rows.
//!
//! Roles come from the membership log; names are what colleagues wrote.

use rusqlite::{OptionalExtension, named_params};

use super::Read;
use super::problem::StoreProblem;
use crate::contract::{PersonId, StaffRole};

impl Read<'_> {
    /// The name of a member of staff; empty while it has not arrived.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn person_name(&self, person: PersonId) -> Result<String, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT ifnull(name, '') FROM person WHERE id = :id")?;
        Ok(statement
            .query_row(named_params! { ":id": person.0 }, |row| row.get(0))
            .optional()?
            .unwrap_or_default())
    }

    /// A member of staff by their devices: role and number of devices; `None` for nobody.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn person_role(&self, person: PersonId) -> Result<Option<(StaffRole, u32)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT min(role), count(*) FROM device WHERE person = :person AND removed = 0",
        )?;
        let (role, devices): (Option<String>, u32) = statement
            .query_row(named_params! { ":person": person.0 }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(role.as_deref().and_then(StaffRole::from_name).map(|role| (role, devices)))
    }

    /// Everybody who has joined: who, their name, their role; in order of name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn staff(&self) -> Result<Vec<(PersonId, String, StaffRole)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT device.person, ifnull(person.name, ''), min(device.role)
             FROM device LEFT JOIN person ON person.id = device.person
             WHERE device.removed = 0
             GROUP BY device.person ORDER BY 2, 1",
        )?;
        let mut rows = statement.query([])?;
        let mut staff = Vec::new();
        while let Some(row) = rows.next()? {
            let role =
                StaffRole::from_name(&row.get::<_, String>(2)?).ok_or(StoreProblem::Damaged("role"))?;
            staff.push((PersonId(row.get(0)?), row.get(1)?, role));
        }
        Ok(staff)
    }

    /// The last drill of the recovery key: its day in days since 1970, how many vaults it opened and how many it did not.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn last_drill(&self) -> Result<Option<(i32, u32, u32)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT drilled_on, ifnull(drill_opened, 0), ifnull(drill_failed, 0) FROM organisation
             WHERE drilled_on IS NOT NULL ORDER BY no LIMIT 1",
        )?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
    }

    /// Whom to call in a crisis, as the organisation has written it; empty if it has not.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn crisis_card(&self) -> Result<String, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT ifnull(crisis_card, '') FROM organisation ORDER BY no LIMIT 1")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}
