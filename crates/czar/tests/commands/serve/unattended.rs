//! The whole of it, with nobody there: a server in fast-forward fetches from a bucket that fails in between, is killed once, and tells each
//! event once, to the right people and nobody else.

use super::server::{Server, Site};
use crate::fault_proxy::{Fault, FaultProxy};
use crate::s3_server::S3Server;
use crate::smtp_server::{PASSWORD, SmtpServer};

/// The day that comes later.
const LATE: &str = "universityx/edx/events/2018/universityx-edx-events-2018-03-07.log.gz.gpg";

const SETTINGS: &str = "\
[organisation]
name = \"UniversityX\"

[keys]
secret_key_file = \"made/keys/czar-secret.asc\"

[sync]
tries = 1

[run]
steps = [\"sync\", \"ingest\", \"notify\"]

[notify]
new_data = [\"research@example.org\"]
failure = [\"admin@example.org\"]
repeat_after_hours = 1000000

[serve]
schedule = [\"0 2 * * *\"]

";

/// What was sent so far: whom to, and the subject.
fn mails(smtp: &SmtpServer) -> Vec<String> {
    let subject = |content: &str| content.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned();
    smtp.received().iter().map(|mail| format!("{}: {}", mail.to.join(" "), subject(&mail.content))).collect()
}

/// Serves from a moment on, 20,000 times as fast: a day in 4.3 seconds.
fn serve(site: &Site, bucket: &S3Server, proxy: &FaultProxy, start: &str) -> Server {
    let environment = bucket.environment_through(proxy.port);
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.serve_at(&format!("{start}*20000"), &environment)
}

#[test]
fn each_event_of_many_nights_is_told_once_and_to_the_right_people() {
    let (bucket, smtp) = (S3Server::start(), SmtpServer::start());
    let site = Site::new(&format!("{SETTINGS}{}", smtp.mail_section("starttls", smtp.starttls)));
    site.place.write("password", format!("{PASSWORD}\n"));
    site.place.data(&["synth", "made", "--learners", "5", "--days", "4", "--courses", "1"]);
    let late = site.place.path(format!("made/edx-course-data/{LATE}"));
    let late_bytes = std::fs::read(&late).unwrap();
    std::fs::remove_file(&late).unwrap();
    bucket.put_folder("edx-course-data", &site.place.path("made/edx-course-data"));
    bucket.put_folder("course-data", &site.place.path("made/course-data"));
    let proxy = FaultProxy::start(bucket.port(), |_, _| Fault::None);

    // A good night, and one that brings nothing.
    let server = serve(&site, &bucket, &proxy, "2026-03-01T20:00:00Z");
    server.wait_for("Run 2: done: sync, ingest, notify");
    // Nights on which the bucket does not answer.
    proxy.behave(|_, _| Fault::Answer(503, String::new()));
    server.wait_for("failed: sync");
    server.wait_for_count("failed: sync", 3);
    // It answers again and has something new, and the server dies in the middle of the run that finds it.
    bucket.put("edx-course-data", LATE, &late_bytes);
    let n_runs = server.log().matches(" begins (").count();
    proxy.behave(|_, _| Fault::None);
    server.wait_for(&format!("Run {} begins", n_runs + 1));
    server.kill();
    let server = serve(&site, &bucket, &proxy, "2028-03-01T20:00:00Z");
    server.wait_for("The run before was interrupted: it is done again");
    server.wait_for_count("done: sync, ingest, notify", 2);

    let told = mails(&smtp);
    assert_eq!(told.len(), 4, "{told:#?}\n{}", server.log());
    let of = |person: &str| told.iter().filter(|mail| mail.starts_with(person)).count();
    assert_eq!((of("research@example.org: "), of("admin@example.org: ")), (2, 2), "{told:#?}");
    assert!(smtp.received().iter().all(|mail| mail.is_encrypted));
    let sent: String = smtp.received().into_iter().map(|mail| mail.content).collect();
    assert!(!sent.contains(PASSWORD) && !server.log().contains(PASSWORD));
    assert!(site.place.data(&["query", "--format", "csv", "select count(*) as n from loads where state = 'failed'"]).ends_with("n\n0\n"));
}
