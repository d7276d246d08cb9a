//! Opens the outbox that the settings name, and says what came of a delivery. It keeps no secret itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use czar_pipeline::notify::{DeliverySummary, MailSettings, NoticeKind, NotifyError, Outbox, OutboxSettings, WebhookSettings};
use czar_pipeline::vault::PassPhraseSource;

use crate::config::Settings;
use crate::printer::{Printer, Trouble};
use crate::words;

/// The rest before a webhook is tried a second time.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Opens it.
///
/// # Errors
/// A setting cannot be, or the place of a secret cannot be read.
pub(crate) fn open(settings: &Settings) -> Result<Outbox, NotifyError> {
    let notify = &settings.notify;
    let recipients = BTreeMap::from([
        (NoticeKind::NewData, notify.new_data.clone()),
        (NoticeKind::Failure, notify.failure.clone()),
        (NoticeKind::Recovered, notify.recovered.clone().unwrap_or_else(|| notify.failure.clone())),
        (NoticeKind::KeyExpiring, notify.key_expiring.clone()),
        (NoticeKind::GapFound, notify.gap_found.clone()),
        (NoticeKind::Report, notify.report.clone()),
    ]);
    Outbox::open(OutboxSettings {
        organisation: settings.organisation.name.clone(),
        place: std::path::absolute(&settings.data_folder).unwrap_or_else(|_| settings.data_folder.clone()).display().to_string(),
        recipients,
        everything: notify.everything.clone(),
        repeat_after_hours: notify.repeat_after_hours,
        give_up_after_days: notify.give_up_after_days,
        templates_folder: notify.templates_folder.clone(),
        max_attachment_bytes: notify.max_attachment_bytes,
        mail: mail(settings),
        webhooks: webhooks(settings),
    })
}

fn mail(settings: &Settings) -> MailSettings {
    let mail = &settings.mail;
    MailSettings {
        host: mail.host.clone(),
        port: mail.port,
        security: mail.security.clone(),
        user: mail.user.clone(),
        password: place(("mail.password_environment", &mail.password_environment), ("mail.password_file", &mail.password_file)),
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        to: mail.to.clone(),
        ca_file: mail.ca_file.clone(),
        timeout_secs: mail.timeout_secs,
    }
}

fn webhooks(settings: &Settings) -> WebhookSettings {
    let webhooks = &settings.webhooks;
    WebhookSettings {
        urls: webhooks.urls.clone(),
        urls_file: webhooks.urls_file.clone(),
        kinds: webhooks.kinds.clone(),
        secret: place(("webhooks.secret_environment", &webhooks.secret_environment), ("webhooks.secret_file", &webhooks.secret_file)),
        timeout_secs: webhooks.timeout_secs,
        tries: webhooks.tries,
        first_wait: FIRST_WAIT,
    }
}

/// Where a secret is, with the setting that says so.
fn place(environment: (&'static str, &Option<String>), file: (&'static str, &Option<PathBuf>)) -> Option<(&'static str, PassPhraseSource)> {
    match (environment, file) {
        ((setting, Some(name)), _) => Some((setting, PassPhraseSource::Environment(name.clone()))),
        (_, (setting, Some(path))) => Some((setting, PassPhraseSource::File(path.clone()))),
        _ => None,
    }
}

/// What came of a delivery, in words: `sent 3, 1 told before, 2 waiting`.
pub(crate) fn in_words(summary: &DeliverySummary) -> String {
    let parts = [
        ("told before", summary.n_held),
        ("waiting for the next run", summary.n_waiting),
        ("refused", summary.n_refused),
        ("given up", summary.n_given_up),
    ];
    let mut text = format!("Sent {}", words::count(summary.n_sent, "notice"));
    for (word, n) in parts.into_iter().filter(|(_, n)| *n > 0) {
        text.push_str(&format!(", {} {word}", words::number(n)));
    }
    text
}

/// Says what went wrong on the way.
pub(crate) fn tell_troubles(summary: &DeliverySummary, printer: &Printer) {
    let troubles = summary.troubles.iter();
    let troubles: Vec<Trouble> = troubles.map(|trouble| Trouble { message: trouble.message.clone(), hint: trouble.hint.clone() }).collect();
    troubles.iter().for_each(|trouble| printer.trouble(trouble));
}
