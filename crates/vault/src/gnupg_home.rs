//! Takes the secret keys out of a GnuPG home by asking `gpg`, the only program that may read one.
//!
//! The pass-phrase goes in by standard input and the keys come back by standard output: neither is on a command line or on the disk.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::VaultError;
use super::pass_phrase::PassPhrase;
use super::secret_bytes::SecretBytes;

/// Runs `program --export-secret-keys`. The keys come out protected as they are at home.
pub(super) fn export_secret_keys(program: &str, home: &Path, pass_phrase: &PassPhrase) -> Result<SecretBytes, VaultError> {
    let not_exported = |reason: &str| VaultError::GnupgExport { home: home.to_owned(), reason: reason.to_owned() };
    // `gpg` would make a new, empty home of a misspelt one.
    if !home.is_dir() {
        return Err(not_exported("there is no such directory"));
    }
    let not_run = |error: std::io::Error| VaultError::GnupgNotRun {
        program: program.to_owned(),
        reason: if error.kind() == ErrorKind::NotFound { "it is not installed".to_owned() } else { error.to_string() },
    };
    let mut child = Command::new(program)
        .arg("--homedir")
        .arg(home)
        // `loopback` keeps the agent from opening a dialogue nobody sees; with `--batch` it never asks.
        .args(["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--export-secret-keys"])
        // The reasons below are recognised in English.
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_run)?;
    if let Some(mut input) = child.stdin.take() {
        let line = SecretBytes::new([pass_phrase.reveal(), b"\n"].concat());
        match input.write_all(line.reveal()) {
            // It did not want a pass-phrase; its exit code tells the rest.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(not_run(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(not_run)?;
    let export = SecretBytes::new(output.stdout);
    // With several keys it can fail for one and still give the others.
    if !export.reveal().is_empty() {
        return Ok(export);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("nothing exported") && !said.contains("error") {
        return Err(VaultError::NoSecretKey { place: format!("the GnuPG home `{}`", home.display()), has_public_key: false });
    }
    if let Some(line) = said.lines().find(|line| line.contains("assphrase")) {
        let key = key_in(line).unwrap_or("in the GnuPG home").to_owned();
        return Err(if pass_phrase.is_none() { VaultError::PassPhraseNeeded { key } } else { VaultError::WrongPassPhrase { key } });
    }
    let first = said.lines().map(|line| line.trim_start_matches("gpg: ")).find(|line| !line.starts_with("WARNING"));
    Err(not_exported(first.unwrap_or("it gave no reason")))
}

/// The key id in `gpg: key 0123ABCD/0123ABCD: error receiving key from agent: ...`.
fn key_in(line: &str) -> Option<&str> {
    line.split("key ").nth(1)?.split(['/', ':', ' ']).next().filter(|id| !id.is_empty())
}
