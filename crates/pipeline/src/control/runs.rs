//! The record of runs: when each began and ended, what its steps did, why one failed. It holds words and counts, no learner data.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;
use serde_json::Value as Json;

use super::values::{moment, named};
use super::{Control, ControlError};

/// Why a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Someone typed `czar run`, or cron did.
    ByHand,
    /// The server's schedule.
    Schedule,
    /// A file came into the watched folder.
    FolderChanged,
    /// Someone asked the server for it.
    Request,
}

/// How a run or a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// All done.
    Done,
    /// Done, but something was set aside or a part failed.
    WithTrouble,
    /// Not done.
    Failed,
    /// The process ended in the middle.
    Interrupted,
    /// There was nothing to be done: it is not set up, or what it needs has failed.
    PassedOver,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct RunRecord {
    /// Counts up.
    pub run_id: i64,
    /// Why it was started.
    pub cause: Cause,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; none while it runs.
    pub outcome: Option<RunOutcome>,
    /// The exit code of `czar run`.
    pub exit_code: Option<u8>,
    /// The process that did it.
    pub process_id: u32,
    /// Its steps, in their order.
    pub steps: Vec<StepRecord>,
}

/// One step of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StepRecord {
    /// `sync`, `ingest`, ...
    pub step: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; none while it runs.
    pub outcome: Option<RunOutcome>,
    /// Its closing line.
    pub summary: Option<String>,
    /// Its counts: an object, or null.
    pub facts: Json,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone)]
pub struct StepEnd {
    /// How.
    pub outcome: RunOutcome,
    /// The closing line.
    pub summary: Option<String>,
    /// Counts: an object, or null.
    pub facts: Json,
    /// What went wrong, without learner data.
    pub error: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Control {
    /// Notes that a run begins and gives its number.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn begin_run(&self, cause: Cause, process_id: u32, now: DateTime<Utc>) -> Result<i64, ControlError> {
        self.write(|connection| {
            connection.execute(
                "insert into runs (cause, started_at, process_id) values (?1, ?2, ?3)",
                params![cause, now.timestamp_micros(), process_id],
            )?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Notes that a step begins.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn begin_step(&self, run_id: i64, step: &str, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "insert into run_steps (run_id, step, position, started_at) \
                   select ?1, ?2, count(*), ?3 from run_steps where run_id = ?1";
        self.write(|connection| connection.execute(sql, params![run_id, step, now.timestamp_micros()]).map(drop))
    }

    /// Notes how a step ended.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn end_step(&self, run_id: i64, step: &str, end: &StepEnd, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "update run_steps set finished_at = ?3, outcome = ?4, summary = ?5, facts = ?6, error = ?7, hint = ?8 \
                   where run_id = ?1 and step = ?2";
        let facts = if end.facts.is_null() { None } else { Some(end.facts.to_string()) };
        let values = params![run_id, step, now.timestamp_micros(), end.outcome, end.summary, facts, end.error, end.hint];
        self.write(|connection| connection.execute(sql, values).map(drop))
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn end_run(&self, run_id: i64, outcome: RunOutcome, exit_code: u8, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "update runs set finished_at = ?2, outcome = ?3, exit_code = ?4 where run_id = ?1";
        self.write(|connection| connection.execute(sql, params![run_id, now.timestamp_micros(), outcome, exit_code]).map(drop))
    }

    /// Marks runs as interrupted that have no end, and tells how many there were. Only who holds the [`super::RunLock`] may ask this: no
    /// run can be under way then.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn close_interrupted_runs(&self) -> Result<usize, ControlError> {
        self.write(|connection| {
            let interrupted = RunOutcome::Interrupted;
            let open_runs = "select run_id from runs where outcome is null";
            connection
                .execute(&format!("update run_steps set outcome = ?1 where outcome is null and run_id in ({open_runs})"), [interrupted])?;
            connection.execute("update runs set outcome = ?1 where outcome is null", [interrupted])
        })
    }

    /// The newest runs first, with their steps.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRecord>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare("select * from runs order by run_id desc limit ?1")?;
            let runs = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], run_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
            runs.into_iter().map(|run| with_steps(connection, run)).collect()
        })
    }

    /// The newest runs before one, with their steps.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn runs_before(&self, run_id: i64, limit: usize) -> Result<Vec<RunRecord>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare("select * from runs where run_id < ?1 order by run_id desc limit ?2")?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let runs = statement.query_map([run_id, limit], run_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
            runs.into_iter().map(|run| with_steps(connection, run)).collect()
        })
    }

    /// How many of the recorded runs ended in which way.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn counts_of_runs(&self) -> Result<Vec<(RunOutcome, u64)>, ControlError> {
        self.read(|connection| {
            let mut statement = connection.prepare("select outcome, count(*) from runs where outcome is not null group by outcome")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
        })
    }

    /// What each step did when it was last done, with the number of that run. A step that was passed over was not done.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_steps(&self) -> Result<Vec<(i64, StepRecord)>, ControlError> {
        self.read(|connection| {
            let sql = "select * from run_steps as newest where outcome is not null and outcome <> ?1 and run_id = \
                       (select max(run_id) from run_steps where step = newest.step and outcome is not null and outcome <> ?1)";
            let mut statement = connection.prepare(sql)?;
            statement.query_map([RunOutcome::PassedOver], |row| Ok((row.get("run_id")?, step_of(row)?)))?.collect()
        })
    }

    /// One run.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn run(&self, run_id: i64) -> Result<Option<RunRecord>, ControlError> {
        self.read(|connection| {
            let run = connection.query_row("select * from runs where run_id = ?1", [run_id], run_of).optional()?;
            run.map(|run| with_steps(connection, run)).transpose()
        })
    }

    /// Forgets runs that ended before a moment, but never the newest, and tells how many.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget_runs(&self, before: DateTime<Utc>) -> Result<usize, ControlError> {
        let sql = "delete from runs where started_at < ?1 and outcome is not null and run_id < (select max(run_id) from runs)";
        self.write(|connection| connection.execute(sql, [before.timestamp_micros()]))
    }
}

fn with_steps(connection: &Connection, mut run: RunRecord) -> rusqlite::Result<RunRecord> {
    let mut statement = connection.prepare("select * from run_steps where run_id = ?1 order by position")?;
    run.steps = statement.query_map([run.run_id], step_of)?.collect::<rusqlite::Result<_>>()?;
    Ok(run)
}

fn run_of(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    Ok(RunRecord {
        run_id: row.get("run_id")?,
        cause: row.get("cause")?,
        started_at: moment(row.get("started_at")?),
        finished_at: row.get::<_, Option<i64>>("finished_at")?.map(moment),
        outcome: row.get("outcome")?,
        exit_code: row.get("exit_code")?,
        process_id: row.get("process_id")?,
        steps: Vec::new(),
    })
}

fn step_of(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    let facts: Option<String> = row.get("facts")?;
    Ok(StepRecord {
        step: row.get("step")?,
        started_at: moment(row.get("started_at")?),
        finished_at: row.get::<_, Option<i64>>("finished_at")?.map(moment),
        outcome: row.get("outcome")?,
        summary: row.get("summary")?,
        facts: facts.and_then(|facts| serde_json::from_str(&facts).ok()).unwrap_or_default(),
        error: row.get("error")?,
        hint: row.get("hint")?,
    })
}

impl RunOutcome {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Done, Self::WithTrouble, Self::Failed, Self::Interrupted, Self::PassedOver];

    /// As it is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::WithTrouble => "with_trouble",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::PassedOver => "passed_over",
        }
    }
}

impl Cause {
    const ALL: [Self; 4] = [Self::ByHand, Self::Schedule, Self::FolderChanged, Self::Request];

    /// As it is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Schedule => "schedule",
            Self::FolderChanged => "folder_changed",
            Self::Request => "request",
        }
    }
}

impl ToSql for RunOutcome {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for RunOutcome {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        named(value, &Self::ALL, Self::name)
    }
}

impl ToSql for Cause {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Cause {
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
    fn a_run_is_read_back_with_its_steps_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let run_id = control.begin_run(Cause::Schedule, 17, at(1)).unwrap();
        control.begin_step(run_id, "sync", at(2)).unwrap();
        let end = StepEnd {
            outcome: RunOutcome::Failed,
            summary: None,
            facts: serde_json::json!({ "n_fetched": 3 }),
            error: Some("could not reach it".to_owned()),
            hint: None,
        };
        control.end_step(run_id, "sync", &end, at(3)).unwrap();
        control.begin_step(run_id, "ingest", at(3)).unwrap();
        control.end_run(run_id, RunOutcome::WithTrouble, 1, at(4)).unwrap();
        let run = control.run(run_id).unwrap().unwrap();
        assert_eq!((run.cause, run.outcome, run.exit_code), (Cause::Schedule, Some(RunOutcome::WithTrouble), Some(1)));
        assert_eq!((run.started_at, run.finished_at), (at(1), Some(at(4))));
        assert_eq!(run.steps.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["sync", "ingest"]);
        assert_eq!((run.steps[0].outcome, run.steps[0].facts["n_fetched"].as_i64()), (Some(RunOutcome::Failed), Some(3)));
    }

    #[test]
    fn a_run_without_an_end_is_closed_as_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let run_id = control.begin_run(Cause::ByHand, 17, at(1)).unwrap();
        control.begin_step(run_id, "ingest", at(2)).unwrap();
        assert_eq!(control.close_interrupted_runs().unwrap(), 1);
        assert_eq!(control.close_interrupted_runs().unwrap(), 0);
        let run = control.run(run_id).unwrap().unwrap();
        assert_eq!((run.outcome, run.steps[0].outcome), (Some(RunOutcome::Interrupted), Some(RunOutcome::Interrupted)));
    }

    #[test]
    fn old_runs_are_forgotten_with_their_steps_and_the_newest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        for second in 1..4 {
            let run_id = control.begin_run(Cause::ByHand, 17, at(second)).unwrap();
            control.begin_step(run_id, "sync", at(second)).unwrap();
            control.end_run(run_id, RunOutcome::Done, 0, at(second)).unwrap();
        }
        assert_eq!(control.forget_runs(at(100)).unwrap(), 2);
        assert_eq!(control.runs(10).unwrap().len(), 1);
        let n_steps: i64 = control.read(|db| db.query_row("select count(*) from run_steps", [], |row| row.get(0))).unwrap();
        assert_eq!(n_steps, 1);
    }
}
