//! The status page in a real browser.

use super::browser::Browser;
use super::server::{Server, Site};

fn url(site: &Site, server: &Server) -> String {
    format!("http://anyone:{}@{}/", site.operator, server.address)
}

#[test]
fn progress_moves_and_the_end_shows_without_a_reload() {
    let site = Site::new("[run]\nsteps = [\"ingest\"]\n[ingest]\nworkers = 1\n[keys]\nsecret_key_file = \"key.asc\"\n");
    site.place.data(&["synth", "delivery", "--learners", "12", "--days", "15", "--courses", "4"]);
    site.place.shell("cp delivery/keys/czar-secret.asc key.asc");
    let server = site.serve(&[]);
    let browser = Browser::open(1000, 800);
    browser.go(&url(&site, &server));
    assert_eq!(browser.script("return document.querySelector('#headline').textContent"), "Nothing runs");
    // A mark that a reload would take away.
    browser.script("window.mark = 'still here'");
    let seen = browser.promise(
        "async () => {
            const seen = new Set();
            const bar = document.querySelector('[data-step=ingest] progress');
            new MutationObserver(() => { if (!bar.hidden) seen.add(bar.value); }).observe(bar, { attributes: true });
            document.querySelector('#run').click();
            const is_over = () => document.querySelector('details.run')?.dataset.outcome === 'done';
            await new Promise((resolve) => {
                const observer = new MutationObserver(() => { if (is_over()) resolve(); });
                observer.observe(document.body, { childList: true, subtree: true, attributes: true });
            });
            return [[...seen].filter((value) => value > 0), window.mark, document.querySelector('#headline').textContent,
                    document.querySelector('#answer').textContent, document.querySelector('#records').innerText];
        }",
    );
    assert!(seen[0].as_array().unwrap().len() >= 2, "the bar stands still: {seen}");
    assert_eq!((&seen[1], &seen[2]), (&"still here".into(), &"Nothing runs".into()), "{seen}");
    assert_eq!(seen[3], "The run stands in the queue.");
    let records = seen[4].as_str().unwrap();
    assert!(records.contains("Run 1") && records.contains("tracking_events"), "{records}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_failed_run_is_readable_on_a_telephone_and_nothing_scrolls_sideways() {
    let site = Site::new("[run]\nsteps = [\"ingest\", \"build\"]\n");
    site.place.data(&["synth", "delivery", "--learners", "3", "--days", "1", "--courses", "1"]);
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1: failed: ingest");
    let browser = Browser::open(390, 844);
    browser.go(&url(&site, &server));
    let told = browser.script(
        "const run = document.querySelector('details.run');
         return [run.open, run.innerText, document.documentElement.scrollWidth, innerWidth, document.querySelectorAll('th:not([scope])').length,
                 [...document.querySelectorAll('button, summary, a')].every((element) => element.tabIndex >= 0),
                 document.querySelector('#headline').getAttribute('aria-live'), document.documentElement.lang];",
    );
    let text = told[1].as_str().unwrap();
    assert_eq!(told[0], true, "what failed is open");
    assert!(text.contains("failed") && text.contains("no secret key is named") && text.contains("set `keys.secret_key_file`"), "{text}");
    assert!(told[2].as_u64() <= told[3].as_u64(), "wider than the screen: {told}");
    assert_eq!(told[3], 390);
    assert_eq!((&told[4], &told[5], &told[6], &told[7]), (&0.into(), &true.into(), &"polite".into(), &"en".into()), "{told}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_reader_has_no_button_and_a_lost_server_is_told() {
    let site = Site::new("");
    let reader = site.token("r", "reader");
    let server = site.serve(&[]);
    let browser = Browser::open(1000, 800);
    browser.go(&format!("http://anyone:{reader}@{}/", server.address));
    assert_eq!(browser.script("return document.querySelector('#run')"), serde_json::Value::Null);
    server.kill();
    let told = browser.promise(
        "async () => {
            const lost = document.querySelector('#lost');
            await new Promise((resolve) => {
                if (!lost.hidden) resolve();
                new MutationObserver(() => { if (!lost.hidden) resolve(); }).observe(lost, { attributes: true });
            });
            return lost.innerText;
        }",
    );
    assert!(told.as_str().unwrap().contains("does not answer"), "{told}");
}
