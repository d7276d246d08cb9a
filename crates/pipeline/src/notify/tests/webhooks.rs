//! What webhooks are sent, and what their answers mean.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::moment;
use crate::control::Control;
use crate::notify::webhook::signature;
use crate::notify::{DeliverySummary, Outbox, OutboxSettings, WebhookSettings, deliver, failure};
use crate::vault::PassPhraseSource;

/// A request as it came.
struct Request {
    head: String,
    body: Vec<u8>,
}

/// A receiver that gives these answers in turn, and the requests it took.
fn receiver(answers: &[&'static str]) -> (String, JoinHandle<Vec<Request>>) {
    let answers = answers.to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks/token-hunter2", listener.local_addr().unwrap());
    let take = move |answer: &str| {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0);
        }
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        Request { head, body }
    };
    (url, std::thread::spawn(move || answers.into_iter().map(take).collect()))
}

fn settings(url: &str) -> OutboxSettings {
    OutboxSettings {
        organisation: Some("UniversityX".to_owned()),
        place: "/data".to_owned(),
        repeat_after_hours: 24,
        give_up_after_days: 7,
        webhooks: WebhookSettings {
            urls: vec![url.to_owned()],
            timeout_secs: 10,
            tries: 3,
            first_wait: Duration::ZERO,
            ..WebhookSettings::default()
        },
        ..OutboxSettings::default()
    }
}

fn clock() -> DateTime<Utc> {
    moment("2018-03-04T01:00:00Z")
}

fn tell(settings: OutboxSettings) -> DeliverySummary {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(settings).unwrap();
    deliver(&Control::open(folder.path()).unwrap(), &outbox, vec![failure("sync", "no network", None).into()], clock).unwrap()
}

#[test]
fn a_webhook_gets_signed_json_with_a_text_for_chats() {
    let (url, requests) = receiver(&["200 OK"]);
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    crate::atomic_file::write(&secret, b"It's a Secret to Everybody\n").unwrap();
    let mut settings = settings(&url);
    settings.webhooks.secret = Some(("webhooks.secret_file", PassPhraseSource::File(secret)));
    let summary = tell(settings);
    assert_eq!((summary.n_sent, summary.troubles.len()), (1, 0), "{summary:?}");
    let request = requests.join().unwrap().pop().unwrap();
    let signed = format!("x-czar-signature-256: {}\r\n", signature(b"It's a Secret to Everybody", &request.body));
    assert!(request.head.starts_with("POST /hooks/token-hunter2 HTTP/1.1\r\n") && request.head.contains(&signed), "{}", request.head);
    assert!(request.head.contains("content-type: application/json\r\n"), "{}", request.head);
    let mut body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let text = body["text"].take();
    assert!(text.as_str().unwrap().starts_with("[czar UniversityX] sync failed\n\nsync failed:\n\n  no network\n"), "{text}");
    assert_eq!(
        body,
        serde_json::json!({
            "format_version": 1, "id": "czar.1.1520125200000000", "kind": "failure", "made_at": "2018-03-04T01:00:00Z",
            "organisation": "UniversityX", "is_test": false, "subject": "[czar UniversityX] sync failed", "text": null,
            "facts": {"about": "failure", "step": "sync", "message": "no network", "hint": null, "failing_since": null, "n_untold": 0,
                "repeat_after_hours": 24},
        })
    );
}

#[test]
fn the_signature_is_that_of_others() {
    // The example of GitHub's documentation of signed webhooks.
    let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(signature(b"It's a Secret to Everybody", b"Hello, World!"), expected);
}

#[test]
fn a_busy_webhook_is_tried_again_and_then_waits_for_the_next_run() {
    let (url, requests) = receiver(&["503 Busy", "429 Slow", "204 No Content"]);
    assert_eq!(tell(settings(&url)).n_sent, 1);
    let names: Vec<String> = requests.join().unwrap().iter().map(|request| header(&request.head, "x-czar-notice")).collect();
    assert_eq!(names, ["czar.1.1520125200000000"; 3], "each try has the same name");
    let (url, requests) = receiver(&["500 Oops", "500 Oops", "500 Oops"]);
    let summary = tell(settings(&url));
    assert_eq!((summary.n_sent, summary.n_waiting), (0, 1));
    assert!(summary.troubles[0].message.ends_with("answers 500 Internal Server Error (3 tries)"), "{summary:?}");
    requests.join().unwrap();
}

fn header(head: &str, name: &str) -> String {
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap().to_owned()
}

#[test]
fn a_redirect_is_not_followed_and_no_refusal_names_the_token() {
    for (answer, hint) in [
        ("302 Found\r\nlocation: http://127.0.0.1:9/elsewhere", "redirects are not followed"),
        ("404 Not Found", "it may have been taken back"),
        ("400 Bad Request", "takes JSON"),
    ] {
        let (url, requests) = receiver(&[answer]);
        let summary = tell(settings(&url));
        assert_eq!((summary.n_refused, summary.n_waiting, requests.join().unwrap().len()), (1, 0, 1));
        let text = format!("{summary:?}");
        assert!(text.contains(hint) && text.contains("webhook 127.0.0.1 (") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_webhook_that_cannot_be_reached_keeps_each_notice_and_names_no_token() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let control = Control::open(folder.path()).unwrap();
    let outbox = Outbox::open(settings(&format!("http://127.0.0.1:{port}/hunter2"))).unwrap();
    let notices = vec![failure("sync", "no network", None).into(), failure("build", "no room", None).into()];
    let summary = deliver(&control, &outbox, notices, clock).unwrap();
    assert_eq!((summary.n_sent, summary.n_waiting, summary.troubles.len()), (0, 2, 1), "{summary:?}");
    let lines = format!("{:?}{summary:?}", control.notice_lines(10).unwrap());
    assert!(lines.contains("could not reach webhook 127.0.0.1") && !lines.contains("hunter2"), "{lines}");
}

#[test]
fn webhooks_get_the_kinds_they_are_set_to() {
    let mut settings = settings("https://hooks.example.org/a");
    settings.webhooks.kinds = vec!["gap_found".to_owned()];
    let summary = tell(settings);
    assert_eq!((summary.n_sent, summary.n_waiting), (0, 0));
}
