//! `czar sync` when it cannot: each trouble is one clear message with a next step, and the exit code says whether to try again.

use std::process::{Command, Stdio};

use crate::fault_proxy::{Fault, FaultProxy};
use crate::s3_server::{LIMITED_ACCESS_KEY, LIMITED_SECRET_KEY, S3Server, SECRET_KEY};
use crate::support::Place;
use crate::sync::{SETTINGS, day, event_key, objects, place, told};

type Environment = Vec<(&'static str, String)>;

fn with(environment: &[(&'static str, String)], changes: &[(&'static str, &str)]) -> Environment {
    let mut environment = environment.to_vec();
    environment.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
    environment
}

#[test]
fn what_a_server_refuses_is_told_with_the_next_step() {
    let (place, server) = (place(), S3Server::start());
    server.put_all("edx-course-data", &objects((0..3).map(|n| event_key("universityx", day(n)))));
    server.put_all("course-data", &objects((0..3).map(|n| format!("universityx-{}.zip", day(n)))));
    let environment = server.environment();
    let mut all = Vec::new();
    let mut tell = |what: &str, environment: &[(&'static str, String)]| {
        let text = told(&place, environment, &[]);
        assert!(!text.contains(SECRET_KEY) && !text.contains("wrong-secret"), "{text}");
        all.push(format!("== {what}\n{text}"));
    };
    tell("wrong secret", &with(&environment, &[("AWS_SECRET_ACCESS_KEY", "wrong-secret")]));
    tell("unknown key id", &with(&environment, &[("AWS_ACCESS_KEY_ID", "AKNOBODY")]));
    tell("no secret", &with(&environment, &[("AWS_SECRET_ACCESS_KEY", "")]));
    tell("no keys", &environment[..1]);
    // One of two places may be listed: what is there arrives.
    tell(
        "no access to one bucket",
        &with(&environment, &[("AWS_ACCESS_KEY_ID", LIMITED_ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", LIMITED_SECRET_KEY)]),
    );
    tell("no such bucket", &with(&environment, &[("CZAR__SYNC__EVENTS", "s3://edx-coarse-data"), ("CZAR__SYNC__KINDS", "events")]));
    tell("a place that is none", &with(&environment, &[("CZAR__SYNC__EVENTS", "ftp://edx.example")]));
    tell("a name of nobody", &with(&environment, &[("CZAR__ORGANISATION__NAME", "UniversityZ")]));
    tell("a name that is none", &with(&environment, &[("CZAR__SYNC__ORGANISATIONS", "../etc")]));
    tell("a kind that is none", &with(&environment, &[("CZAR__SYNC__KINDS", "event")]));
    tell("no room", &with(&environment, &[("CZAR__SYNC__KEEP_FREE_BYTES", "4611686018427387904")]));
    let all = all.join("\n");
    let free = all.split(" are free").next().and_then(|text| text.rsplit(' ').next()).unwrap().to_owned();
    insta::assert_snapshot!("refusals", all.replace(&format!(" {free} are free"), " [N] are free"));
}

#[test]
fn what_only_amazon_answers_is_told_with_the_next_step() {
    let place = place();
    let answers = [
        (
            403,
            "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message></Error>",
        ),
        (
            301,
            "<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message></Error>",
        ),
        (400, "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"),
        (503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"),
        (200, "<html><body>Welcome to our WLAN</body></html>"),
        (404, "<html>no S3 here</html>"),
    ];
    let proxy = FaultProxy::start(9, |_, _| Fault::None);
    let environment: Environment = vec![
        ("AWS_ENDPOINT_URL_S3", format!("http://127.0.0.1:{}", proxy.port)),
        ("AWS_ACCESS_KEY_ID", "AK".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "SK".to_owned()),
        ("CZAR__SYNC__TRIES", "2".to_owned()),
    ];
    let mut all = Vec::new();
    for (status, body) in answers {
        proxy.behave(move |_, _| Fault::Answer(status, body.to_owned()));
        all.push(told(&place, &environment, &[]));
    }
    insta::assert_snapshot!("answers_of_amazon", all.join("\n"));
}

#[test]
fn a_server_that_cannot_be_reached_is_worth_another_try_later() {
    let place = place();
    let base: Environment = vec![
        ("AWS_ACCESS_KEY_ID", "AK".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "SK".to_owned()),
        ("CZAR__SYNC__TRIES", "2".to_owned()),
        ("CZAR__SYNC__TIMEOUT_SECS", "1".to_owned()),
    ];
    let proxy = FaultProxy::start(9, |_, _| Fault::Stall);
    let silent = format!("http://127.0.0.1:{}", proxy.port);
    for (endpoint, reason) in [
        ("http://127.0.0.1:9", "no connection: Connection refused"),
        ("http://s3.nowhere.invalid", "the server's name is not known: "),
        (silent.as_str(), "no answer in time"),
    ] {
        let text = told(&place, &with(&base, &[("CZAR__SYNC__ENDPOINT", endpoint)]), &[]);
        assert!(text.starts_with("exit code: 3") && text.contains(reason), "{text}");
        assert!(
            text.contains("could not list `s3://edx-course-data`, `s3://course-data`: ") && text.contains("check the network"),
            "{text}"
        );
        assert_eq!(text.matches("error:").count(), 1, "one trouble is told once: {text}");
    }
    assert!(!place.path("delivery").exists());
}

#[test]
fn a_full_disk_is_one_clear_error_and_the_next_run_with_room_goes_on() {
    let (place, server) = (place(), S3Server::start());
    let large: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    server.put("course-data", "universityx-2018-03-11.zip", &large);
    // In blocks of 512 bytes: no file may become larger. The control database fits.
    let limited = "trap '' XFSZ; ulimit -f 600; exec \"$0\" sync --only packages";
    let mut command = Command::new("sh");
    command.arg("-c").arg(limited).arg(env!("CARGO_BIN_EXE_czar")).current_dir(place.path("")).stdin(Stdio::null());
    command.envs(server.environment());
    let text = place.told(&command.output().unwrap());
    assert!(
        text.starts_with("exit code: 2") && text.contains("could not write `delivery/course-data/universityx-2018-03-11.zip`"),
        "{text}"
    );
    assert!(text.contains("hint: make room on the disk of the delivery folder"), "{text}");
    assert!(!place.path("delivery/course-data/universityx-2018-03-11.zip").exists());
    let text = told(&place, &server.environment(), &["--only", "packages"]);
    assert!(text.contains("Fetched 1 file: 800 kB"), "{text}");
    assert!(std::fs::read(place.path("delivery/course-data/universityx-2018-03-11.zip")).unwrap() == large);
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let place = Place::new();
    for (settings, message) in [
        ("", "no organisation is named"),
        ("[organisation]\nname = \"X\"\n[sync]\nprofile = \"a\"\ncredentials_file = \"b\"\n", "sync.profile"),
        ("[organisation]\nname = \"X\"\n[sync]\naccess_key_id_file = \"a\"\n", "only one of `sync.access_key_id_file`"),
        ("[organisation]\nname = \"X\"\n[sync]\nprofile = \"edx\"\n", "there is no AWS profile `edx`"),
        ("[organisation]\nname = \"X\"\n[sync]\ncredentials_file = \"gone.csv\"\n", "could not read `gone.csv`"),
        ("[organisation]\nname = \"X\"\n[sync]\ncredentials_file = \"x.csv.gpg\"\n", "encrypted, and no secret key is named"),
        (
            "delivery_folder = \"d\"\n[organisation]\nname = \"X\"\n[sync]\nkinds = [\"events\"]\nevents = \"d/copy\"\n",
            "one is within the other",
        ),
        (
            "[organisation]\nname = \"X\"\n[sync]\nkinds = [\"events\", \"packages\"]\nevents = \"a/x\"\npackages = \"b/x\"\n",
            "would both be kept",
        ),
    ] {
        place.write("czar.toml", settings);
        let text = told(&place, &[], &[]);
        assert!(text.starts_with("exit code: 2") && text.contains(message) && text.contains("hint:"), "{settings}{text}");
    }
    place.write("czar.toml", SETTINGS);
    let text = told(&place, &[], &["--format", "json"]);
    assert!(text.starts_with("exit code: 2") && text.contains("go with --dry-run"), "{text}");
}
