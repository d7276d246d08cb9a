//! The queue of the server: runs that were asked for and not done yet, and until when the schedule has been seen to. It starts nothing.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

use super::values::{moment, named};
use super::{Cause, Control, ControlError};

/// A run that breaks down the process twice would do so for ever.
const MOST_BEGINNINGS: u32 = 2;

/// What has become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Its run has not begun.
    Waiting,
    /// Its run is under way.
    Running,
    /// Its run has ended, in whatever way.
    Ended,
}

/// A run that was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Counts up and is never used again.
    pub request_id: i64,
    /// Why.
    pub cause: Cause,
    /// Names of steps, in their order.
    pub steps: Vec<String>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Name of the token that asked.
    pub requested_by: Option<String>,
    /// What has become of it.
    pub state: RequestState,
    /// How often a run was begun for it.
    pub n_begun: u32,
    /// The newest of these runs.
    pub run_id: Option<i64>,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// The request that stands in the queue.
    pub request_id: i64,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// What became of requests whose run broke off with its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// They wait again.
    pub n_waiting: usize,
    /// They were begun too often.
    pub n_given_up: usize,
}

impl Control {
    /// Puts a run into the queue, unless one with the same steps waits there already.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn request_run(&self, cause: Cause, steps: &[&str], by: Option<&str>, now: DateTime<Utc>) -> Result<Requested, ControlError> {
        let steps = steps.join(",");
        self.write(|connection| {
            let same = "select request_id from queue where state = ?1 and steps = ?2 order by request_id";
            let waiting = connection.query_row(same, params![RequestState::Waiting, steps], |row| row.get(0)).optional()?;
            if let Some(request_id) = waiting {
                return Ok(Requested { request_id, is_new: false });
            }
            connection.execute(
                "insert into queue (cause, steps, requested_at, requested_by, state) values (?1, ?2, ?3, ?4, ?5)",
                params![cause, steps, now.timestamp_micros(), by, RequestState::Waiting],
            )?;
            Ok(Requested { request_id: connection.last_insert_rowid(), is_new: true })
        })
    }

    /// Takes the oldest request that waits; it counts as running from then on.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn take_request(&self) -> Result<Option<Request>, ControlError> {
        self.write(|connection| {
            let sql = "update queue set state = ?1, n_begun = n_begun + 1, run_id = null \
                       where request_id = (select min(request_id) from queue where state = ?2) returning *";
            connection.query_row(sql, [RequestState::Running, RequestState::Waiting], request_of).optional()
        })
    }

    /// Puts a request back whose run was not begun, or was broken off on purpose: that beginning does not count.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn give_request_back(&self, request_id: i64) -> Result<(), ControlError> {
        let sql = "update queue set state = ?2, n_begun = max(n_begun - 1, 0) where request_id = ?1 and state = ?3";
        let values = params![request_id, RequestState::Waiting, RequestState::Running];
        self.write(|connection| connection.execute(sql, values).map(drop))
    }

    /// Notes which run a request has become.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_run_of_request(&self, request_id: i64, run_id: i64) -> Result<(), ControlError> {
        let sql = "update queue set run_id = ?2 where request_id = ?1";
        self.write(|connection| connection.execute(sql, [request_id, run_id]).map(drop))
    }

    /// Notes that a request needs nothing more.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn end_request(&self, request_id: i64) -> Result<(), ControlError> {
        let sql = "update queue set state = ?2 where request_id = ?1";
        self.write(|connection| connection.execute(sql, params![request_id, RequestState::Ended]).map(drop))
    }

    /// Puts back what was running when the process before ended, once. Only a server that has just got its lock may ask this.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn restore_requests(&self) -> Result<Restored, ControlError> {
        self.write(|connection| {
            let again = "update queue set state = ?1 where state = ?2 and n_begun < ?3";
            let n_waiting = connection.execute(again, params![RequestState::Waiting, RequestState::Running, MOST_BEGINNINGS])?;
            let give_up = "update queue set state = ?1 where state = ?2";
            let n_given_up = connection.execute(give_up, [RequestState::Ended, RequestState::Running])?;
            Ok(Restored { n_waiting, n_given_up })
        })
    }

    /// What waits or runs, in the order in which it is done.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn open_requests(&self) -> Result<Vec<Request>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare("select * from queue where state <> ?1 order by request_id")?;
            statement.query_map([RequestState::Ended], request_of)?.collect()
        })
    }

    /// One request.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn request(&self, request_id: i64) -> Result<Option<Request>, ControlError> {
        self.read(|connection| connection.query_row("select * from queue where request_id = ?1", [request_id], request_of).optional())
    }

    /// Forgets requests that ended and were made before a moment.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget_requests(&self, before: DateTime<Utc>) -> Result<usize, ControlError> {
        let sql = "delete from queue where state = ?1 and requested_at < ?2";
        self.write(|connection| connection.execute(sql, params![RequestState::Ended, before.timestamp_micros()]))
    }

    /// Until when the times of an entry of the schedule have been seen to; none for a new entry.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn schedule_done_until(&self, entry: &str) -> Result<Option<DateTime<Utc>>, ControlError> {
        let sql = "select done_until from schedule where entry = ?1";
        self.read(|connection| connection.query_row(sql, [entry], |row| row.get(0).map(moment)).optional())
    }

    /// Notes until when the times of an entry have been seen to.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn set_schedule_done_until(&self, entry: &str, until: DateTime<Utc>) -> Result<(), ControlError> {
        let sql =
            "insert into schedule (entry, done_until) values (?1, ?2) on conflict (entry) do update set done_until = excluded.done_until";
        self.write(|connection| connection.execute(sql, params![entry, until.timestamp_micros()]).map(drop))
    }

    /// Forgets entries that are no longer in the schedule: one that comes back later has missed nothing.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn keep_schedule_entries(&self, entries: &[&str]) -> Result<(), ControlError> {
        self.write(|connection| {
            let mut statement = connection.prepare("select entry from schedule")?;
            let known = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            for entry in known.iter().filter(|entry| !entries.contains(&entry.as_str())) {
                connection.execute("delete from schedule where entry = ?1", [entry])?;
            }
            Ok(())
        })
    }
}

fn request_of(row: &Row<'_>) -> rusqlite::Result<Request> {
    let steps: String = row.get("steps")?;
    Ok(Request {
        request_id: row.get("request_id")?,
        cause: row.get("cause")?,
        steps: steps.split(',').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
        requested_at: moment(row.get("requested_at")?),
        requested_by: row.get("requested_by")?,
        state: row.get("state")?,
        n_begun: row.get("n_begun")?,
        run_id: row.get("run_id")?,
    })
}

impl RequestState {
    const ALL: [Self; 3] = [Self::Waiting, Self::Running, Self::Ended];

    /// As it is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }
}

impl ToSql for RequestState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for RequestState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(value, &Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn equal_requests_that_wait_are_one_and_others_keep_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let first = control.request_run(Cause::Schedule, &["sync", "ingest"], None, at(1)).unwrap();
        let same = control.request_run(Cause::Request, &["sync", "ingest"], Some("ann"), at(2)).unwrap();
        let other = control.request_run(Cause::Request, &["build"], Some("ann"), at(3)).unwrap();
        assert_eq!((same.request_id, same.is_new, other.is_new), (first.request_id, false, true));
        let taken = control.take_request().unwrap().unwrap();
        assert_eq!((taken.request_id, taken.state, taken.cause), (first.request_id, RequestState::Running, Cause::Schedule));
        // What is under way may have passed the place of what has just come: it does not count as the same.
        assert!(control.request_run(Cause::Request, &["sync", "ingest"], None, at(4)).unwrap().is_new);
        assert_eq!(control.take_request().unwrap().unwrap().request_id, other.request_id);
    }

    #[test]
    fn a_run_that_broke_off_is_done_once_more_and_then_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let request_id = {
            let control = Control::open(folder.path()).unwrap();
            control.request_run(Cause::Schedule, &["ingest"], None, at(1)).unwrap();
            control.take_request().unwrap().unwrap().request_id
        };
        let control = Control::open(folder.path()).unwrap();
        assert_eq!(control.restore_requests().unwrap(), Restored { n_waiting: 1, n_given_up: 0 });
        assert_eq!(control.take_request().unwrap().unwrap().request_id, request_id);
        assert_eq!(control.restore_requests().unwrap(), Restored { n_waiting: 0, n_given_up: 1 });
        assert_eq!(control.request(request_id).unwrap().unwrap().state, RequestState::Ended);
    }

    #[test]
    fn a_run_that_was_broken_off_on_purpose_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        control.request_run(Cause::Schedule, &["ingest"], None, at(1)).unwrap();
        for _ in 0..5 {
            let request = control.take_request().unwrap().unwrap();
            assert_eq!(request.n_begun, 1);
            control.give_request_back(request.request_id).unwrap();
        }
    }

    #[test]
    fn ended_requests_are_forgotten_and_waiting_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let ended = control.request_run(Cause::Request, &["ingest"], None, at(1)).unwrap().request_id;
        control.take_request().unwrap();
        control.end_request(ended).unwrap();
        control.request_run(Cause::Request, &["ingest"], None, at(1)).unwrap();
        assert_eq!(control.forget_requests(at(9)).unwrap(), 1);
        assert_eq!(control.open_requests().unwrap().len(), 1);
    }

    #[test]
    fn an_entry_that_left_the_schedule_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        for second in [1, 2] {
            control.set_schedule_done_until("every 5 minutes", at(second)).unwrap();
        }
        assert_eq!(control.schedule_done_until("every 5 minutes").unwrap(), Some(at(2)));
        control.keep_schedule_entries(&["0 2 * * * UTC"]).unwrap();
        assert_eq!(control.schedule_done_until("every 5 minutes").unwrap(), None);
    }
}
