//! What the API sends, as programs read it. Names here stay the same from release to release; what is inside may change.

use chrono::{DateTime, SecondsFormat, Utc};
use czar_pipeline::control::{Request, RunRecord, StepRecord, TokenRecord};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

/// A moment, as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub(super) DateTime<Utc>);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// How the server is: what runs, what waits, what comes next.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Status {
    /// Release of czar.
    pub(super) version: String,
    /// Now, by the server's clock.
    pub(super) now: Moment,
    /// When the server was started.
    pub(super) started_at: Moment,
    /// Whether it takes no more work.
    pub(super) is_stopping: bool,
    /// Changes when a run begins or ends, a step ends or the queue changes; not with progress.
    pub(super) revision: String,
    /// The run that is under way.
    pub(super) run: Option<CurrentRun>,
    /// All steps of a run, in their order.
    pub(super) steps: Vec<StepStatus>,
    /// What waits, in the order in which it will be done.
    pub(super) queue: Vec<QueuedRun>,
    /// The schedule with its next times.
    pub(super) schedule: Vec<ScheduledTime>,
    /// The folder whose changes start a run.
    pub(super) watched_folder: Option<String>,
}

/// The run that is under way.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CurrentRun {
    pub(super) run_id: i64,
    /// `schedule`, `folder_changed`, `request` or `by_hand`.
    pub(super) cause: String,
    pub(super) started_at: Moment,
    /// Steps it takes.
    pub(super) steps: Vec<String>,
    /// The step that is under way.
    pub(super) step: Option<String>,
}

/// How one step is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StepStatus {
    pub(super) step: String,
    /// `stopped` when runs do not have it, `sleeping`, `waiting` for steps before it in the run that is under way, or `running`.
    pub(super) state: String,
    /// What it does just now, in words.
    pub(super) activity: Option<String>,
    /// The file it is at.
    pub(super) file: Option<String>,
    /// Files of the present activity; 0 when it has none.
    pub(super) n_files: u64,
    pub(super) n_files_done: u64,
    pub(super) n_files_left: u64,
    /// Bytes of the present activity; 0 when it is counted in files.
    pub(super) n_bytes: u64,
    pub(super) n_bytes_done: u64,
    pub(super) n_bytes_left: u64,
    /// When it began, if it is running.
    pub(super) started_at: Option<Moment>,
    /// The run in which it was last done.
    pub(super) last_run_id: Option<i64>,
    pub(super) last_finished_at: Option<Moment>,
    /// `done`, `with_trouble`, `failed` or `interrupted`.
    pub(super) last_outcome: Option<String>,
    pub(super) last_summary: Option<String>,
    pub(super) last_error: Option<String>,
    pub(super) last_hint: Option<String>,
}

/// A run that waits.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct QueuedRun {
    pub(super) request_id: i64,
    pub(super) cause: String,
    pub(super) steps: Vec<String>,
    pub(super) requested_at: Moment,
    /// Name of the token that asked.
    pub(super) requested_by: Option<String>,
    /// `waiting`, `running` or `ended`.
    pub(super) state: String,
    /// The run it has become.
    pub(super) run_id: Option<i64>,
}

/// An entry of the schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ScheduledTime {
    pub(super) entry: String,
    pub(super) next_at: Moment,
}

/// Runs, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Runs {
    pub(super) runs: Vec<Run>,
    /// Give it as `before` to get the next page; none on the last.
    pub(super) next_before: Option<i64>,
}

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Run {
    pub(super) run_id: i64,
    pub(super) cause: String,
    pub(super) started_at: Moment,
    pub(super) finished_at: Option<Moment>,
    /// `done`, `with_trouble`, `failed` or `interrupted`; none while it runs.
    pub(super) outcome: Option<String>,
    /// As of `czar run`.
    pub(super) exit_code: Option<u8>,
    pub(super) steps: Vec<RunStep>,
}

/// A step of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RunStep {
    pub(super) step: String,
    pub(super) started_at: Moment,
    pub(super) finished_at: Option<Moment>,
    /// As of a run, or `passed_over`; none while it runs.
    pub(super) outcome: Option<String>,
    /// Its closing line.
    pub(super) summary: Option<String>,
    /// Its counts.
    pub(super) facts: Json,
    pub(super) error: Option<String>,
    pub(super) hint: Option<String>,
}

/// What to run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewRun {
    /// Names of steps; all that the settings name when empty.
    pub(super) steps: Vec<String>,
}

/// A run stands in the queue.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AcceptedRun {
    pub(super) request_id: i64,
    /// False when the same run waited already.
    pub(super) is_new: bool,
}

/// Delivered files and what became of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Loads {
    /// All that fit the filter.
    pub(super) n_loads: u64,
    pub(super) loads: Vec<Json>,
    /// Give it as `offset` to get the next page; none on the last.
    pub(super) next_offset: Option<u64>,
}

/// How many records were set aside, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rejects {
    pub(super) n_records: u64,
    pub(super) rejects: Vec<RejectCount>,
}

/// Records of one table that were set aside for one reason.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RejectCount {
    /// As in docs/reference/rejects.md.
    pub(super) code: String,
    pub(super) table_name: Option<String>,
    pub(super) n_records: u64,
}

/// Who may ask the server.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
}

/// A token, without the token.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Token {
    pub(super) name: String,
    /// `reader`, `operator` or `admin`.
    pub(super) role: String,
    pub(super) created_at: Moment,
    pub(super) expires_at: Option<Moment>,
    /// To a minute.
    pub(super) last_used_at: Option<Moment>,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// `ok` or `failed`.
    pub(super) status: &'static str,
    /// What was looked at, each `ok` or `failed`.
    pub(super) checks: std::collections::BTreeMap<&'static str, &'static str>,
}

impl From<&RunRecord> for Run {
    fn from(run: &RunRecord) -> Self {
        Self {
            run_id: run.run_id,
            cause: run.cause.name().to_owned(),
            started_at: Moment(run.started_at),
            finished_at: run.finished_at.map(Moment),
            outcome: run.outcome.map(|outcome| outcome.name().to_owned()),
            exit_code: run.exit_code,
            steps: run.steps.iter().map(RunStep::from).collect(),
        }
    }
}

impl From<&StepRecord> for RunStep {
    fn from(step: &StepRecord) -> Self {
        Self {
            step: step.step.clone(),
            started_at: Moment(step.started_at),
            finished_at: step.finished_at.map(Moment),
            outcome: step.outcome.map(|outcome| outcome.name().to_owned()),
            summary: step.summary.clone(),
            facts: step.facts.clone(),
            error: step.error.clone(),
            hint: step.hint.clone(),
        }
    }
}

impl From<&Request> for QueuedRun {
    fn from(request: &Request) -> Self {
        Self {
            request_id: request.request_id,
            cause: request.cause.name().to_owned(),
            steps: request.steps.clone(),
            requested_at: Moment(request.requested_at),
            requested_by: request.requested_by.clone(),
            state: request.state.name().to_owned(),
            run_id: request.run_id,
        }
    }
}

impl From<&TokenRecord> for Token {
    fn from(token: &TokenRecord) -> Self {
        Self {
            name: token.name.clone(),
            role: token.role.name().to_owned(),
            created_at: Moment(token.created_at),
            expires_at: token.expires_at.map(Moment),
            last_used_at: token.last_used_at.map(Moment),
        }
    }
}
