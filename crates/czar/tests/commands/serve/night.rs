//! Nights in fast-forward: a night takes seconds, the schedule and its time zone are real.

use super::server::Site;

/// 20,000 times as fast: a day in 4.3 seconds.
fn serve(site: &Site, start: &str) -> super::server::Server {
    site.serve_at(&format!("{start}*20000"), &[])
}

#[test]
fn three_nights_are_three_runs_though_one_is_killed_and_the_clocks_change() {
    // London: on 29 March 2026 the clocks go forward, so that two o'clock there is one o'clock UTC from then on.
    let site = Site::with_blocked_runs("[serve]\nschedule = [\"0 2 * * * Europe/London\"]\n");
    let server = serve(&site, "2026-03-27T20:00:00Z");
    server.wait_for("due 2026-03-28 02:00 UTC");
    site.give_key();
    server.wait_for("Run 1: done: ingest");
    server.wait_for("due 2026-03-29 01:00 UTC");
    server.wait_for("Run 2 begins (schedule, request 2)");
    server.kill();

    let server = serve(&site, "2026-03-29T09:00:00Z");
    server.wait_for("The run before was interrupted: it is done again");
    site.give_key();
    server.wait_for("Run 3: done: ingest");
    server.wait_for("due 2026-03-30 01:00 UTC");
    site.give_key();
    server.wait_for("Run 4: done: ingest");
    let runs = server.json("/api/v1/runs?limit=10");
    let told: Vec<String> =
        runs["runs"].as_array().unwrap().iter().rev().map(|run| format!("{} {}", run["cause"], run["outcome"])).collect();
    assert_eq!(told, ["\"schedule\" \"done\"", "\"schedule\" \"interrupted\"", "\"schedule\" \"done\"", "\"schedule\" \"done\""]);
    let next = server.json("/api/v1/status")["schedule"][0]["next_at"].as_str().unwrap().to_owned();
    assert!(next.ends_with("T01:00:00.000Z"), "{next}");
}

#[test]
fn times_that_were_missed_are_made_good_by_one_run_if_that_is_wanted() {
    for (catch_up, is_made_good) in [("true", true), ("false", false)] {
        let site = Site::new(&format!(
            "[run]\nsteps = [\"retention\"]\n[serve]\nschedule = [\"0 2 * * *\", \"every 6 hours\"]\ncatch_up = {catch_up}\n"
        ));
        let server = site.serve_at("2026-03-01T12:10:00Z*1", &[]);
        // A new schedule has missed nothing.
        assert_eq!(server.json("/api/v1/status")["schedule"].as_array().unwrap().len(), 2);
        server.signal("TERM");
        let (_, log) = server.wait();
        assert!(!log.contains("It is time"), "{log}");
        let server = site.serve_at("2026-03-04T12:10:00Z*1", &[]);
        if is_made_good {
            server.wait_for("`0 2 * * *`, due 2026-03-02 02:00 UTC, missed while the server was down");
            server.wait_for("Run 1: passed over: retention");
        }
        server.signal("TERM");
        let (_, log) = server.wait();
        assert_eq!(log.matches(" begins (").count(), usize::from(is_made_good), "{log}");
    }
}
