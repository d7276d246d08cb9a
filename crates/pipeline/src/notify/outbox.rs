//! Who hears of what, and through which servers: the settings, checked as a whole before anything is sent. A fault in them stops the run
//! before it starts. It holds the secrets in memory and prints none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use url::Url;

use super::NoticeKind;
use super::error::NotifyError;
use crate::control::notices::{Channel, Target};
use crate::vault::{PassPhraseSource, SecretBytes, VaultError};

/// Settings as the user writes them.
#[derive(Debug, Clone, Default)]
pub struct OutboxSettings {
    /// Name of the institution.
    pub organisation: Option<String>,
    /// The data folder, so that a reader knows which installation speaks.
    pub place: String,
    /// Addresses by kind.
    pub recipients: BTreeMap<NoticeKind, Vec<String>>,
    /// Addresses that hear of everything.
    pub everything: Vec<String>,
    /// Hours after which a failure that lasts is told again.
    pub repeat_after_hours: u32,
    /// Days after which a notice that cannot be sent is given up.
    pub give_up_after_days: u32,
    /// Folder with the user's templates.
    pub templates_folder: Option<PathBuf>,
    /// Most bytes of files that go along with one message.
    pub max_attachment_bytes: u64,
    /// The mail server.
    pub mail: MailSettings,
    /// The webhooks.
    pub webhooks: WebhookSettings,
}

/// The mail server, as the user writes it.
#[derive(Debug, Clone, Default)]
pub struct MailSettings {
    /// Its name.
    pub host: Option<String>,
    /// Its port; the usual one of the security when absent.
    pub port: Option<u16>,
    /// `starttls`, `tls` or `none`.
    pub security: String,
    /// Whom to log in as.
    pub user: Option<String>,
    /// Where the password is.
    pub password: Option<(&'static str, PassPhraseSource)>,
    /// The sender.
    pub from: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// What stands in the `To` line of a message with several recipients.
    pub to: Option<String>,
    /// Certificate of who signed the server's, for one that the system does not know.
    pub ca_file: Option<PathBuf>,
    /// How long to wait for each answer.
    pub timeout_secs: u64,
}

/// The webhooks, as the user writes them.
#[derive(Debug, Clone, Default)]
pub struct WebhookSettings {
    /// Their addresses.
    pub urls: Vec<String>,
    /// File with more addresses, one a line.
    pub urls_file: Option<PathBuf>,
    /// Kinds they hear of; all when empty.
    pub kinds: Vec<String>,
    /// Where the secret for signatures is.
    pub secret: Option<(&'static str, PassPhraseSource)>,
    /// How long to wait for an answer.
    pub timeout_secs: u64,
    /// Tries in one run.
    pub tries: u32,
    /// Rest before the second try; it doubles with each.
    pub first_wait: Duration,
}

/// The settings, checked.
pub struct Outbox {
    pub(super) organisation: Option<String>,
    pub(super) place: String,
    pub(super) repeat_after_hours: u32,
    pub(super) give_up_after: TimeDelta,
    pub(super) templates_folder: Option<PathBuf>,
    pub(super) max_attachment_bytes: u64,
    pub(super) mail: Option<MailServer>,
    pub(super) webhooks: Webhooks,
    recipients: BTreeMap<NoticeKind, Vec<String>>,
}

/// A mail server that can be used.
pub(super) struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) login: Option<(String, SecretBytes)>,
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) to: Option<Mailbox>,
    pub(super) timeout: Duration,
}

/// Webhooks that can be used.
pub(super) struct Webhooks {
    pub(super) urls: Vec<(String, Url)>,
    pub(super) secret: Option<SecretBytes>,
    pub(super) timeout: Duration,
    pub(super) tries: u32,
    pub(super) first_wait: Duration,
    kinds: Vec<NoticeKind>,
}

impl Outbox {
    /// Checks the settings and reads the secrets they name.
    ///
    /// # Errors
    /// A setting cannot be, lacks another one, or names a place that cannot be read.
    pub fn open(settings: OutboxSettings) -> Result<Self, NotifyError> {
        let mut recipients = BTreeMap::new();
        let mut first_setting = None;
        for kind in NoticeKind::ALL {
            let of_kind = settings.recipients.get(&kind).cloned().unwrap_or_default();
            let mut list: Vec<String> = Vec::new();
            let named = settings.everything.iter().map(|text| ("notify.everything".to_owned(), text));
            for (setting, text) in named.chain(of_kind.iter().map(|text| (format!("notify.{kind}"), text))) {
                let address = address(&setting, text)?.to_string();
                first_setting.get_or_insert(setting);
                if !list.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
                    list.push(address);
                }
            }
            recipients.insert(kind, list);
        }
        let mail = mail_server(&settings.mail)?;
        if let (None, Some(because)) = (&mail, first_setting) {
            return Err(NotifyError::Missing { because, missing: "mail.host" });
        }
        Ok(Self {
            organisation: settings.organisation,
            place: settings.place,
            repeat_after_hours: settings.repeat_after_hours,
            give_up_after: TimeDelta::days(i64::from(settings.give_up_after_days)),
            templates_folder: settings.templates_folder,
            max_attachment_bytes: settings.max_attachment_bytes,
            mail,
            webhooks: webhooks(&settings.webhooks)?,
            recipients,
        })
    }

    /// Who hears of a kind.
    #[must_use]
    pub fn targets(&self, kind: NoticeKind) -> Vec<Target> {
        let people = self.recipients.get(&kind).into_iter().flatten().cloned();
        let mut targets: Vec<Target> = people.map(|name| Target { channel: Channel::Mail, name }).collect();
        if self.webhooks.kinds.is_empty() || self.webhooks.kinds.contains(&kind) {
            targets.extend(self.webhooks.urls.iter().map(|(name, _)| Target { channel: Channel::Webhook, name: name.clone() }));
        }
        targets
    }

    /// Whether anybody hears of anything.
    #[must_use]
    pub fn has_targets(&self) -> bool {
        NoticeKind::ALL.into_iter().any(|kind| !self.targets(kind).is_empty())
    }
}

fn mail_server(settings: &MailSettings) -> Result<Option<MailServer>, NotifyError> {
    let Some(host) = &settings.host else { return Ok(None) };
    let missing = |because: &str, missing| NotifyError::Missing { because: because.to_owned(), missing };
    let login = match (&settings.user, &settings.password) {
        (Some(user), Some((setting, source))) => Some((user.clone(), secret(setting, source)?)),
        (Some(_), None) => return Err(missing("mail.user", "mail.password_file")),
        (None, Some((setting, _))) => return Err(missing(setting, "mail.user")),
        (None, None) => None,
    };
    let (tls, usual_port) = match settings.security.as_str() {
        "starttls" => (Tls::Required(tls_parameters(host, settings)?), 587),
        "tls" => (Tls::Wrapper(tls_parameters(host, settings)?), 465),
        "none" if login.is_some() => return Err(NotifyError::PasswordInClear),
        "none" => (Tls::None, 25),
        _ => return Err(NotifyError::Value { setting: "mail.security", expected: "\"starttls\", \"tls\" or \"none\"".to_owned() }),
    };
    let from = settings.from.as_deref().ok_or_else(|| missing("mail.host", "mail.from"))?;
    let optional = |setting, text: &Option<String>| text.as_deref().map(|text| mailbox(setting, text)).transpose();
    Ok(Some(MailServer {
        host: host.clone(),
        port: settings.port.unwrap_or(usual_port),
        tls,
        login,
        from: mailbox("mail.from", from)?,
        reply_to: optional("mail.reply_to", &settings.reply_to)?,
        to: optional("mail.to", &settings.to)?,
        timeout: Duration::from_secs(settings.timeout_secs),
    }))
}

fn tls_parameters(host: &str, settings: &MailSettings) -> Result<TlsParameters, NotifyError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.ca_file {
        let refuse = |reason: String| NotifyError::File { setting: "mail.ca_file", path: path.clone(), reason };
        let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
            return Err(refuse("there is no certificate in it".to_owned()));
        }
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| refuse(error.to_string()))?);
    }
    builder.build_rustls().map_err(|error| NotifyError::Tls { reason: error.to_string() })
}

fn webhooks(settings: &WebhookSettings) -> Result<Webhooks, NotifyError> {
    let mut kinds = Vec::new();
    for name in &settings.kinds {
        kinds.push(NoticeKind::of_name(name).ok_or_else(|| NotifyError::Value {
            setting: "webhooks.kinds",
            expected: format!("a list of {}", NoticeKind::ALL.map(NoticeKind::name).join(", ")),
        })?);
    }
    let mut urls = Vec::new();
    for (index, text) in settings.urls.iter().enumerate() {
        urls.push(webhook("webhooks.urls", index, text)?);
    }
    if let Some(path) = &settings.urls_file {
        let refuse =
            |error: std::io::Error| NotifyError::File { setting: "webhooks.urls_file", path: path.clone(), reason: error.to_string() };
        let text = std::fs::read_to_string(path).map_err(refuse)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (index, line) in lines.enumerate() {
            urls.push(webhook("webhooks.urls_file", index, line)?);
        }
    }
    urls.sort();
    urls.dedup();
    let secret = settings.secret.as_ref().map(|(setting, source)| secret(setting, source)).transpose()?;
    Ok(Webhooks {
        urls,
        secret,
        timeout: Duration::from_secs(settings.timeout_secs),
        tries: settings.tries.max(1),
        first_wait: settings.first_wait,
        kinds,
    })
}

/// The address of a webhook with the name it is told by: its host and some digits that tell two of one host apart. The path is often a
/// secret, so it goes nowhere else.
fn webhook(setting: &'static str, index: usize, text: &str) -> Result<(String, Url), NotifyError> {
    let refuse = || NotifyError::WebhookAddress { setting, number: index + 1 };
    let url = Url::parse(text).map_err(|_| refuse())?;
    let host = url.host_str().filter(|_| matches!(url.scheme(), "https" | "http")).ok_or_else(refuse)?;
    let digest = blake3::hash(text.as_bytes()).to_hex();
    Ok((format!("{host} ({})", &digest[..6]), url))
}

fn secret(setting: &'static str, source: &PassPhraseSource) -> Result<SecretBytes, NotifyError> {
    source.read().map(crate::vault::PassPhrase::into_secret).map_err(|error| match error {
        VaultError::PassPhraseSource { place, reason } => NotifyError::Secret { setting, place, reason },
        other => NotifyError::Secret { setting, place: "its place".to_owned(), reason: other.to_string() },
    })
}

fn address(setting: &str, text: &str) -> Result<Address, NotifyError> {
    let refuse = || NotifyError::Address { setting: setting.to_owned(), text: text.to_owned() };
    text.trim().parse::<Address>().ok().filter(|address| address.to_string().is_ascii()).ok_or_else(refuse)
}

/// An address, with a name before it if the user likes: `Data czar <czar@example.org>`.
fn mailbox(setting: &str, text: &str) -> Result<Mailbox, NotifyError> {
    let refuse = || NotifyError::Address { setting: setting.to_owned(), text: text.to_owned() };
    text.trim().parse::<Mailbox>().ok().filter(|mailbox| mailbox.email.to_string().is_ascii()).ok_or_else(refuse)
}
