//! Brings a control database to the version this release knows, one step at a time. A step that has been released never changes.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::ControlError;

/// What each version adds to the one before it.
const STEPS: [&str; 1] = [concat!(
    include_str!("schema/runs.sql"),
    include_str!("schema/objects.sql"),
    include_str!("schema/notices.sql"),
    include_str!("schema/queue.sql"),
    include_str!("schema/tokens.sql"),
)];

/// Runs the steps that the file lacks, all or none.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), ControlError> {
    let failed = |source| ControlError::Database { path: path.to_owned(), source };
    let version = version(connection).map_err(failed)?;
    if version == STEPS.len() {
        return Ok(());
    }
    if version > STEPS.len() {
        return Err(ControlError::Newer { path: path.to_owned(), version, known: STEPS.len() });
    }
    if version > 0 {
        back_up(connection, path, version)?;
    }
    run_steps(connection).map_err(failed)
}

fn run_steps(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited.
    for step in STEPS.iter().skip(version(&transaction)?) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", u32::try_from(STEPS.len()).unwrap_or(u32::MAX))?;
    transaction.commit()
}

/// Copies the file beside itself; a copy of the same version from an upgrade that did not come to its end is replaced.
fn back_up(connection: &Connection, path: &Path, version: usize) -> Result<(), ControlError> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".version-{version}"));
    let failed = |source| ControlError::Backup { path: copy.clone().into(), source };
    let _ = std::fs::remove_file(&copy);
    connection.execute("vacuum into ?1", [copy.to_string_lossy()]).map_err(failed)?;
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use crate::control::{Control, ControlError, FILE_NAME};

    #[test]
    fn a_new_file_has_the_newest_version_and_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let control = Control::open(folder.path()).unwrap();
            let version = control.read(super::version).unwrap();
            assert_eq!(version, super::STEPS.len());
        }
    }

    #[test]
    fn a_file_of_a_newer_release_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        control.read(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
        assert!(matches!(Control::open(folder.path()), Err(ControlError::Newer { version: 99, .. })));
    }

    #[test]
    fn a_file_that_is_no_database_is_told_with_a_next_step() {
        let folder = tempfile::tempdir().unwrap();
        crate::atomic_file::write(&folder.path().join(FILE_NAME), &[b'x'; 4096]).unwrap();
        let error = Control::open(folder.path()).map(|_| ()).unwrap_err();
        assert!(error.hint().is_some_and(|hint| hint.contains("move the file away")), "{error:?}");
    }

    #[test]
    fn a_copy_is_kept_before_an_upgrade() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("create table of_old (x integer); insert into of_old values (1)").unwrap();
        super::back_up(&connection, &path, 1).unwrap();
        let copy = rusqlite::Connection::open(folder.path().join(format!("{FILE_NAME}.version-1"))).unwrap();
        assert_eq!(copy.query_row("select x from of_old", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
}
