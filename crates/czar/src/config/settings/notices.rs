//! The settings of notices: who hears of what, and through which servers.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[notify]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NotifySettings {
    /// Who hears of everything.
    pub(crate) everything: Vec<String>,

    /// Who hears that files were loaded.
    pub(crate) new_data: Vec<String>,

    /// Who hears that a step of a run failed.
    pub(crate) failure: Vec<String>,

    /// Who hears that a step which had failed works again. Without it: those who hear of failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &["czar@example.org"])]
    pub(crate) recovered: Option<Vec<String>>,

    /// Who hears that a secret key expires: 30, 14, 7 and 1 days before, and when it has.
    pub(crate) key_expiring: Vec<String>,

    /// Who hears that days or weeks are missing in what edX delivered.
    pub(crate) gap_found: Vec<String>,

    /// Who is sent the reports of a run.
    pub(crate) report: Vec<String>,

    /// Hours after which a failure that lasts is told again; then after 2, 4 and every 7 times as long.
    #[schemars(range(min = 1))]
    pub(crate) repeat_after_hours: u32,

    /// Days for which a notice that cannot be sent is tried again.
    #[schemars(range(min = 1))]
    pub(crate) give_up_after_days: u32,

    /// Folder with your own texts in place of the built-in ones; `czar notify templates --write` fills it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"notices")]
    pub(crate) templates_folder: Option<PathBuf>,

    /// Most bytes of reports that go along with one message. A report that does not fit is named and not sent.
    pub(crate) max_attachment_bytes: u64,
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailSettings {
    /// Name of the mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"smtp.example.org")]
    pub(crate) host: Option<String>,

    /// Its port. Without it: 587 for starttls, 465 for tls, 25 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 587, range(min = 1))]
    pub(crate) port: Option<u16>,

    /// How the connection is encrypted: starttls (after a greeting in clear), tls (from the start), or none, which is only for a server that
    /// asks for no login.
    pub(crate) security: String,

    /// Whom to log in as. Without it there is no login.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"czar@example.org")]
    pub(crate) user: Option<String>,

    /// Name of the environment variable that holds the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"CZAR_MAIL_PASSWORD")]
    pub(crate) password_environment: Option<String>,

    /// File whose first line is the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/czar-mail-password")]
    pub(crate) password_file: Option<PathBuf>,

    /// The sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Data czar <czar@example.org>")]
    pub(crate) from: Option<String>,

    /// Where answers go, if not to the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"research-data@example.org")]
    pub(crate) reply_to: Option<String>,

    /// What stands in the line `To` of a message. Without it: a single recipient's own address, else `undisclosed-recipients`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Readers of course data <course-data@example.org>")]
    pub(crate) to: Option<String>,

    /// PEM file with the certificate of who signed the server's, when the system does not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/etc/ssl/our-ca.pem")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Seconds to wait for each answer of the server.
    #[schemars(range(min = 1))]
    pub(crate) timeout_secs: u64,
}

/// `[webhooks]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookSettings {
    /// Addresses without a secret in them.
    pub(crate) urls: Vec<String>,

    /// File with more addresses, one a line: for those that hold a token, such as a chat's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/czar-webhooks")]
    pub(crate) urls_file: Option<PathBuf>,

    /// Kinds of notices they get, as in `[notify]`: new_data, failure, recovered, key_expiring, gap_found, report. All when empty.
    pub(crate) kinds: Vec<String>,

    /// Name of the environment variable with the secret by which notices are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"CZAR_WEBHOOK_SECRET")]
    pub(crate) secret_environment: Option<String>,

    /// File whose first line is the secret by which notices are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "path"), example = &"/run/secrets/czar-webhook-secret")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Seconds to wait for an answer.
    #[schemars(range(min = 1))]
    pub(crate) timeout_secs: u64,

    /// Tries in one run, with a growing rest between them, when the other side is busy or cannot be reached.
    #[schemars(range(min = 1))]
    pub(crate) tries: u32,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            everything: Vec::new(),
            new_data: Vec::new(),
            failure: Vec::new(),
            recovered: None,
            key_expiring: Vec::new(),
            gap_found: Vec::new(),
            report: Vec::new(),
            repeat_after_hours: 24,
            give_up_after_days: 7,
            templates_folder: None,
            max_attachment_bytes: 10 << 20,
        }
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            security: "starttls".to_owned(),
            user: None,
            password_environment: None,
            password_file: None,
            from: None,
            reply_to: None,
            to: None,
            ca_file: None,
            timeout_secs: 30,
        }
    }
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            urls_file: None,
            kinds: Vec::new(),
            secret_environment: None,
            secret_file: None,
            timeout_secs: 15,
            tries: 3,
        }
    }
}
