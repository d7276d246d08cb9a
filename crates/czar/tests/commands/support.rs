//! Runs the program in a folder of its own and writes down what it did, without what differs from run to run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder for one test.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        czar_pipeline::atomic_file::write(&path, bytes.as_ref()).unwrap();
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap()
    }

    /// The program, with an environment in which nothing is set.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_czar"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_clear().env("HOME", self.folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs a line of shell in the folder.
    pub(crate) fn shell(&self, line: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_clear().env("HOME", self.folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.output().unwrap()
    }

    /// Runs the program and tells what it did.
    pub(crate) fn czar(&self, arguments: &[&str]) -> String {
        self.told(&self.command(arguments).output().unwrap())
    }

    /// Runs the program, which must succeed, and gives its data.
    pub(crate) fn data(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", self.told(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run did, with the test's folder and all durations masked.
    pub(crate) fn told(&self, output: &Output) -> String {
        let code = output.status.code().map_or_else(|| "killed".to_owned(), |code| code.to_string());
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let text = format!("exit code: {code}\n----- stdout -----\n{stdout}----- stderr -----\n{stderr}");
        let folder = self.folder.path().display().to_string();
        mask_durations(&text.replace(&folder, "[FOLDER]"))
    }
}

/// `(2m 10s)`, `(0.42s)` and their like become `([TIME])`.
fn mask_durations(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let close = rest[open..].find(')').map_or(rest.len(), |close| open + close);
        let inside = &rest[open + 1..close];
        let is_duration = inside.ends_with(['s', 'm'])
            && inside.starts_with(|c: char| c.is_ascii_digit())
            && inside.chars().all(|c| "0123456789.hms ".contains(c));
        masked.push_str(&rest[..=open]);
        masked.push_str(if is_duration { "[TIME]" } else { inside });
        rest = &rest[close..];
    }
    masked.push_str(rest);
    masked
}
