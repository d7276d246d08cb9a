//! Every setting, with its meaning and default. The doc comments here are what users read in `czar.toml` and in the reference page.
//! It refuses to hold secrets by value.

use std::path::PathBuf;

mod notices;

pub(crate) use notices::{MailSettings, NotifySettings, WebhookSettings};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sync_settings::SyncSettings;

/// All settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Folder for everything `czar` keeps. The lake is the folder `lake` in it.
    #[schemars(extend("format" = "path"))]
    pub(crate) data_folder: PathBuf,

    /// Folder into which the files from edX are downloaded. `czar ingest` without a path reads it.
    #[schemars(extend("format" = "path"))]
    pub(crate) delivery_folder: PathBuf,

    /// The institution.
    pub(crate) organisation: OrganisationSettings,

    /// Where the data czar's secret key is, and where the pass-phrase that protects it comes from. Neither is ever written here: name a
    /// place. Give one place for the key and at most one for the pass-phrase. At a terminal, without a place, `czar` asks for it.
    pub(crate) keys: KeySettings,

    /// Where the files of edX are fetched from. Access keys are never written here: name a place.
    pub(crate) sync: SyncSettings,

    /// The lake.
    pub(crate) lake: LakeSettings,

    /// How deliveries are read.
    pub(crate) ingest: IngestSettings,

    /// How queries and research tables are computed.
    pub(crate) query: QuerySettings,

    /// Queries of your own that are run by name.
    pub(crate) commands: CommandSettings,

    /// The institution's own list of courses.
    pub(crate) courses: CourseSettings,

    /// Clear files for tools that expect those. Nothing is written in clear until a folder is named here.
    pub(crate) unpack: UnpackSettings,

    /// What `czar run` does.
    pub(crate) run: RunSettings,

    /// Who is told of what, by e-mail. Each list holds addresses; an empty one is nobody. Nobody sees the addresses of the others.
    pub(crate) notify: NotifySettings,

    /// The mail server. The password is never written here: name a place.
    pub(crate) mail: MailSettings,

    /// Addresses that notices are posted to as JSON, such as those of a chat.
    pub(crate) webhooks: WebhookSettings,
    /// What `czar serve` does: when it starts runs, and who reaches it where.
    pub(crate) serve: ServeSettings,
}

/// `[organisation]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrganisationSettings {
    /// Name of the institution as in its course run keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"UniversityX")]
    pub(crate) name: Option<String>,
}

/// `[keys]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KeySettings {
    /// File with the secret key, binary or ASCII-armoured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"keys/czar-secret.asc")]
    pub(crate) secret_key_file: Option<PathBuf>,

    /// GnuPG home whose secret keys are used instead of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/home/czar/.gnupg")]
    pub(crate) gnupg_home: Option<PathBuf>,

    /// Name of the environment variable that holds the pass-phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"CZAR_PASS_PHRASE")]
    pub(crate) pass_phrase_environment: Option<String>,

    /// File whose first line is the pass-phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/czar-pass-phrase")]
    pub(crate) pass_phrase_file: Option<PathBuf>,

    /// Number of the open file descriptor whose first line is the pass-phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 3, range(min = 0))]
    pub(crate) pass_phrase_descriptor: Option<i32>,
}

/// `[lake]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LakeSettings {
    /// Whether the lake may be written to on a network file system, FUSE among them. Locks of one machine may say nothing to others there:
    /// set this only when no other machine ever writes to the lake.
    pub(crate) allow_network_folder: bool,
}

/// `[ingest]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IngestSettings {
    /// Threads that read records; 0 means one for each processor.
    pub(crate) workers: usize,

    /// Longest record that is read, in bytes. A longer one is set aside as a reject.
    #[schemars(range(min = 1024))]
    pub(crate) max_record_bytes: usize,

    /// Most clear text that one file may hold, in bytes. A file with more is not loaded: it may be an archive bomb.
    #[schemars(range(min = 1024))]
    pub(crate) max_clear_bytes: u64,

    /// Days for which data files of the lake are kept after their rows were replaced. A query that runs longer than that may fail.
    pub(crate) keep_replaced_days: u32,

    /// Whether the rows of small event files of past months are put into few data files, which are quicker to query.
    pub(crate) merge_small_files: bool,
}

/// `[query]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QuerySettings {
    /// Memory that sorting, joining and grouping may take, in bytes. What does not fit goes to temporary files or ends the query.
    #[schemars(range(min = 33_554_432))]
    pub(crate) memory_bytes: usize,

    /// Threads of a query; 0 means one for each processor.
    pub(crate) workers: usize,
}

/// `[commands]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CommandSettings {
    /// Folder of SQL files. `czar cmd NAME` runs the file NAME.sql.
    #[schemars(extend("format" = "path"))]
    pub(crate) folder: PathBuf,
}

/// `[courses]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CourseSettings {
    /// File with the list: names, departments, dates and course run keys. It need not exist; `czar courses --propose` prints entries.
    #[schemars(extend("format" = "path"))]
    pub(crate) file: PathBuf,
}

/// `[unpack]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UnpackSettings {
    /// Folder for clear files. Without one, nothing is unpacked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"clear")]
    pub(crate) folder: Option<PathBuf>,

    /// Only files that match one of these patterns, by `{package}/{name}`; all when the list is empty.
    pub(crate) select: Vec<String>,

    /// No file that matches one of these patterns, such as `*Sandbox*` or `*/ora/*`.
    pub(crate) ignore: Vec<String>,

    /// Whether `.` in names of files and folders becomes `-`, but for the ending.
    pub(crate) replace_dots: bool,

    /// Whether packages and compressed event files are laid out in a folder `decrypted` too, as older tools made them on the way.
    pub(crate) decrypted: bool,

    /// How the newest package is kept: folder, or link to the folder of its day.
    pub(crate) latest: String,

    /// Packages that stay, the newest counted; 0 keeps all.
    pub(crate) keep_packages: usize,

    /// Days whose event files stay, the newest counted; 0 keeps all.
    pub(crate) keep_days: usize,
}

/// `[run]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RunSettings {
    /// Steps of a run, in any order: sync, unpack, ingest, build, reports, retention, notify. A step that is not set up is passed over.
    pub(crate) steps: Vec<String>,

    /// Reports of a run: names of user commands, whose rows are written into `run.report_folder`.
    pub(crate) reports: Vec<String>,

    /// Folder of the reports of a run.
    #[schemars(extend("format" = "path"))]
    pub(crate) report_folder: PathBuf,

    /// How reports are written: csv, json or parquet.
    pub(crate) report_format: String,

    /// Days for which the records of past runs are kept.
    #[schemars(range(min = 1))]
    pub(crate) keep_record_days: u32,
}

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServeSettings {
    /// Address and port on which the server is reached. Port 0 takes any that is free. Beyond this machine, a certificate is needed as well.
    pub(crate) address: String,

    /// Whether the server starts on an address that other machines reach though it has no certificate, so that tokens travel in clear.
    pub(crate) allow_clear_text: bool,

    /// When runs are started, in any number of entries: `every 5 minutes`, `every 2 hours`, or the five fields of cron and a time zone,
    /// as in `0 2 * * * Europe/London`; without a time zone UTC is meant.
    pub(crate) schedule: Vec<String>,

    /// Whether a time of the schedule that was missed while the server was down is made good by one run at its start.
    pub(crate) catch_up: bool,

    /// Whether a run is started when files in `delivery_folder` change.
    pub(crate) watch_folder: bool,

    /// Seconds without a change in the folder after which a run starts, so that files that are still being written are left alone.
    pub(crate) settle_secs: u32,

    /// Seconds between looks into the watched folder, for network mounts, of whose changes the system does not tell; 0 has the system tell.
    pub(crate) poll_folder_secs: u32,

    /// Seconds for which a run that is under way may go on after the server was told to stop. Then it is dropped, which harms nothing,
    /// and done again after the next start.
    pub(crate) stop_after_secs: u32,

    /// File with the certificates for HTTPS, the server's own first, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/etc/czar/certificate.pem")]
    pub(crate) certificate_file: Option<PathBuf>,

    /// File with the secret key of the certificate, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/etc/czar/certificate-key.pem")]
    pub(crate) key_file: Option<PathBuf>,

    /// Seconds within which a client must have sent its request, and within which it is answered.
    #[schemars(range(min = 1))]
    pub(crate) request_timeout_secs: u32,

    /// Most connections that are open at once; more are closed at once.
    #[schemars(range(min = 1))]
    pub(crate) max_connections: u32,

    /// Whether `/`, `/status` and `/newdata` answer programs as the daemon of the Optimus Ingestor did.
    pub(crate) optimus_routes: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_folder: PathBuf::from("data"),
            delivery_folder: PathBuf::from("delivery"),
            organisation: OrganisationSettings::default(),
            keys: KeySettings::default(),
            sync: SyncSettings::default(),
            lake: LakeSettings::default(),
            ingest: IngestSettings::default(),
            query: QuerySettings::default(),
            commands: CommandSettings::default(),
            courses: CourseSettings::default(),
            unpack: UnpackSettings::default(),
            run: RunSettings::default(),
            notify: NotifySettings::default(),
            mail: MailSettings::default(),
            webhooks: WebhookSettings::default(),
            serve: ServeSettings::default(),
        }
    }
}

impl Default for IngestSettings {
    fn default() -> Self {
        Self { workers: 0, max_record_bytes: 64 << 20, max_clear_bytes: 1 << 40, keep_replaced_days: 7, merge_small_files: true }
    }
}

impl Default for QuerySettings {
    fn default() -> Self {
        Self { memory_bytes: 2 << 30, workers: 0 }
    }
}

impl Default for CommandSettings {
    fn default() -> Self {
        Self { folder: PathBuf::from("commands") }
    }
}

impl Default for CourseSettings {
    fn default() -> Self {
        Self { file: PathBuf::from("courses.toml") }
    }
}

impl Default for UnpackSettings {
    fn default() -> Self {
        Self {
            folder: None,
            select: Vec::new(),
            ignore: Vec::new(),
            replace_dots: true,
            decrypted: false,
            latest: "folder".to_owned(),
            keep_packages: 0,
            keep_days: 0,
        }
    }
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            steps: ["sync", "unpack", "ingest", "build", "reports", "retention", "notify"].map(str::to_owned).to_vec(),
            reports: Vec::new(),
            report_folder: PathBuf::from("reports"),
            report_format: "csv".to_owned(),
            keep_record_days: 400,
        }
    }
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8787".to_owned(),
            allow_clear_text: false,
            schedule: Vec::new(),
            catch_up: true,
            watch_folder: false,
            settle_secs: 30,
            poll_folder_secs: 0,
            stop_after_secs: 60,
            certificate_file: None,
            key_file: None,
            request_timeout_secs: 10,
            max_connections: 64,
            optimus_routes: false,
        }
    }
}
