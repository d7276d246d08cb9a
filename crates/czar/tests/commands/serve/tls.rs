//! HTTPS with a certificate of the test's own, spoken by another's client.

use super::server::Site;

#[test]
fn https_is_spoken_with_the_certificate_of_the_settings() {
    let site = Site::new("[serve]\ncertificate_file = \"cert.pem\"\nkey_file = \"key.pem\"\n");
    let made = site.place.shell(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1",
    );
    assert!(made.status.success(), "{made:?}");
    let server = site.serve(&[]);
    assert!(server.wait_for("Ready: ").contains("https://127.0.0.1:"));
    let ask = |options: &str| {
        let curl = format!(
            "curl -sS --max-time 20 {options} -H 'Authorization: Bearer {}' https://{}/api/v1/status",
            site.operator, server.address
        );
        site.place.shell(&curl)
    };
    let answer = ask("--cacert cert.pem");
    assert!(String::from_utf8_lossy(&answer.stdout).contains("\"version\""), "{answer:?}");
    assert!(!ask("").status.success(), "a client that does not know the certificate goes away");
    // Whoever speaks in clear to it gets nothing.
    let plain = site.place.shell(&format!("curl -sS --max-time 20 http://{}/health/livez", server.address));
    assert!(!String::from_utf8_lossy(&plain.stdout).contains("status"), "{plain:?}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_before_the_start() {
    let site = Site::new("[serve]\ncertificate_file = \"cert.pem\"\nkey_file = \"key.pem\"\n");
    let told = site.place.czar(&["serve", "--address", "127.0.0.1:0"]);
    assert!(told.contains("exit code: 2") && told.contains("could not read the certificate or key in `cert.pem`"), "{told}");
}

#[test]
fn an_address_that_others_reach_without_https_is_refused_until_it_is_allowed() {
    let site = Site::new("");
    let told = site.place.czar(&["serve", "--address", "0.0.0.0:0"]);
    assert!(told.contains("exit code: 2") && told.contains("without HTTPS tokens travel to it in clear"), "{told}");
    assert!(told.contains("hint: ") && told.contains("`serve.allow_clear_text = true`"), "{told}");

    let site = Site::new("[serve]\nallow_clear_text = true\n");
    let mut serve = site.place.command(&["serve", "--address", "0.0.0.0:0"]);
    let mut process = serve.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(process.stderr.take().unwrap())).map_while(Result::ok);
    let told: Vec<String> = lines.by_ref().take_while(|line| !line.contains("Ready: ")).collect();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(told.iter().any(|line| line.contains("warning: ") && line.contains("tokens travel to it in clear")), "{told:?}");
}
