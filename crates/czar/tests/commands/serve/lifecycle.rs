//! From start to stop: queue, interruption, single instance, graceful end.

use serde_json::Value;

use super::server::Site;

fn outcomes(runs: &Value) -> Vec<String> {
    runs["runs"].as_array().unwrap().iter().rev().map(|run| format!("{} {}", run["cause"], run["outcome"]).replace('"', "")).collect()
}

#[test]
fn a_run_is_requested_done_and_recorded() {
    let site = Site::new("[run]\nsteps = [\"ingest\"]\n");
    site.place.data(&["synth", "made", "--learners", "5", "--days", "3", "--courses", "1"]);
    site.place.shell("cp -r made/* delivery/");
    let server = site.serve(&[("CZAR__KEYS__SECRET_KEY_FILE", "delivery/keys/czar-secret.asc")]);
    assert_eq!(server.get("/health/readyz").status, 200);
    let request_id = server.request_run();
    server.wait_for("Run 1: done: ingest");
    let run = server.json("/api/v1/runs/1");
    assert_eq!((&run["cause"], &run["outcome"], &run["exit_code"]), (&"request".into(), &"done".into(), &0.into()), "{run}");
    let n_rows = run["steps"][0]["facts"]["n_rows"].as_i64().unwrap();
    assert!(n_rows > 100, "{run}");
    let rows: i64 =
        site.place.data(&["query", "--format", "csv", "select sum(n_rows) as n from loads"]).lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(rows, n_rows);
    let request = server.json(&format!("/api/v1/requests/{request_id}"));
    assert_eq!((&request["state"], &request["run_id"], &request["requested_by"]), (&"ended".into(), &1.into(), &"op".into()), "{request}");
    let loads = server.json("/api/v1/loads?state=loaded&kind=tracking_log&limit=2");
    assert_eq!((loads["loads"].as_array().unwrap().len(), &loads["next_offset"]), (2, &2.into()), "{loads}");
    let all = loads["n_loads"].as_u64().unwrap();
    let rest = server.json("/api/v1/loads?state=loaded&kind=tracking_log&offset=2");
    assert_eq!(rest["loads"].as_array().unwrap().len() as u64, all - 2);
    assert_eq!(server.json("/api/v1/rejects")["n_records"], 0);
    assert_eq!(server.json("/api/v1/inventory")["events"].as_array().unwrap().len(), 2, "edx and edge");
    assert_eq!(server.get("/api/v1/runs/99").code(), "not_found");
    assert_eq!(server.get("/api/v1/loads?state=x'or'1").code(), "bad_request");
    assert_eq!(server.get("/api/v1/runs?page=2").code(), "bad_request");
    let refused = server.post("/api/v1/runs", "{\"steps\": [\"ingst\"]}");
    assert_eq!((refused.status, &refused.json()["error"]["hint"]), (400, &"did you mean `ingest`?".into()));
    // What a command sees is what the server did.
    assert!(site.place.data(&["runs"]).contains("(request)"));
}

#[test]
fn waiting_and_interrupted_runs_outlive_a_kill() {
    let site = Site::with_blocked_runs("");
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1 begins (request, request 1): ingest");
    let other = server.post("/api/v1/runs", "{\"steps\": [\"retention\"]}").json();
    let same = server.post("/api/v1/runs", "{\"steps\": [\"retention\"]}").json();
    assert_eq!((&other["is_new"], &same["is_new"], &same["request_id"]), (&true.into(), &false.into(), &other["request_id"]));
    let status = server.wait_until("/api/v1/status", |status| status["run"]["step"] == "ingest");
    assert_eq!(status["queue"].as_array().unwrap().len(), 1, "{status}");
    server.kill();

    let server = site.serve(&[]);
    server.wait_for("The run before was interrupted: it is done again");
    server.wait_for("Run 2 begins (request, request 1)");
    assert_eq!(outcomes(&server.json("/api/v1/runs"))[0], "request interrupted");
    site.give_key();
    server.wait_for("Run 3: done: retention");
    assert_eq!(outcomes(&server.json("/api/v1/runs")), ["request interrupted", "request done", "request done"]);
    drop(server);

    // Nothing is left to be done.
    let server = site.serve(&[]);
    assert_eq!(server.json("/api/v1/status")["queue"], Value::Array(Vec::new()));
    assert!(!server.log().contains("interrupted"), "{}", server.log());
}

#[test]
fn a_run_that_kills_the_server_twice_is_given_up() {
    let site = Site::with_blocked_runs("");
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1 begins");
    server.kill();
    let server = site.serve(&[]);
    server.wait_for("Run 2 begins (request, request 1)");
    server.kill();
    let server = site.serve(&[]);
    server.wait_for("interrupted for the second time");
    assert_eq!(outcomes(&server.json("/api/v1/runs")), ["request interrupted", "request interrupted"]);
}

#[test]
fn a_data_folder_is_served_once_and_the_other_is_named() {
    let site = Site::new("");
    let server = site.serve(&[]);
    let told = site.place.czar(&["serve", "--address", "127.0.0.1:0"]);
    assert!(told.contains("exit code: 2") && told.contains("error: `data` is served already (process "), "{told}");
    assert!(told.contains("hint: stop that process first"), "{told}");
    // A run by hand is no server.
    assert!(site.place.czar(&["run", "--only", "retention"]).contains("exit code: 0"));
    drop(server);
    site.serve(&[]);
}

#[test]
fn a_run_by_hand_goes_first_and_the_server_waits_for_it() {
    let site = Site::with_blocked_runs("");
    let mut by_hand = site.place.command(&["run"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    // It stands still at the pipe once it has the lock.
    while !site.place.path("data/run.lock").is_file() || std::fs::read_to_string(site.place.path("data/run.lock")).unwrap().is_empty() {
        assert!(by_hand.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    // The fast clock makes the wait for the other run short.
    let server = site.serve_at("2026-01-01T00:00:00Z*100", &[]);
    server.request_run();
    server.wait_for("another run is under way");
    site.give_key();
    assert!(by_hand.wait().unwrap().success());
    std::thread::scope(|scope| {
        scope.spawn(|| site.give_key());
        server.wait_for("Run 2: done: ingest");
    });
}

#[test]
fn a_stop_lets_the_run_end() {
    let site = Site::with_blocked_runs("");
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1 begins");
    server.signal("TERM");
    server.wait_for("Stopping: run 1 may go on");
    site.give_key();
    let (status, log) = server.wait();
    assert!(status.success() && log.contains("Run 1: done: ingest") && log.contains("Stopped"), "{status:?} {log}");
}

#[test]
fn a_stop_that_takes_too_long_drops_the_run_which_is_done_after_the_next_start() {
    let site = Site::with_blocked_runs("[serve]\nstop_after_secs = 1\n");
    for begun in 1..4 {
        // However often: it was dropped on purpose, which does not count as a breakdown.
        let server = site.serve(&[]);
        if begun == 1 {
            server.request_run();
        }
        server.wait_for(&format!("Run {begun} begins (request, request 1)"));
        server.signal("TERM");
        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("was dropped and is done again after the next start"), "{log}");
    }
    let server = site.serve(&[]);
    server.wait_for("Run 4 begins (request, request 1)");
    site.give_key();
    server.wait_for("Run 4: done: ingest");
    assert_eq!(outcomes(&server.json("/api/v1/runs"))[2..], ["request interrupted", "request done"]);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let site = Site::with_blocked_runs("");
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1 begins");
    server.signal("INT");
    server.wait_for("Stopping: run 1");
    server.signal("INT");
    assert_eq!(server.wait().0.code(), Some(130));
}

#[test]
fn settings_that_make_no_sense_are_refused_before_anything_starts() {
    for (settings, told) in [
        ("[serve]\nschedule = [\"at two\"]\n", "the entry `at two` of the setting `serve.schedule` is no time"),
        ("[run]\nsteps = [\"ingst\"]\n", "the setting `run.steps` names `ingst`"),
        ("[serve]\ncertificate_file = \"x.pem\"\n", "only one is set"),
        ("[keys]\npass_phrase_descriptor = 3\n", "can be read by the first run only"),
    ] {
        let site = Site::new(settings);
        let text = site.place.czar(&["serve", "--address", "127.0.0.1:0"]);
        assert!(text.contains("exit code: 2") && text.contains(told) && text.contains("hint: "), "{text}");
    }
    let told = Site::new("").place.czar(&["serve", "--address", "127.0.0.1"]);
    assert!(told.contains("could not listen on `127.0.0.1`") && told.contains("hint: "), "{told}");
}
