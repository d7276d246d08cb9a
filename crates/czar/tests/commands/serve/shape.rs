//! What programs rely on: the shape of metrics, of refusals and of headers.

use std::collections::BTreeMap;

use super::server::Site;

#[test]
fn metrics_are_well_formed() {
    let site = Site::new("[run]\nsteps = [\"ingest\"]\n[keys]\nsecret_key_file = \"key.asc\"\n[serve]\nschedule = [\"every 2 hours\"]\n");
    site.place.data(&["synth", "delivery", "--learners", "3", "--days", "1", "--courses", "1"]);
    site.place.shell("cp delivery/keys/czar-secret.asc key.asc");
    let server = site.serve(&[]);
    server.request_run();
    server.wait_for("Run 1: done: ingest");
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    let mut helped = "";
    let mut samples: BTreeMap<&str, f64> = BTreeMap::new();
    for line in answer.body.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped = rest.split_once(' ').unwrap().0;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, helped);
            assert!(kinds.insert(name, kind).is_none(), "{name} is declared twice");
            assert!(name.starts_with("czar_") && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            assert_eq!(name, helped, "samples stand below their declaration");
            assert!(samples.insert(sample, value.parse().unwrap()).is_none(), "{sample} is there twice");
        }
    }
    assert_eq!(samples["czar_runs_total{outcome=\"done\"}"], 1.0);
    assert_eq!(samples["czar_last_run_outcome{outcome=\"done\"}"], 1.0);
    assert_eq!(samples["czar_queue_requests"], 0.0);
    assert_eq!(samples["czar_lake_readable"], 1.0);
    let rows: f64 = site
        .place
        .data(&["query", "--format", "csv", "select count(*) as n from tracking_events"])
        .lines()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(samples["czar_lake_rows{table=\"tracking_events\"}"], rows);
    for name in ["czar_build_info", "czar_next_run_timestamp_seconds", "czar_last_success_timestamp_seconds"] {
        assert!(kinds.contains_key(name), "{name}");
    }
}

#[test]
fn the_document_names_every_path_that_is_there_and_no_other_is() {
    let site = Site::new("");
    let server = site.serve(&[]);
    let document = server.json("/api/v1/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    for path in [
        "/health/livez",
        "/health/readyz",
        "/metrics",
        "/api/v1/status",
        "/api/v1/runs",
        "/api/v1/runs/{run_id}",
        "/api/v1/loads",
        "/api/v1/rejects",
        "/api/v1/inventory",
        "/",
    ] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
    assert_eq!(document["paths"]["/api/v1/runs"]["post"]["x-role"], "operator");
    // What was not asked for in the settings is not there.
    for path in ["/status", "/newdata", "/api/v2", "/assets/", "/../czar.toml", "/assets/../../czar.toml"] {
        assert_eq!(server.get(path).code(), "not_found", "{path}");
    }
    let answer = server.ask("DELETE", "/api/v1/runs", &[("Authorization", &format!("Bearer {}", site.operator))], "");
    assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"));
}

#[test]
fn every_answer_keeps_a_browser_careful() {
    let site = Site::new("");
    let server = site.serve(&[]);
    for path in ["/", "/health/livez", "/api/v1/status", "/assets/page.js", "/nothing"] {
        for answer in [server.get(path), server.ask("GET", path, &[], "")] {
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
}
