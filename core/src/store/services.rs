//! Local services as rows, as they were published.
//!
//! What an untidy age or area means is read from the text by the domain, each time anew.

use rusqlite::{OptionalExtension, named_params};

use super::Read;
use super::problem::StoreProblem;
use crate::contract::ServiceId;

/// A local service, as published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct StoredService {
    pub service: ServiceId,
    pub name: String,
    pub offers: String,
    pub ages: String,
    pub areas: String,
    pub contact: String,
    pub checked_on: Option<i32>,
}

impl Read<'_> {
    /// Every service that was not taken back, in order of name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn services(&self) -> Result<Vec<StoredService>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, ifnull(name, ''), ifnull(offers, ''), ifnull(ages, ''), ifnull(areas, ''),
                    ifnull(contact, ''), checked_on
             FROM service WHERE struck IS NULL ORDER BY name COLLATE NOCASE, id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(StoredService {
                service: ServiceId(row.get(0)?),
                name: row.get(1)?,
                offers: row.get(2)?,
                ages: row.get(3)?,
                areas: row.get(4)?,
                contact: row.get(5)?,
                checked_on: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A service by its name, whatever its case.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn service_named(&self, name: &str) -> Result<Option<ServiceId>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM service WHERE name = :name COLLATE NOCASE AND struck IS NULL
             ORDER BY made_stamp, id LIMIT 1",
        )?;
        Ok(statement
            .query_row(named_params! { ":name": name }, |row| Ok(ServiceId(row.get(0)?)))
            .optional()?)
    }
}
