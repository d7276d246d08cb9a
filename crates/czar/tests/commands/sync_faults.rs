//! `czar sync` over a bad network and through kills: everything arrives, whole, and nothing twice that need not.

use std::process::Stdio;

use crate::fault_proxy::{Fault, FaultProxy, passing_trouble};
use crate::s3_server::{S3Server, SECRET_KEY};
use crate::support::Place;
use crate::sync::{command, day, event_key, expected, files, objects, place, told};
use crate::week::Dice;

/// Bytes that differ from each other along the file.
fn large(n_bytes: u32) -> Vec<u8> {
    (0..n_bytes / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

#[test]
fn with_a_fifth_of_all_requests_failing_everything_arrives() {
    let (place, server) = (place(), S3Server::start());
    let events = objects((0..150).map(|n| event_key("universityx", day(n))));
    let packages = vec![("universityx-2018-03-11.zip".to_owned(), large(3_000_000))];
    server.put_all("edx-course-data", &events);
    server.put_all("course-data", &packages);
    let proxy = FaultProxy::start(server.port(), passing_trouble(1, 20));
    let environment = server.environment_through(proxy.port);
    let text = told(&place, &environment, &[]);
    assert!(text.starts_with("exit code: 0") && text.contains("Fetched 151 files: "), "{text}");
    assert!(files(&place.path("delivery")) == expected(&[("edx-course-data", &events), ("course-data", &packages)]));
    assert!(proxy.take_heads().len() > 151 + 20, "there was trouble");
}

#[test]
fn bytes_that_change_on_the_way_are_noticed_and_fetched_again() {
    let (place, server) = (place(), S3Server::start());
    let packages = vec![("universityx-2018-03-11.zip".to_owned(), large(100_000))];
    server.put_all("course-data", &packages);
    let first_get = std::sync::atomic::AtomicBool::new(true);
    let proxy = FaultProxy::start(server.port(), move |_, line| {
        let is_first = line.contains(".zip") && first_get.swap(false, std::sync::atomic::Ordering::Relaxed);
        if is_first { Fault::Flip } else { Fault::None }
    });
    let text = told(&place, &server.environment_through(proxy.port), &["--only", "packages"]);
    assert!(text.starts_with("exit code: 0"), "{text}");
    assert_eq!(proxy.take_heads().iter().filter(|head| head.contains(".zip")).count(), 2);
    assert!(files(&place.path("delivery")) == expected(&[("course-data", &packages)]));
}

#[test]
fn an_object_that_was_sent_in_parts_is_checked_by_its_parts() {
    let (place, server) = (place(), S3Server::start());
    let packages = vec![("universityx-2018-03-11.zip".to_owned(), large(12 << 20))];
    server.put_all("course-data", &objects(["universityx-2018-03-04.zip".to_owned()]));
    server.put_in_parts("course-data", &packages[0].0, &packages[0].1, 5 << 20);
    let first_get = std::sync::atomic::AtomicBool::new(true);
    let proxy = FaultProxy::start(server.port(), move |_, line| {
        let is_get = line.starts_with("GET") && line.contains("03-11.zip");
        if is_get && first_get.swap(false, std::sync::atomic::Ordering::Relaxed) { Fault::Flip } else { Fault::None }
    });
    let text = told(&place, &server.environment_through(proxy.port), &["--again", "*03-11.zip", "--only", "packages"]);
    assert!(text.starts_with("exit code: 0"), "{text}");
    let heads = proxy.take_heads();
    assert_eq!(heads.iter().filter(|head| head.starts_with("GET") && head.contains(".zip")).count(), 2, "{heads:?}");
    assert!(files(&place.path("delivery")) == expected(&[("course-data", &packages)]));
}

#[test]
fn one_object_that_does_not_come_stops_no_other() {
    let (place, server) = (place(), S3Server::start());
    let events = objects((0..5).map(|n| event_key("universityx", day(n))));
    server.put_all("edx-course-data", &events);
    let proxy =
        FaultProxy::start(
            server.port(),
            |_, line| {
                if line.contains("2012-01-03.log") { Fault::Answer(503, "busy".to_owned()) } else { Fault::None }
            },
        );
    let mut environment = server.environment_through(proxy.port).to_vec();
    environment.push(("CZAR__SYNC__TRIES", "2".to_owned()));
    insta::assert_snapshot!("one_fails", told(&place, &environment, &["--only", "events"]));
    proxy.behave(|_, _| Fault::None);
    let text = told(&place, &environment, &["--only", "events"]);
    assert!(text.contains("Fetched 1 file: ") && text.contains("4 known"), "{text}");
    assert!(files(&place.path("delivery")) == expected(&[("edx-course-data", &events)]));
}

/// Starts a sync and kills it when so many bytes of answers went through; tells whether it was still at work.
fn kill_after(place: &Place, environment: &[(&'static str, String)], proxy: &FaultProxy, n_bytes: u64) -> bool {
    kill_when(place, environment, proxy, n_bytes, || true)
}

/// The same, when also something else is so.
fn kill_when(place: &Place, environment: &[(&'static str, String)], proxy: &FaultProxy, n_bytes: u64, is_so: impl Fn() -> bool) -> bool {
    proxy.allow(Some(n_bytes));
    let mut run = command(place, environment, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    proxy.wait_until_used_up(|| run.try_wait().unwrap().is_some());
    while !is_so() && run.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let was_at_work = run.try_wait().unwrap().is_none();
    let told_to_all = std::fs::read(format!("/proc/{}/cmdline", run.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&told_to_all).contains(SECRET_KEY));
    run.kill().unwrap();
    run.wait().unwrap();
    proxy.allow(None);
    was_at_work
}

#[test]
fn fifty_kills_at_any_point_leave_the_same_folder() {
    const ROUNDS: u64 = 10;
    let (place, server) = (place(), S3Server::start());
    let events = objects((0..12).map(|n| event_key("universityx", day(n))));
    let packages = vec![
        ("universityx-2018-03-11.zip".to_owned(), large(400_000)),
        ("universityx-2018-03-18.zip".to_owned(), large(300_000)),
        ("universityx-2018-03-25.zip".to_owned(), large(0)),
    ];
    server.put_all("edx-course-data", &events);
    server.put_all("course-data", &packages);
    let proxy = FaultProxy::start(server.port(), |_, _| Fault::None);
    let environment = server.environment_through(proxy.port);
    let all = expected(&[("edx-course-data", &events), ("course-data", &packages)]);
    let mut dice = Dice(7);
    let mut n_killed = 0;
    for round in 0..ROUNDS {
        let _ = std::fs::remove_dir_all(place.path("delivery"));
        let _ = std::fs::remove_dir_all(place.path("data"));
        for kill in 0..5 {
            n_killed += u64::from(kill_after(&place, &environment, &proxy, 1 + dice.roll(200_000)));
            for (path, bytes) in files(&place.path("delivery")) {
                let is_part = path.rsplit('/').next().unwrap().starts_with('.');
                assert!(is_part || all[&path] == bytes, "`{path}` is seen before it is whole, after kill {kill} of round {round}");
            }
        }
        let text = told(&place, &environment, &[]);
        assert!(text.starts_with("exit code: 0"), "{text}");
        assert!(files(&place.path("delivery")) == all, "the folder differs after round {round}");
    }
    assert!(n_killed >= ROUNDS * 4, "only {n_killed} runs were still at work when they were killed");
}

#[test]
fn a_large_object_is_gone_on_with_where_it_stopped_unless_it_has_changed() {
    let (place, server) = (place(), S3Server::start());
    let name = "universityx-2018-03-11.zip";
    let mut bytes = large(8 << 20);
    server.put("course-data", name, &bytes);
    let proxy = FaultProxy::start(server.port(), |_, _| Fault::None);
    let mut environment = server.environment_through(proxy.port).to_vec();
    environment.push(("CZAR__SYNC__KINDS", "packages".to_owned()));
    let from = |proxy: &FaultProxy| -> Vec<u64> {
        let heads = proxy.take_heads();
        let range = |head: &String| head.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
        heads.iter().filter(|head| head.contains(".zip")).map(|head| range(head).unwrap_or(0)).collect()
    };
    // What went through waits in buffers of the system before it is written.
    let largest_part = || files(&place.path("delivery")).values().map(Vec::len).max().unwrap_or(0);
    assert!(kill_when(&place, &environment, &proxy, 5 << 20, || largest_part() > 4 << 20));
    assert_eq!(from(&proxy), [0]);
    assert!(kill_when(&place, &environment, &proxy, 1 << 20, || largest_part() > 5 << 20));
    let taken_up = from(&proxy);
    assert!(taken_up.len() == 1 && (4 << 20..=5 << 20).contains(&taken_up[0]), "{taken_up:?}");

    // Another version begins anew, also when it changes in the middle of a run.
    bytes[0] ^= 1;
    server.put("course-data", name, &bytes);
    assert!(kill_after(&place, &environment, &proxy, 2 << 20));
    assert_eq!(from(&proxy), [0]);
    bytes[1] ^= 1;
    let (changed, port) = (bytes.clone(), server.port());
    let server = std::sync::Arc::new(server);
    let (behind, is_first) = (server.clone(), std::sync::atomic::AtomicBool::new(true));
    proxy.behave(move |_, line| {
        if line.contains(".zip") && is_first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            behind.put("course-data", name, &changed);
        }
        Fault::None
    });
    let text = told(&place, &environment, &[]);
    assert!(text.starts_with("exit code: 0") && text.contains("Fetched 1 file: 8.4 MB") && port == server.port(), "{text}");
    assert!(std::fs::read(place.path("delivery/course-data").join(name)).unwrap() == bytes);
}

#[test]
fn secrets_are_in_no_output_and_no_file() {
    let (place, server) = (place(), S3Server::start());
    server.put_all("edx-course-data", &objects((0..3).map(|n| event_key("universityx", day(n)))));
    let mut environment = server.environment().to_vec();
    environment.push(("CZAR_LOG", "trace".to_owned()));
    environment.push(("CZAR__SYNC__KINDS", "events".to_owned()));
    let mut seen = told(&place, &environment, &[]);
    assert!(seen.contains("Fetched 3 files: ") && seen.contains("TRACE hyper"), "the log is on: {seen}");
    environment.push(("CZAR__SYNC__ENDPOINT", "http://127.0.0.1:9".to_owned()));
    environment.push(("CZAR__SYNC__TRIES", "1".to_owned()));
    seen.push_str(&told(&place, &environment, &[]));
    seen.push_str(&place.czar(&["config", "show"]));
    assert!(!seen.contains(SECRET_KEY));
    for (path, bytes) in files(&place.path("")) {
        assert!(!bytes.windows(SECRET_KEY.len()).any(|window| window == SECRET_KEY.as_bytes()), "`{path}`");
    }
}
