//! What starts a run without anybody asking: files that arrive.

use super::server::Site;

fn arrives_and_is_loaded(settings: &str) {
    let site = Site::new(&format!("[run]\nsteps = [\"sync\", \"ingest\"]\n[serve]\nwatch_folder = true\nsettle_secs = 1\n{settings}"));
    site.place.data(&["synth", "made", "--learners", "3", "--days", "2", "--courses", "1"]);
    let server = site.serve(&[("CZAR__KEYS__SECRET_KEY_FILE", "made/keys/czar-secret.asc")]);
    // What came while no server ran is looked for at the start.
    server.wait_for("Run 1: passed over: ingest");
    // A file that grows starts nothing before it is left alone.
    site.place.shell(
        "mkdir -p delivery/new; for n in 1 2 3 4; do echo $n >> delivery/new/growing.txt; done; cp -r made/edx-course-data delivery/",
    );
    server.wait_for("Run 2: done: ingest");
    let run = server.json("/api/v1/runs/2");
    assert_eq!(run["cause"], "folder_changed");
    assert_eq!(run["steps"].as_array().unwrap().len(), 1, "what is there need not be fetched: {run}");
    assert!(run["steps"][0]["facts"]["n_rows"].as_i64().unwrap() > 10, "{run}");
    assert_eq!(server.json("/api/v1/status")["watched_folder"], "delivery");
    // Its own reading does not start the next: the queue stays empty, with nobody under way.
    assert_eq!(server.json("/api/v1/status")["queue"].as_array().unwrap().len(), 0);
}

#[test]
fn files_that_arrive_are_loaded_when_they_are_left_alone() {
    arrives_and_is_loaded("");
}

#[test]
fn a_folder_that_tells_of_no_changes_is_looked_at_now_and_then() {
    arrives_and_is_loaded("poll_folder_secs = 1\n");
}
