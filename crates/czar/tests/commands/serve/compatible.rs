//! The routes of the old daemon, when the settings want them.

use serde_json::Value;

use super::server::Site;

fn service(services: &Value, name: &str) -> Value {
    services.as_array().unwrap().iter().find(|service| service["name"] == name).unwrap().clone()
}

#[test]
fn the_old_routes_answer_programs_and_browsers_get_the_page() {
    let site = Site::with_blocked_runs("[serve]\noptimus_routes = true\n");
    let server = site.serve(&[]);
    assert_eq!(server.get("/").json()["status"], "alive");
    let bearer = format!("Bearer {}", site.operator);
    let page = server.ask("GET", "/", &[("Authorization", &bearer), ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")], "");
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    assert_eq!(server.get("/newdata").json()["status"], "scanning");
    let services = server.wait_until("/status", |services| service(services, "ingest")["status"] == "running");
    assert_eq!(service(&services, "ingest")["last_completed"], Value::Null);
    assert_eq!(service(&services, "sync")["status"], "stopped", "it is not among the steps");
    site.give_key();
    server.wait_for("Run 1: done: ingest");
    let services = server.wait_until("/status", |services| service(services, "ingest")["status"] == "sleeping");
    let ingest = service(&services, "ingest");
    assert_eq!(ingest["tasks_left"], 0);
    assert!(ingest["last_completed"].is_string(), "{ingest}");
    let members: Vec<&String> = ingest.as_object().unwrap().keys().collect();
    assert_eq!(members, ["name", "status", "task", "file", "started", "last_completed", "tasks_left"]);
}
