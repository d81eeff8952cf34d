//! What the store remembers of those who have left, of keys that came to nothing and of logs that tell two histories.
//!
//! Rows only; who has to leave is decided by the logs.

use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use rusqlite::named_params;

use super::problem::StoreProblem;
use super::segments::SET_ASIDE_MAX;
use super::{Read, Write};
use crate::contract::StaffRole;

/// Why a segment is kept apart that came after its author had left.
pub const AFTER_REMOVAL: &str = "quarantine.after_removal";
/// Most segments that are kept apart for that.
const AFTER_REMOVAL_MAX: u64 = 4_096;
/// Most bytes of them.
const AFTER_REMOVAL_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// How the reasons begin for which a young person's answers are kept apart.
const ANSWERS: &str = "answers.";
/// Most of them.
const ANSWERS_MAX: u64 = 1_000;

/// A device of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDevice {
    /// Its name.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// That person's name; empty while it has not arrived.
    pub name: String,
    /// What that person does.
    pub role: StaffRole,
    /// Whether it belongs no more.
    pub removed: bool,
}

/// How often the same bytes come before they are taken for what the endpoint has: a line may damage alike twice.
const DAMAGED_ALIKE_MAX: u32 = 5;

/// What became of something that cannot be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetAside {
    /// It is kept.
    New,
    /// It was kept before, and has come so seldom that a line may have damaged it alike each time.
    Again,
    /// It was kept before, and has come so often that the endpoint has it like that.
    AsItIs,
    /// There is no room for it.
    NoRoom,
}

impl Read<'_> {
    /// Our records of a vault's log that the endpoint has not kept, the first one of a log excepted.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unsent_records_of(&self, vault_no: i64) -> Result<Vec<Vec<u8>>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT bytes FROM membership WHERE vault = :vault AND kept = 0 AND number > 0 ORDER BY number",
        )?;
        let rows = statement.query_map(named_params! { ":vault": vault_no }, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether two successors of one record of a vault's log were seen.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn has_two_histories(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT two_histories <> 0 FROM vault WHERE no = :vault")?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, |row| row.get(0))?)
    }

    /// How many vaults have a log that was told in two ways.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn logs_with_two_histories(&self) -> Result<u64, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM vault WHERE two_histories <> 0")?;
        Ok(statement.query_row([], |row| super::chains::unsigned(row, 0))?)
    }

    /// Every device that ever joined, by the name of its person.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn devices(&self) -> Result<Vec<StoredDevice>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT device.id, device.person, ifnull(person.name, ''), device.role, device.removed <> 0
             FROM device LEFT JOIN person ON person.id = device.person ORDER BY 3, 2, 1",
        )?;
        let mut rows = statement.query([])?;
        let mut devices = Vec::new();
        while let Some(row) = rows.next()? {
            let role = StaffRole::from_name(&row.get::<_, String>(3)?);
            devices.push(StoredDevice {
                device: DeviceId(row.get(0)?),
                person: PersonId(row.get(1)?),
                name: row.get(2)?,
                role: role.ok_or(StoreProblem::Damaged("role"))?,
                removed: row.get(4)?,
            });
        }
        Ok(devices)
    }
}

impl Write<'_> {
    /// Forgets keys of epochs that came to nothing, because somebody else's record stands in the place of ours.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn drop_keys_after(&self, vault_no: i64, number: u32) -> Result<(), StoreProblem> {
        let mut statement =
            self.transaction.prepare_cached("DELETE FROM epoch WHERE vault = :vault AND number > :number")?;
        statement.execute(named_params! { ":vault": vault_no, ":number": number })?;
        Ok(())
    }

    /// Notes that two successors of one record of a vault's log were seen: nothing is sealed there until a person has
    /// looked.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn note_two_histories(&self, vault_no: i64) -> Result<(), StoreProblem> {
        let mut statement =
            self.transaction.prepare_cached("UPDATE vault SET two_histories = 1 WHERE no = :vault")?;
        statement.execute(named_params! { ":vault": vault_no })?;
        Ok(())
    }

    /// Notes that a device belongs no more.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn mark_removed(&self, device: DeviceId) -> Result<(), StoreProblem> {
        let mut statement =
            self.transaction.prepare_cached("UPDATE device SET removed = 1 WHERE id = :device")?;
        statement.execute(named_params! { ":device": device.0 })?;
        Ok(())
    }

    /// Keeps what cannot be believed for a person to look at, up to a limit. What came after its author had left, and what a
    /// young person answered, have rooms of their own: the one may be a real concern, the other is here and nowhere else,
    /// and what an endpoint hands out must not crowd them out.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_aside(
        &self,
        vault: VaultId,
        device: DeviceId,
        why: &str,
        at_ms: i64,
        bytes: &[u8],
    ) -> Result<SetAside, StoreProblem> {
        let (most, bytes_most) = match why {
            AFTER_REMOVAL => (AFTER_REMOVAL_MAX, AFTER_REMOVAL_BYTES_MAX),
            _ if why.starts_with(ANSWERS) => (ANSWERS_MAX, u64::MAX >> 1),
            _ => (SET_ASIDE_MAX, u64::MAX >> 1),
        };
        if let Some(times) = self.came_again(device, bytes)? {
            return Ok(if times < DAMAGED_ALIKE_MAX { SetAside::Again } else { SetAside::AsItIs });
        }
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO set_aside (vault, device, why, at_ms, bytes)
             SELECT :vault, :device, :why, :at_ms, :bytes
             WHERE (SELECT count(*) < :most AND ifnull(sum(length(bytes)), 0) < :bytes_most FROM set_aside
                    WHERE (why = :apart) = (:why = :apart)
                      AND (substr(why, 1, length(:answers)) = :answers) = (substr(:why, 1, length(:answers)) = :answers))",
        )?;
        let kept = statement.execute(named_params! {
            ":vault": vault.0,
            ":device": device.0,
            ":why": why,
            ":at_ms": at_ms,
            ":bytes": bytes,
            ":apart": AFTER_REMOVAL,
            ":answers": ANSWERS,
            ":most": super::chains::signed(most)?,
            ":bytes_most": super::chains::signed(bytes_most)?,
        })?;
        Ok(if kept > 0 { SetAside::New } else { SetAside::NoRoom })
    }

    /// Counts that the same bytes came once more, and says how often they have come; `None` if they are not aside.
    fn came_again(&self, device: DeviceId, bytes: &[u8]) -> Result<Option<u32>, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE set_aside SET times = times + 1 WHERE device = :device AND bytes = :bytes RETURNING times",
        )?;
        let mut rows = statement.query(named_params! { ":device": device.0, ":bytes": bytes })?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_an_endpoint_hands_out_crowds_neither_answers_nor_late_concerns_out() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        store
            .write(|write| {
                let aside = |why, number: u64| {
                    write.set_aside(VaultId([1; 16]), DeviceId([2; 16]), why, 0, &number.to_be_bytes())
                };
                for number in 0..SET_ASIDE_MAX {
                    assert_eq!(aside("segment.signature", number)?, SetAside::New);
                }
                assert_eq!(aside("segment.malformed", u64::MAX)?, SetAside::NoRoom);
                assert_eq!(aside("segment.signature", 0)?, SetAside::Again);
                assert_eq!(aside(AFTER_REMOVAL, u64::MAX - 1)?, SetAside::New);
                for number in 0..ANSWERS_MAX {
                    assert_eq!(aside("answers.refused", u64::MAX - 2 - number)?, SetAside::New);
                }
                assert_eq!(aside("answers.damaged", u64::MAX)?, SetAside::NoRoom);
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
    }
}
