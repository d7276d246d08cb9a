//! `[sync]`: where the files of edX are fetched from, with which access keys, and how hard the network is asked.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[sync]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SyncSettings {
    /// Organisations whose files are fetched, as in course run keys; `organisation.name` when the list is empty. Names of other
    /// organisations are never kept.
    pub(crate) organisations: Vec<String>,

    /// What is fetched: events, packages, email-opt-in, research-exchange, program-reports. For the last, edX grants access separately.
    pub(crate) kinds: Vec<String>,

    /// Where event files are: `s3://bucket[/prefix]`, a folder, or the `https://` address of a page that lists files. So with the other
    /// places.
    pub(crate) events: String,

    /// Where the weekly data packages are.
    pub(crate) packages: String,

    /// Where the e-mail opt-in lists are.
    pub(crate) email_opt_in: String,

    /// Where the packages of approved research are.
    pub(crate) research_exchange: String,

    /// Where the reports on programmes are.
    pub(crate) program_reports: String,

    /// Address of an S3 server that is not Amazon's. Else AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL or the AWS profile says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"https://s3.universityx.example")]
    pub(crate) endpoint: Option<String>,

    /// Region of the buckets. Else AWS_REGION, AWS_DEFAULT_REGION or the AWS profile says it, else it is us-east-1, where edX's are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"us-east-1")]
    pub(crate) region: Option<String>,

    /// File with the access keys: the `credentials.csv.gpg` that edX sends, which is decrypted in memory, or `credentials.csv`. Without
    /// this, a profile and the two files below, the keys are those of the environment, else those of the AWS profile `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"keys/credentials.csv.gpg")]
    pub(crate) credentials_file: Option<PathBuf>,

    /// AWS profile whose access keys are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"edx")]
    pub(crate) profile: Option<String>,

    /// File that holds the id of the access key and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/aws-access-key-id")]
    pub(crate) access_key_id_file: Option<PathBuf>,

    /// File that holds the secret access key and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/aws-secret-access-key")]
    pub(crate) secret_access_key_file: Option<PathBuf>,

    /// Files that are fetched at once.
    #[schemars(range(min = 1, max = 64))]
    pub(crate) parallel: usize,

    /// How often a file or a page of a listing is asked for before it counts as failed. Between tries is a wait, twice as long each time.
    #[schemars(range(min = 1))]
    pub(crate) tries: u32,

    /// Seconds after which a server that sends nothing is given up for this try.
    #[schemars(range(min = 1))]
    pub(crate) timeout_secs: u64,

    /// Bytes that have to stay free on the disk of the delivery folder. What does not fit is not begun.
    pub(crate) keep_free_bytes: u64,

    /// The most bytes of one run, newest files first; the rest is fetched by the next. 0 is no limit.
    pub(crate) max_bytes: u64,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            organisations: Vec::new(),
            kinds: ["events", "packages", "email-opt-in", "research-exchange"].map(str::to_owned).to_vec(),
            events: "s3://edx-course-data".to_owned(),
            packages: "s3://course-data".to_owned(),
            email_opt_in: "s3://course-data".to_owned(),
            research_exchange: "s3://edx-course-data".to_owned(),
            program_reports: "s3://edx-program-reports".to_owned(),
            endpoint: None,
            region: None,
            credentials_file: None,
            profile: None,
            access_key_id_file: None,
            secret_access_key_file: None,
            parallel: 4,
            tries: 8,
            timeout_secs: 60,
            keep_free_bytes: 1 << 30,
            max_bytes: 0,
        }
    }
}
