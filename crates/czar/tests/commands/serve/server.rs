//! A running `czar serve`, whose log is read line by line. It is killed when dropped.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{self, Answer};
use crate::support::Place;

/// Nothing here takes longer, also on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(100);

/// A folder with settings and tokens.
pub(super) struct Site {
    pub(super) place: Place,
    pub(super) operator: String,
}

impl Site {
    /// A folder with these settings, and an operator's token.
    pub(super) fn new(settings: &str) -> Self {
        let place = Place::new();
        place.write("czar.toml", format!("delivery_folder = \"delivery\"\n{settings}"));
        std::fs::create_dir_all(place.path("delivery")).unwrap();
        let mut site = Self { place, operator: String::new() };
        site.operator = site.token("op", "operator");
        site
    }

    /// A folder whose runs stand still at the key, until [`Site::give_key`]: a pipe is in its place.
    pub(super) fn with_blocked_runs(settings: &str) -> Self {
        let site = Self::new(&format!("[keys]\nsecret_key_file = \"key.pipe\"\n[run]\nsteps = [\"ingest\"]\n{settings}"));
        site.place.data(&["synth", "delivery", "--learners", "5", "--days", "3", "--courses", "1"]);
        assert!(site.place.shell("mkfifo key.pipe").status.success());
        site
    }

    pub(super) fn token(&self, name: &str, role: &str) -> String {
        self.place.data(&["token", "add", name, "--role", role]).trim().to_owned()
    }

    /// Lets a run that stands still go on.
    pub(super) fn give_key(&self) {
        let key = std::fs::read(self.key_file()).unwrap();
        File::options().write(true).open(self.place.path("key.pipe")).unwrap().write_all(&key).unwrap();
    }

    fn key_file(&self) -> PathBuf {
        self.place.path("delivery/keys/czar-secret.asc")
    }

    /// Starts a server and waits until it is ready.
    pub(super) fn serve(&self, environment: &[(&str, &str)]) -> Server {
        self.start(&[], environment)
    }

    /// The same with another clock: `2026-03-01T20:00:00Z*100` begins then and goes 100 times as fast.
    pub(super) fn serve_at(&self, clock: &str, environment: &[(&str, &str)]) -> Server {
        let server = self.start(&["--test-clock", clock], environment);
        assert!(server.log().contains("warning: this is a test: by `--test-clock` it is "), "{}", server.log());
        server
    }

    fn start(&self, flags: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut command = self.place.command(&["serve", "--address", "127.0.0.1:0"]);
        command.args(flags);
        let mut process = command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let (lines, kept) = (BufReader::new(process.stderr.take().unwrap()).lines(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.0.lock().unwrap().push(Some(line));
                kept.1.notify_all();
            }
            kept.0.lock().unwrap().push(None);
            kept.1.notify_all();
        });
        let mut server = Server { process, log, address: String::new(), token: self.operator.clone() };
        let ready = server.wait_for("Ready: ");
        server.address = ready.rsplit("://").next().unwrap().to_owned();
        server
    }
}

/// Lines, and the end of the stream.
type Log = Arc<(Mutex<Vec<Option<String>>>, Condvar)>;

/// A running server.
pub(super) struct Server {
    process: Child,
    log: Log,
    pub(super) address: String,
    /// Shown with each request of [`Server::get`] and [`Server::post`].
    pub(super) token: String,
}

impl Server {
    /// The first line of the log that holds a text. It is waited for.
    pub(super) fn wait_for(&self, text: &str) -> String {
        let lines = self.log.0.lock().unwrap();
        let found = |lines: &Vec<Option<String>>| lines.iter().flatten().find(|line| line.contains(text)).cloned();
        let is_over = |lines: &Vec<Option<String>>| lines.last().is_some_and(Option::is_none);
        let (lines, _) = self.log.1.wait_timeout_while(lines, PATIENCE, |lines| found(lines).is_none() && !is_over(lines)).unwrap();
        found(&lines).unwrap_or_else(|| panic!("`{text}` is not in {lines:#?}"))
    }

    /// Waits until so many lines hold a text.
    pub(super) fn wait_for_count(&self, text: &str, n_lines: usize) {
        let lines = self.log.0.lock().unwrap();
        let count = |lines: &Vec<Option<String>>| lines.iter().flatten().filter(|line| line.contains(text)).count();
        let is_over = |lines: &Vec<Option<String>>| lines.last().is_some_and(Option::is_none);
        let (lines, _) = self.log.1.wait_timeout_while(lines, PATIENCE, |lines| count(lines) < n_lines && !is_over(lines)).unwrap();
        assert!(count(&lines) >= n_lines, "`{text}` is not {n_lines} times in {lines:#?}");
    }

    /// All lines until now.
    pub(super) fn log(&self) -> String {
        self.log.0.lock().unwrap().iter().flatten().map(|line| format!("{line}\n")).collect()
    }

    pub(super) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        client::send(&self.address, &client::request(method, path, headers, body))
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("Authorization", &format!("Bearer {}", self.token))], "")
    }

    /// Something that must be there.
    pub(super) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Asks again and again until the answer is as wanted.
    pub(super) fn wait_until(&self, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.json(path);
            if is_wanted(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{answer}");
        }
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("Authorization", &format!("Bearer {}", self.token))], body)
    }

    /// Asks for a run, which must be new, and gives the number of the request.
    pub(super) fn request_run(&self) -> i64 {
        let answer = self.post("/api/v1/runs", "");
        assert_eq!((answer.status, &answer.json()["is_new"]), (202, &Value::Bool(true)), "{answer:?}");
        answer.json()["request_id"].as_i64().unwrap()
    }

    /// Sends a signal, such as TERM.
    pub(super) fn signal(&self, name: &str) {
        let mut kill = std::process::Command::new("sh");
        assert!(kill.args(["-c", &format!("kill -{name} {}", self.process.id())]).status().unwrap().success());
    }

    pub(super) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.process.wait().unwrap();
        let lines = self.log.0.lock().unwrap();
        let (lines, _) = self.log.1.wait_timeout_while(lines, PATIENCE, |lines| !lines.last().is_some_and(Option::is_none)).unwrap();
        drop(lines);
        (status, self.log())
    }

    /// As an outage would.
    pub(super) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
