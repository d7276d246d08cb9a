//! SIGKILL at random moments of an ingest: what a query sees in between is consistent, and the next run makes the lake whole.

use std::time::{Duration, Instant};

use crate::lake_text::{lake_text, orphans};
use crate::support::Place;

const MOMENTS: u32 = 20;
const SYNTH: [&str; 8] = ["synth", "delivery", "--learners", "30", "--days", "9", "--courses", "2"];
const INGEST: [&str; 4] = ["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];

#[test]
fn a_killed_ingest_is_finished_by_the_next_run() {
    let place = Place::new();
    place.data(&SYNTH);
    let began = Instant::now();
    place.data(&INGEST);
    let whole_run = began.elapsed();
    let undisturbed = lake_text(&place.path("data/lake"));

    let mut n_killed = 0;
    for moment in 0..MOMENTS {
        std::fs::remove_dir_all(place.path("data")).unwrap();
        let mut run = place.command(&INGEST).stderr(std::process::Stdio::null()).spawn().unwrap();
        // Spread over the run, with an uneven step so that repeated runs of this test meet other moments.
        let jitter = Duration::from_micros(u64::from(std::process::id() % 1000) * 17);
        std::thread::sleep(whole_run * moment / MOMENTS + jitter);
        if run.try_wait().unwrap().is_none() {
            n_killed += 1;
        }
        run.kill().unwrap();
        run.wait().unwrap();

        let lake = place.path("data/lake");
        assert_eq!(orphans(&lake), 0, "rows without a load are visible after the kill at moment {moment}");
        place.data(&INGEST);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after the kill at moment {moment}");
        assert!(!lake.join(".attempt.json").exists());
    }
    assert!(n_killed >= MOMENTS / 2, "only {n_killed} of {MOMENTS} runs were still at work when they were killed");
}
