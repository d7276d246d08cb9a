//! A real browser: Chromium, driven over the WebDriver protocol, which is JSON over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::client::{request, send};

/// A browser with one window. It is closed when dropped.
pub(super) struct Browser {
    driver: Child,
    address: String,
    session: String,
}

impl Browser {
    /// Opens a window of a size, as of a telephone when it is narrow.
    pub(super) fn open(width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("run ./test: it installs chromium and chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let started = lines.find(|line| line.contains("started successfully on port")).expect("the driver starts");
        let port: String = started.rsplit("port ").next().unwrap().chars().take_while(char::is_ascii_digit).collect();
        // What else it says must go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let mut options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-gpu", format!("--window-size={width},{height}")] });
        if width < 500 {
            options["mobileEmulation"] = json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1 } });
        }
        let mut browser = Self { driver, address: format!("127.0.0.1:{port}"), session: String::new() };
        let capabilities =
            json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } } } });
        let session = browser.call("POST", "/session", &capabilities);
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut answer = send(&self.address, &request(method, path, &[("Content-Type", "application/json")], &body)).json();
        assert!(answer["value"]["error"].is_null(), "{answer}");
        answer["value"].take()
    }

    pub(super) fn go(&self, url: &str) {
        self.call("POST", &format!("/session/{}/url", self.session), &json!({ "url": url }));
    }

    /// Runs a script in the page and gives what it returns.
    pub(super) fn script(&self, script: &str) -> Value {
        self.call("POST", &format!("/session/{}/execute/sync", self.session), &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script's promise is kept and gives what it was kept with.
    pub(super) fn promise(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; ({script})().then(done, (error) => done(`refused: ${{error}}`));");
        let timeouts = json!({ "script": 90_000 });
        self.call("POST", &format!("/session/{}/timeouts", self.session), &timeouts);
        self.call("POST", &format!("/session/{}/execute/async", self.session), &json!({ "script": script, "args": [] }))
    }

    /// What the browser itself complained of: refused scripts, missing files, errors.
    pub(super) fn complaints(&self) -> Vec<String> {
        let log = self.call("POST", &format!("/session/{}/se/log", self.session), &json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let gone = send_quietly(&self.address, &request("DELETE", &format!("/session/{}", self.session), &[], ""));
        drop(gone);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A test that fails must not fail a second time while it cleans up.
fn send_quietly(address: &str, request: &str) -> std::io::Result<()> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    stream.write_all(request.as_bytes())?;
    stream.read(&mut [0; 64]).map(drop)
}
