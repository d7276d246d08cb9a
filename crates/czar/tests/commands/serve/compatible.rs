//! The routes of the old daemon, when the settings want them.

use super::server::Site;

#[test]
fn the_old_routes_answer_programs_and_browsers_get_the_page() {
    let site = Site::with_blocked_runs("[serve]\noptimus_routes = true\n");
    let server = site.serve(&[]);
    assert_eq!(server.get("/").json()["status"], "alive");
    let bearer = format!("Bearer {}", site.operator);
    let page = server.ask("GET", "/", &[("Authorization", &bearer), ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")], "");
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    assert_eq!(server.get("/newdata").json()["status"], "scanning");
    let services = server.wait_until("/status", |services| services[1]["status"] == "running");
    assert_eq!((&services[1]["name"], &services[1]["last_completed"]), (&"ingest".into(), &serde_json::Value::Null), "{services}");
    site.give_key();
    server.wait_for("Run 1: done: ingest");
    let services = server.json("/status");
    let names: Vec<&str> = services.as_array().unwrap().iter().map(|service| service["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sync", "ingest", "build", "reports", "retention", "notify"]);
    assert_eq!((&services[1]["tasks_left"], &services[0]["status"]), (&0.into(), &"stopped".into()), "sync is not among the steps");
    assert!(services[1]["last_completed"].is_string());
}
