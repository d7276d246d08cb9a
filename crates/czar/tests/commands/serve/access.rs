//! Who may ask for what: each route with each kind of token, and what a browser may be made to do.

use super::server::Site;

/// Tokens of all kinds, with the rank of their role; none for those that count no longer.
fn tokens(site: &Site) -> Vec<(&'static str, String, Option<usize>)> {
    let revoked = site.token("gone", "admin");
    site.place.data(&["token", "revoke", "gone"]);
    let expired = ["token", "add", "old", "--role", "admin", "--days", "1", "--test-clock", "2020-01-01T00:00:00Z*1"];
    let expired = site.place.data(&expired).trim().to_owned();
    vec![
        ("none", String::new(), None),
        ("wrong", format!("czar_{}", "0".repeat(64)), None),
        ("revoked", revoked, None),
        ("expired", expired, None),
        ("reader", site.token("r", "reader"), Some(0)),
        ("operator", site.operator.clone(), Some(1)),
        ("admin", site.token("a", "admin"), Some(2)),
    ]
}

#[test]
fn each_route_asks_for_the_role_that_its_document_names() {
    let site = Site::new("[serve]\noptimus_routes = true\n[run]\nsteps = [\"retention\"]\n");
    let tokens = tokens(&site);
    let server = site.serve(&[]);
    let document = server.json("/api/v1/openapi.json");
    let mut n_asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let role = operation["x-role"].as_str();
            let needed = role.map(|role| ["reader", "operator", "admin"].iter().position(|known| *known == role).unwrap());
            let asked = path.replace("{run_id}", "1").replace("{request_id}", "1");
            for (kind, token, rank) in &tokens {
                let bearer = format!("Bearer {token}");
                let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("Authorization", &bearer)] };
                let answer = server.ask(&method.to_uppercase(), &asked, headers, "");
                let place = format!("{method} {path} with {kind} token: {answer:?}");
                match (needed, rank) {
                    (None, _) => assert_eq!(answer.status, 200, "{place}"),
                    (Some(_), None) => {
                        assert_eq!(answer.status, 401, "{place}");
                        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm=\"czar\""), "{place}");
                        let code = match *kind {
                            "none" => "token_needed",
                            "expired" => "token_expired",
                            _ => "token_unknown",
                        };
                        assert_eq!(answer.code(), code, "{place}");
                    }
                    (Some(needed), Some(rank)) if *rank < needed => {
                        assert_eq!((answer.status, answer.code().as_str()), (403, "role_too_low"), "{place}")
                    }
                    (Some(_), Some(_)) => assert!(![401, 403, 405, 500].contains(&answer.status), "{place}"),
                }
                n_asked += 1;
            }
        }
    }
    assert!(n_asked > 15 * tokens.len(), "{n_asked}");
    // Who asked is told, what with is not.
    let listed = site.place.data(&["token", "list"]);
    assert!(listed.contains("last used 20") && listed.contains(", expired 2020-01-02"), "{listed}");
    assert!(!listed.contains("czar_") && !listed.contains("gone"), "{listed}");
    let admin = &tokens.last().unwrap().1;
    let told = server.ask("GET", "/api/v1/tokens", &[("Authorization", &format!("Bearer {admin}"))], "").body;
    assert!(told.contains("\"old\"") && !told.contains("czar_"), "{told}");
    for (_, token, _) in tokens.iter().filter(|(_, token, _)| !token.is_empty()) {
        assert!(!server.log().contains(token.as_str()));
    }
}

#[test]
fn a_browser_logs_in_with_the_token_as_password() {
    let site = Site::new("");
    let server = site.serve(&[]);
    // Any name will do. The encoder is the shell's.
    let typed = site.place.shell(&format!("printf %s 'anyone:{}' | base64 -w0", site.operator));
    let basic = format!("Basic {}", String::from_utf8(typed.stdout).unwrap());
    let page = server.ask("GET", "/", &[("Authorization", &basic), ("Accept", "text/html")], "");
    assert!(page.status == 200 && page.body.contains("<h1>Data Czar</h1>"), "{page:?}");
}

#[test]
fn a_page_of_another_site_cannot_have_a_browser_start_a_run() {
    let site = Site::new("[serve]\noptimus_routes = true\n[run]\nsteps = [\"retention\"]\n");
    let server = site.serve(&[]);
    let bearer = format!("Bearer {}", site.operator);
    for foreign in [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example")] {
        for (method, path) in [("POST", "/api/v1/runs"), ("GET", "/newdata")] {
            let answer = server.ask(method, path, &[("Authorization", &bearer), foreign], "");
            assert_eq!((answer.status, answer.code().as_str()), (403, "cross_site"), "{method} {path} {foreign:?}");
        }
    }
    let own = server.ask("POST", "/api/v1/runs", &[("Authorization", &bearer), ("Sec-Fetch-Site", "same-origin")], "");
    assert_eq!(own.status, 202);
}

#[test]
fn without_any_token_only_health_is_told_and_the_way_out() {
    let site = Site::new("");
    site.place.data(&["token", "revoke", "op"]);
    let server = site.serve(&[]);
    server.wait_for("there is no token yet");
    assert_eq!(server.ask("GET", "/health/readyz", &[], "").status, 200);
    let answer = server.ask("GET", "/api/v1/status", &[], "");
    assert_eq!((answer.status, answer.code().as_str()), (401, "no_tokens"));
    assert!(answer.body.contains("czar token add NAME --role operator"), "{answer:?}");
    // No restart is needed.
    let token = site.token("late", "reader");
    assert_eq!(server.ask("GET", "/api/v1/status", &[("Authorization", &format!("Bearer {token}"))], "").status, 200);
}

#[test]
fn a_token_is_made_once_and_shown_once() {
    let site = Site::new("");
    assert!(site.operator.starts_with("czar_") && site.operator.len() == 69, "{}", site.operator);
    assert_ne!(site.token("b", "reader")[5..], site.token("c", "reader")[5..]);
    let again = site.place.czar(&["token", "add", "op", "--role", "admin"]);
    assert!(again.contains("exit code: 2") && again.contains("there is a token `op` already"), "{again}");
    let missing = site.place.czar(&["token", "revoke", "nobody"]);
    assert!(missing.contains("exit code: 2") && missing.contains("there is no token `nobody`"), "{missing}");
    for file in ["data/control.sqlite", "data/control.sqlite-wal"] {
        let Ok(bytes) = std::fs::read(site.place.path(file)) else { continue };
        assert!(!bytes.windows(64).any(|window| window == &site.operator.as_bytes()[5..]), "the token lies in {file}");
    }
}

#[test]
fn no_secret_of_the_surroundings_is_ever_told() {
    let site = Site::new(
        "[run]\nsteps = [\"ingest\"]\n[serve]\noptimus_routes = true\n[keys]\nsecret_key_file = \"no-such.asc\"\npass_phrase_environment = \"PLANTED\"\n",
    );
    site.place.data(&["synth", "made", "--learners", "3", "--days", "1", "--courses", "1"]);
    site.place.shell("cp -r made/* delivery/");
    let planted =
        [("PLANTED", "planted-pass-phrase-17"), ("AWS_SECRET_ACCESS_KEY", "planted-aws-secret-17"), ("SMTP_PASSWORD", "planted-smtp-17")];
    let admin = site.token("a", "admin");
    let mut server = site.serve(&planted);
    server.request_run();
    server.wait_for("Run 1: failed: ingest");
    server.token = admin.clone();
    let document = server.json("/api/v1/openapi.json");
    let mut told = server.log();
    for path in document["paths"].as_object().unwrap().keys() {
        told += &server.get(&path.replace("{run_id}", "1").replace("{request_id}", "1")).body;
    }
    assert!(told.contains("no-such.asc"), "the failed step is told");
    for secret in planted.iter().map(|(_, secret)| *secret).chain([admin.as_str(), site.operator.as_str()]) {
        assert!(!told.contains(secret), "{secret} is told");
    }
    let database = std::fs::read(site.place.path("data/control.sqlite")).unwrap();
    assert!(!database.windows(8).any(|window| window == b"planted-"));
}
