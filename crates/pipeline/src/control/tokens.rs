//! Who may ask the server for what. A token is known by its digest alone; it is neither stored nor shown again.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params};
use serde::Serialize;

use super::values::moment;
use super::{Control, ControlError};
use crate::vault::SecretBytes;

/// Uses within this time are noted as one: a page that asks every second must not write every second.
const NOTED_EACH: TimeDelta = TimeDelta::minutes(1);

/// What a token allows; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May look.
    Reader,
    /// May start runs.
    Operator,
    /// May see who else may.
    Admin,
}

/// A token, as far as it is known.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// Whom it is for.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it no longer counts; none for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl TokenRecord {
    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

impl Control {
    /// Keeps the digest of a new token. Gives false, and keeps nothing, when there is one of that name.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn add_token(
        &self,
        name: &str,
        role: Role,
        token: &SecretBytes,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let digest = blake3::hash(token.reveal());
        let sql = "insert or ignore into tokens (name, role, digest, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5)";
        let expires_at = expires_at.map(|moment| moment.timestamp_micros());
        let values = params![name, role, digest.as_bytes(), now.timestamp_micros(), expires_at];
        Ok(self.write(|connection| connection.execute(sql, values))? == 1)
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenRecord>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare("select * from tokens order by name")?;
            statement.query_map([], token_of)?.collect()
        })
    }

    /// Takes a token out; it counts no longer from then on. Gives false when there is none of that name.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_token(&self, name: &str) -> Result<bool, ControlError> {
        Ok(self.write(|connection| connection.execute("delete from tokens where name = ?1", [name]))? == 1)
    }

    /// The token, if there is one such, and whether there is any at all. Its time may be over.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn known_token(&self, token: &SecretBytes) -> Result<(Option<TokenRecord>, bool), ControlError> {
        let digest = blake3::hash(token.reveal());
        self.read(|connection| {
            let mut statement = connection.prepare("select * from tokens")?;
            let mut rows = statement.query([])?;
            let (mut found, mut is_any) = (None, false);
            while let Some(row) = rows.next()? {
                is_any = true;
                // Digests are compared in constant time, and all of them.
                if blake3::Hash::from_bytes(row.get("digest")?) == digest {
                    found = Some(token_of(row)?);
                }
            }
            Ok((found, is_any))
        })
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_use(&self, token: &TokenRecord, now: DateTime<Utc>) -> Result<(), ControlError> {
        if token.last_used_at.is_some_and(|last| now - last < NOTED_EACH) {
            return Ok(());
        }
        let sql = "update tokens set last_used_at = ?2 where name = ?1";
        self.write(|connection| connection.execute(sql, params![token.name, now.timestamp_micros()]).map(drop))
    }
}

fn token_of(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    Ok(TokenRecord {
        name: row.get("name")?,
        role: row.get("role")?,
        created_at: moment(row.get("created_at")?),
        expires_at: row.get::<_, Option<i64>>("expires_at")?.map(moment),
        last_used_at: row.get::<_, Option<i64>>("last_used_at")?.map(moment),
    })
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Operator, Self::Admin];

    /// As it is typed, stored and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl ToSql for Role {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::of_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn secret(text: &str) -> SecretBytes {
        SecretBytes::new(text.as_bytes().to_vec())
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn a_token_is_found_by_itself_and_stands_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        assert!(!control.known_token(&secret("czar_secret")).unwrap().1, "there is none");
        assert!(control.add_token("ann", Role::Operator, &secret("czar_secret"), Some(at(10)), at(1)).unwrap());
        assert!(!control.add_token("ann", Role::Admin, &secret("czar_other"), None, at(1)).unwrap(), "a name is there once");
        let (found, _) = control.known_token(&secret("czar_secret")).unwrap();
        let found = found.unwrap();
        assert_eq!((found.name.as_str(), found.role), ("ann", Role::Operator));
        assert_eq!((found.has_expired(at(9)), found.has_expired(at(10))), (false, true));
        assert!(control.known_token(&secret("czar_other")).unwrap().0.is_none());
        assert!(control.remove_token("ann").unwrap());
        assert!(control.known_token(&secret("czar_secret")).unwrap().0.is_none());
        drop(control);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"czar_secret"));
        }
    }

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        control.add_token("ann", Role::Reader, &secret("czar_secret"), None, at(1)).unwrap();
        for (second, noted) in [(5, 5), (30, 5), (70, 70)] {
            let token = control.tokens().unwrap().remove(0);
            control.note_use(&token, at(second)).unwrap();
            assert_eq!(control.tokens().unwrap()[0].last_used_at, Some(at(noted)));
        }
    }

    #[test]
    fn each_role_may_what_those_before_it_may() {
        assert!(Role::Reader < Role::Operator && Role::Operator < Role::Admin);
        assert!(Role::ALL.into_iter().all(|role| Role::of_name(role.name()) == Some(role)));
    }
}
