//! Exactly one message for each event that deserves one, at the right people only: nights of runs against a real mail server, with a clock
//! of the test.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::TcpListener;

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::Control;
use czar_pipeline::ingest::IngestSummary;
use czar_pipeline::notify::{
    self, DeliverySummary, Facts, MailSettings, Notice, NoticeKind, Outbox, OutboxSettings, deliver, failure, recovered,
};
use czar_pipeline::vault::PassPhraseSource;

use crate::smtp_server::{PASSWORD, SmtpServer, USER};

thread_local! {
    static NOW: Cell<DateTime<Utc>> = const { Cell::new(DateTime::UNIX_EPOCH) };
}

fn clock() -> DateTime<Utc> {
    NOW.get()
}

fn set_clock(text: &str) {
    NOW.set(text.parse().unwrap());
}

fn pass(span: TimeDelta) {
    NOW.set(NOW.get() + span);
}

/// An installation with its people.
struct House {
    folder: tempfile::TempDir,
    server: SmtpServer,
    settings: OutboxSettings,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = SmtpServer::start();
        let password = folder.path().join("password");
        czar_pipeline::atomic_file::write(&password, PASSWORD.as_bytes()).unwrap();
        let list = |names: &[&str]| names.iter().map(|name| format!("{name}@example.org")).collect::<Vec<_>>();
        let settings = OutboxSettings {
            place: "/data".to_owned(),
            recipients: BTreeMap::from([
                (NoticeKind::NewData, list(&["reader", "ada"])),
                (NoticeKind::Failure, list(&["ada", "bob"])),
                (NoticeKind::Recovered, list(&["ada", "bob"])),
                (NoticeKind::Report, list(&["dean"])),
            ]),
            repeat_after_hours: 24,
            give_up_after_days: 7,
            max_attachment_bytes: 2_000,
            mail: MailSettings {
                host: Some("localhost".to_owned()),
                port: Some(server.starttls),
                security: "starttls".to_owned(),
                user: Some(USER.to_owned()),
                password: Some(("mail.password_file", PassPhraseSource::File(password))),
                from: Some("czar@example.org".to_owned()),
                ca_file: Some(server.ca_file()),
                timeout_secs: 10,
                ..MailSettings::default()
            },
            ..OutboxSettings::default()
        };
        set_clock("2018-03-04T01:00:00Z");
        Self { folder, server, settings }
    }

    fn control(&self) -> Control {
        Control::open(self.folder.path()).unwrap()
    }

    fn run(&self, facts: Vec<Facts>) -> DeliverySummary {
        self.run_with(&self.settings, facts.into_iter().map(Notice::from).collect())
    }

    fn run_with(&self, settings: &OutboxSettings, notices: Vec<Notice>) -> DeliverySummary {
        let outbox = Outbox::open(settings.clone()).unwrap();
        deliver(&self.control(), &outbox, notices, clock).unwrap()
    }

    /// The settings with a server that is down.
    fn down(&self) -> OutboxSettings {
        let mut settings = self.settings.clone();
        settings.mail.port = Some(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        settings
    }

    /// Subjects and recipients so far.
    fn told(&self) -> Vec<(String, String)> {
        let subject = |content: &str| content.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned();
        let short = |to: &Vec<String>| to.iter().map(|address| address.replace("@example.org", "")).collect::<Vec<_>>().join(" ");
        self.server.received().iter().map(|message| (subject(&message.content), short(&message.to))).collect()
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(subject, to)| ((*subject).to_owned(), (*to).to_owned())).collect()
}

#[test]
fn ten_failing_runs_are_one_mail_and_the_first_good_run_another() {
    let house = House::new();
    for n in 0..10 {
        let message = format!("could not list the bucket `b`: time-out after {n} s");
        let summary = house.run(vec![failure("sync", &message, Some("see whether the network is there"))]);
        assert_eq!((summary.n_sent, summary.n_held), if n == 0 { (2, 0) } else { (0, 1) });
        assert_eq!(summary.troubles, []);
        pass(TimeDelta::minutes(5));
    }
    for _ in 0..3 {
        house.run(vec![recovered("sync"), recovered("ingest")]);
        pass(TimeDelta::minutes(5));
    }
    assert_eq!(house.told(), pairs(&[("[czar] sync failed", "ada bob"), ("[czar] sync works again", "ada bob")]));
}

#[test]
fn a_server_that_is_down_delays_a_mail_and_loses_none() {
    let house = House::new();
    let summary = IngestSummary { n_files: 2, n_rows: 10, ..IngestSummary::default() };
    let facts = notify::new_data("1", &summary, &["a".to_owned(), "b".to_owned()]).unwrap();
    let first = house.run_with(&house.down(), vec![facts.into(), failure("build", "no room", None).into()]);
    assert_eq!((first.n_sent, first.n_waiting, first.troubles.len()), (0, 4, 1), "{first:?}");
    assert!(first.troubles[0].message.contains("could not reach mail server localhost"), "{first:?}");
    assert_eq!(house.told(), []);
    pass(TimeDelta::minutes(5));
    let second = house.run(Vec::new());
    assert_eq!((second.n_sent, second.n_waiting), (4, 0));
    assert_eq!(house.told(), pairs(&[("[czar] 2 new files loaded", "reader ada"), ("[czar] build failed", "ada bob")]));
    assert_eq!(house.run(Vec::new()).n_sent, 0);
}

#[test]
fn a_failure_that_nobody_has_yet_is_told_by_its_newest_notice() {
    let house = House::new();
    for _ in 0..3 {
        house.run_with(&house.down(), vec![failure("sync", "no network", None).into()]);
        pass(TimeDelta::days(1));
    }
    house.run(vec![failure("sync", "no network", None)]);
    assert_eq!(house.told(), pairs(&[("[czar] sync still fails", "ada bob")]));
    let content = house.server.received().pop().unwrap().content;
    assert!(content.contains("since 2018-03-04 01:00 UTC"), "{content}");
}

#[test]
fn what_cannot_be_sent_is_given_up_some_day_and_that_is_told() {
    let house = House::new();
    let report = notify::report("grades", "2018-03", &[], None);
    house.run_with(&house.down(), vec![report.into()]);
    pass(TimeDelta::days(8));
    let summary = house.run_with(&house.down(), Vec::new());
    assert_eq!((summary.n_given_up, summary.n_waiting), (1, 0), "{summary:?}");
    assert_eq!(house.run(Vec::new()).n_sent, 0);
}

#[test]
fn who_left_the_settings_hears_nothing_of_what_waited() {
    let house = House::new();
    house.run_with(&house.down(), vec![failure("sync", "no network", None).into()]);
    let mut settings = house.settings.clone();
    settings.recipients.insert(NoticeKind::Failure, vec!["bob@example.org".to_owned(), "new@example.org".to_owned()]);
    house.run_with(&settings, Vec::new());
    assert_eq!(house.told(), pairs(&[("[czar] sync failed", "bob")]));
}

#[test]
fn a_busy_recipient_gets_it_later_and_the_others_once() {
    let house = House::new();
    let mut settings = house.settings.clone();
    settings.recipients.insert(NoticeKind::Report, ["dean", "later", "refused"].map(|name| format!("{name}@example.org")).to_vec());
    let summary = house.run_with(&settings, vec![notify::report("grades", "2018-03", &[], None).into()]);
    assert_eq!((summary.n_sent, summary.n_waiting, summary.n_refused, summary.troubles.len()), (1, 1, 1, 2), "{summary:?}");
    pass(TimeDelta::days(1));
    let summary = house.run_with(&settings, Vec::new());
    assert_eq!((summary.n_sent, summary.n_waiting), (0, 1));
    assert_eq!(house.told(), pairs(&[("[czar] Report grades, 2018-03", "dean")]));
}

#[test]
fn a_kill_after_the_servers_yes_gives_one_message_twice_under_one_name() {
    let house = House::new();
    house.run(vec![failure("sync", "no network", None)]);
    // The state in which a kill between the answer and the mark leaves the file.
    let control = house.folder.path().join("control.sqlite");
    let copy = rusqlite_of(&control);
    copy.execute("update notice_deliveries set state = 'waiting', finished_at = null", []).unwrap();
    drop(copy);
    house.run(Vec::new());
    house.run(Vec::new());
    let received = house.server.received();
    let name = |content: &str| content.lines().find(|line| line.starts_with("Message-ID: ")).map(str::to_owned).unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(name(&received[0].content), name(&received[1].content));
    assert_eq!(received[0].content, received[1].content, "the same notice is the same bytes");
}

fn rusqlite_of(path: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

#[test]
fn reports_go_along_up_to_a_size_and_the_others_are_named() {
    let house = House::new();
    let files: Vec<std::path::PathBuf> = ["small.csv", "big.csv", "gone.csv"].map(|name| house.folder.path().join(name)).to_vec();
    czar_pipeline::atomic_file::write(&files[0], b"site,n\nedx,1\n").unwrap();
    czar_pipeline::atomic_file::write(&files[1], &[b'x'; 3_000]).unwrap();
    let facts = notify::report("grades", "2018-03", &files, Some(1));
    house.run_with(&house.settings, vec![Notice { facts: facts.clone(), attachments: files.clone() }]);
    let again = house.run_with(&house.settings, vec![Notice { facts, attachments: files }]);
    assert_eq!((again.n_sent, again.n_held), (0, 1));
    let received = house.server.received();
    assert_eq!(received.len(), 1);
    let content = &received[0].content;
    assert_eq!(received[0].to, ["dean@example.org"]);
    assert!(content.contains("Content-Disposition: attachment; filename=\"small.csv\""), "{content}");
    assert!(!content.contains("filename=\"big.csv\""), "{content}");
    for line in ["  small.csv\r\n", "  big.csv (not attached)\r\n", "  gone.csv (not attached)\r\n"] {
        assert!(content.contains(line), "{line} is not in {content}");
    }
}
