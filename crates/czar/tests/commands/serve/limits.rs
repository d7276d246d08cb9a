//! What a client may not do: send too much, too slowly, or on too many connections.

use std::io::{Read as _, Write as _};

use super::client;
use super::server::Site;

#[test]
fn a_head_that_is_too_large_is_refused() {
    let site = Site::new("");
    let server = site.serve(&[]);
    let answer = server.ask("GET", "/health/livez", &[("X-Large", &"x".repeat(40_000))], "");
    assert_eq!(answer.status, 431);
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("X-{n}"), "x".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server.ask("GET", "/health/livez", &many, "").status, 431);
    assert_eq!(server.get("/health/livez").status, 200);
}

#[test]
fn a_body_that_is_too_large_or_no_object_is_refused() {
    let site = Site::new("");
    let server = site.serve(&[]);
    assert_eq!(server.post("/api/v1/runs", &"x".repeat(100_000)).code(), "body_too_large");
    // Only what is sent counts, not what is announced.
    let bearer = format!("Bearer {}", site.operator);
    let chunked = format!(
        "POST /api/v1/runs HTTP/1.1\r\nHost: czar\r\nConnection: close\r\nAuthorization: {bearer}\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n{}\r\n0\r\n\r\n",
        "x".repeat(100_000)
    );
    assert_eq!(client::send(&server.address, &chunked).code(), "body_too_large");
    for body in ["x", "[]", "{\"step\": 1}", "{\"steps\": [7]}"] {
        assert_eq!(server.post("/api/v1/runs", body).code(), "bad_request", "{body}");
    }
    assert_eq!(server.json("/api/v1/status")["queue"].as_array().unwrap().len(), 0);
}

#[test]
fn who_is_too_slow_is_left_standing() {
    let site = Site::new("[serve]\nrequest_timeout_secs = 1\n");
    let server = site.serve(&[]);
    let mut head = client::connect(&server.address);
    head.write_all(b"GET /health/livez HTTP/1.1\r\nHost: cz").unwrap();
    let mut body = client::connect(&server.address);
    let bearer = format!("Authorization: Bearer {}", site.operator);
    body.write_all(
        format!("POST /api/v1/runs HTTP/1.1\r\nHost: czar\r\n{bearer}\r\nConnection: close\r\nContent-Length: 20\r\n\r\n{{").as_bytes(),
    )
    .unwrap();
    assert_eq!(client::read(&mut body).code(), "too_slow");
    // Whether with a word or without, the connection is closed.
    let mut rest = Vec::new();
    let _ = head.read_to_end(&mut rest);
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn connections_beyond_the_limit_are_closed_and_others_served() {
    let site = Site::new("[serve]\nmax_connections = 3\n");
    let server = site.serve(&[]);
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = client::connect(&server.address);
        stream.write_all(b"GET /health/livez HTTP/1.1\r\nHost: czar\r\n\r\n").unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut fourth = client::connect(&server.address);
    let _ = fourth.write_all(b"GET /health/livez HTTP/1.1\r\nHost: czar\r\n\r\n");
    let mut rest = Vec::new();
    let _ = fourth.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    // Those that are open go on.
    held[0].write_all(b"GET /health/livez HTTP/1.1\r\nHost: czar\r\nConnection: close\r\n\r\n").unwrap();
    let mut rest = String::new();
    held[0].read_to_string(&mut rest).unwrap();
    assert_eq!(rest.matches("{\"status\":\"ok\"").count(), 2, "{rest}");
}

#[test]
fn pages_have_an_end() {
    let site = Site::new("");
    let server = site.serve(&[]);
    for path in ["/api/v1/runs?limit=100000", "/api/v1/loads?limit=100000", "/api/v1/runs?limit=0"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    assert_eq!(server.get("/api/v1/runs?limit=-1").code(), "bad_request");
}
