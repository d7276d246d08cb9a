//! `czar notify` against a real mail server: what arrives, at whom, and each way in which it does not.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use crate::smtp_server::{PASSWORD, Received, SmtpServer, USER};
use crate::support::Place;

const PEOPLE: &str =
    "[notify]\nfailure = [\"ada@example.org\", \"Bob@Example.org\", \"bob@example.org\"]\nnew_data = [\"news@example.org\"]\n";

fn place_with(mail: &str) -> Place {
    let place = Place::new();
    place.write("czar.toml", format!("[organisation]\nname = \"UniversityX\"\n\n{PEOPLE}\n{mail}"));
    place.write("password", format!("{PASSWORD}\n"));
    place
}

/// A run without what differs from run to run: ports.
fn told(place: &Place, server: &SmtpServer, arguments: &[&str]) -> String {
    let mut text = place.czar(arguments);
    for port in [server.starttls, server.tls, server.bare] {
        text = text.replace(&port.to_string(), "[PORT]");
    }
    text
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A message without its moments.
fn masked(message: &Received, place: &Place) -> String {
    let text = message.content.replace("\r\n", "\n").replace(&place.path("").display().to_string(), "[FOLDER]/");
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.push(match line.split_once(": ") {
            Some(("Date", _)) => "Date: [DATE]".to_owned(),
            Some(("Message-ID", _)) => "Message-ID: [ID]".to_owned(),
            _ => line.to_owned(),
        });
    }
    lines.join("\n")
}

#[test]
fn a_test_goes_encrypted_to_the_right_people_who_do_not_see_each_other() {
    let server = SmtpServer::start();
    for (security, port) in [("starttls", server.starttls), ("tls", server.tls)] {
        let place = place_with(&server.mail_section(security, port));
        assert_eq!(
            told(&place, &server, &["notify", "test"]),
            "exit code: 0\n----- stdout -----\n----- stderr -----\nSent a test of `failure` to ada@example.org, Bob@Example.org\n"
        );
        let received = server.received().pop().unwrap();
        assert_eq!(received.to, ["ada@example.org", "Bob@Example.org"]);
        assert_eq!((received.from.as_str(), received.user.as_deref(), received.is_encrypted), (USER, Some(USER), true));
        assert!(!received.content.contains("ada@") && received.content.contains("To: undisclosed-recipients:;"), "{}", received.content);
    }
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_message_has_text_and_html_and_says_that_it_is_a_test() {
    let server = SmtpServer::start();
    let place = place_with(&server.mail_section("none", server.bare));
    assert!(place.czar(&["notify", "test", "--kind", "new_data"]).starts_with("exit code: 0"));
    let received = server.received().pop().unwrap();
    assert_eq!(received.to, ["news@example.org"]);
    // The facts name days before today.
    let text = masked(&received, &place);
    let days = text.split("universityx-").count();
    assert_eq!(days, 9, "{text}");
    for part in [
        "Subject: [czar UniversityX] test: 3 new files loaded, 1 not readable",
        "To: news@example.org",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "This is a test with made-up facts. Nothing has happened.",
        "3 files with 1,234,567 rows came in (48.2 MB).",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn each_refusal_of_a_mail_server_is_told_with_a_next_step() {
    let server = SmtpServer::start();
    let good = server.mail_section("starttls", server.starttls);
    let mut text = String::new();
    let mut tell = |what: &str, place: &Place| {
        text.push_str(&format!("== {what}\n{}\n", told(place, &server, &["notify", "test"])));
    };
    let wrong_password = place_with(&good);
    wrong_password.write("password", "not-it");
    tell("a wrong password", &wrong_password);
    let ca_file = format!("ca_file = \"{}\"\n", server.ca_file().display());
    tell("a certificate nobody vouches for", &place_with(&good.replace(&ca_file, "")));
    let down = closed_port();
    let place = place_with(&good.replace(&server.starttls.to_string(), &down.to_string()));
    let down_told = place.czar(&["notify", "test"]).replace(&down.to_string(), "[PORT]");
    tell("no encryption offered", &place_with(&server.mail_section("starttls", server.bare)));
    tell("encrypted from the start where it should begin in clear", &place_with(&server.mail_section("tls", server.bare)));
    tell("a login that is not asked for", &place_with(&good.replace(&format!("user = \"{USER}\"\npassword_file = \"password\"\n"), "")));
    let refused = place_with(&good);
    refused.write("czar.toml", refused.read("czar.toml").replace("ada@", "refused@").replace("Bob@", "later@").replace("bob@", "carl@"));
    tell("one recipient refused, one busy, one taken", &refused);
    tell("a sender that may not send", &place_with(&good.replace("<czar@", "<forged@")));
    text.push_str(&format!("== a server that is down\n{down_told}"));
    insta::assert_snapshot!(text);
    let received: Vec<Vec<String>> = server.received().into_iter().map(|message| message.to).collect();
    assert_eq!(received, [["carl@example.org"]], "no refusal may lead to a message, and one bad address not to none");
}

#[test]
fn settings_that_cannot_be_are_refused_before_anything_is_sent() {
    let mail = "[mail]\nhost = \"localhost\"\nfrom = \"czar@example.org\"\n";
    let mut text = String::new();
    for (what, settings) in [
        ("no server", String::new()),
        ("no sender", "[mail]\nhost = \"localhost\"\n".to_owned()),
        ("a password in clear", format!("{mail}security = \"none\"\nuser = \"x\"\npassword_file = \"password\"\n")),
        ("an unknown security", format!("{mail}security = \"ssl\"\n")),
        ("a user without a password", format!("{mail}user = \"x\"\n")),
        ("a password that is not there", format!("{mail}user = \"x\"\npassword_environment = \"NOT_SET\"\n")),
        ("two places of a password", format!("{mail}user = \"x\"\npassword_environment = \"A\"\npassword_file = \"password\"\n")),
        ("a certificate that is none", format!("{mail}ca_file = \"password\"\n")),
        ("a kind that is none", format!("{mail}[webhooks]\nkinds = [\"failur\"]\n")),
        ("a webhook that is none", format!("{mail}[webhooks]\nurls = [\"hunter2\"]\n")),
        ("an address that is none", format!("{mail}reply_to = \"nobody\"\n")),
    ] {
        let place = place_with(&settings);
        text.push_str(&format!("== {what}\n{}\n", place.czar(&["notify", "test"])));
        assert!(!place.path("data").exists(), "{what}");
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn nobody_to_be_told_is_told() {
    insta::assert_snapshot!(Place::new().czar(&["notify", "test", "--kind", "gap_found"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: nobody is to be told when days or weeks are missing in what edX delivered
    hint: name people in `notify.gap_found` or `notify.everything`, or webhooks in `[webhooks]` of czar.toml
    ");
}

#[test]
fn templates_are_written_once_and_used_when_they_are_named() {
    let place = place_with("[mail]\nhost = \"localhost\"\nfrom = \"czar@example.org\"\n");
    insta::assert_snapshot!(place.czar(&["notify", "templates", "--write", "notices"]), @r#"
    exit code: 0
    ----- stdout -----
    ----- stderr -----
    Wrote 20 templates into `notices`
    hint: set `notify.templates_folder = "notices"`, and delete those that you leave as they are
    "#);
    place.write("czar.toml", place.read("czar.toml").replace("[notify]\n", "[notify]\ntemplates_folder = \"notices\"\n"));
    place.write("notices/recovered.subject", "All is well with {{ facts.step }}");
    place.write("notices/failure.text", "{{ facts.learner }}");
    place.write("notices/failur.html", "x");
    assert!(
        place.czar(&["notify", "templates", "--write", "notices"]).contains("Wrote 0 templates into `notices`, kept 20 that were there")
    );
    assert!(place.data(&["notify", "templates"]).contains("recovered.subject       yours: "));
    let told = place.czar(&["notify", "test", "--dry-run", "--kind", "recovered"]);
    assert!(told.contains("Subject: [czar UniversityX] test: All is well with sync\n"), "{told}");
    let told = place.czar(&["notify", "test", "--dry-run"]);
    assert!(told.contains("could not list the bucket"), "the built-in text is used: {told}");
    assert!(told.contains("template `failure.text:1` cannot be used, so the built-in one is: undefined value"), "{told}");
    assert!(told.contains("no template is named `failur.html`"), "{told}");
}

#[test]
fn the_log_tells_what_was_sent_to_whom() {
    let server = SmtpServer::start();
    let place = place_with(&server.mail_section("starttls", server.starttls));
    assert!(place.czar(&["notify", "log"]).contains("Nobody was told of anything"));
    assert!(!place.path("data").exists(), "looking makes nothing");
    place.czar(&["notify", "test"]);
    let log = place.data(&["notify", "log"]);
    let lines: Vec<&str> = log.lines().map(|line| line.split_once("UTC  ").unwrap().1).collect();
    assert_eq!(lines, ["failure (test)  test  mail ada@example.org: sent", "failure (test)  test  mail Bob@Example.org: sent"]);
    let json: serde_json::Value = serde_json::from_str(&place.data(&["notify", "log", "--format", "json"])).unwrap();
    assert_eq!(json[0]["state"], "sent");
}

#[test]
fn the_password_is_in_no_output_log_database_or_process_list() {
    let server = SmtpServer::start();
    let token = "planted-token-Qx9";
    let webhook = TcpListener::bind("127.0.0.1:0").unwrap();
    let sections = format!(
        "{}\n[webhooks]\nurls_file = \"webhooks\"\nsecret_file = \"password\"\ntries = 1\n",
        server.mail_section("starttls", server.starttls)
    );
    let place = place_with(&sections);
    place.write("webhooks", format!("http://{}/{token}\n", webhook.local_addr().unwrap()));
    let answering = std::thread::spawn(move || {
        for answer in ["200 OK", "404 Not Found"] {
            answer_one(&webhook, answer);
        }
    });
    let mut all = String::new();
    for arguments in
        [["-v", "notify", "test"].as_slice(), &["-v", "notify", "test", "--kind", "failure"], &["config", "show"], &["notify", "log"]]
    {
        let output = place.command(arguments).env("CZAR_LOG", "trace").output().unwrap();
        all.push_str(&place.told(&output));
    }
    assert!(all.contains("answers 404"), "{all}");
    answering.join().unwrap();
    assert_eq!(server.received().len(), 2, "{all}");
    place.write("password", "not-it-either");
    all.push_str(&place.czar(&["-v", "notify", "test"]));
    for name in ["control.sqlite", "control.sqlite-wal"] {
        all.push_str(&String::from_utf8_lossy(&std::fs::read(place.path("data").join(name)).unwrap_or_default()));
    }
    place.write("password", PASSWORD);
    all.push_str(&process_list_entry(&place, &server));
    let in_base64 = ["cGxhbnRlZC1acjhrUS1zZWNyZXQ", "AGN6YXJAZXhhbXBsZS5vcmcAcGxhbnRlZ"];
    for secret in [PASSWORD, token, "not-it-either"].iter().chain(&in_base64) {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

/// What the process list shows of a program that waits for its mail server.
fn process_list_entry(place: &Place, server: &SmtpServer) -> String {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = place.read("czar.toml").replace(&server.starttls.to_string(), &silent.local_addr().unwrap().port().to_string());
    place.write("czar.toml", settings);
    let mut process = place.command(&["notify", "test"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let waiting = silent.accept().unwrap();
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", process.id())).unwrap();
    let shown = [read("cmdline"), read("environ")].concat();
    drop(waiting);
    process.kill().unwrap();
    process.wait().unwrap();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert!(shown.contains("notify"), "{shown}");
    shown
}

/// Takes one request and answers it.
fn answer_one(listener: &TcpListener, answer: &str) {
    let (mut stream, _) = listener.accept().unwrap();
    read_request(&mut stream);
    write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
}

fn read_request(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if n == 0 || body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return;
        }
    }
}

#[test]
fn a_test_that_cannot_be_sent_does_not_wait() {
    let server = SmtpServer::start();
    let down = closed_port().to_string();
    let section = server.mail_section("starttls", server.starttls);
    let place = place_with(&section.replace(&server.starttls.to_string(), &down));
    assert!(place.czar(&["notify", "test"]).starts_with("exit code: 1"));
    assert_eq!(
        place.czar(&["notify", "send"]),
        "exit code: 0\n----- stdout -----\n----- stderr -----\nSent 0 notices\n",
        "a test is tried once"
    );
    let control = czar_pipeline::control::Control::open(&place.path("data")).unwrap();
    let log = control.notice_lines(10).unwrap();
    assert!(log.len() == 2 && log.iter().all(|line| line.is_test && line.error.is_some()), "{log:?}");
    assert_eq!(server.received().len(), 0);
}
