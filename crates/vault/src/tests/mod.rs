//! Shared by the vault's tests: the real `gpg`, and files it encrypted. Without `gpg` the tests fail; none is skipped.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

mod crafted;
mod damage;
mod keys;
mod messages;
mod session_keys;
mod world;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use world::{KeyPair, PASS_PHRASE, world};

use super::{DecryptOptions, PassPhrase, SecretBytes, SecretKeys, VaultError, decrypt};

/// A GnuPG home of its own. The path is short because the agent's socket lies in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let private = fs::Permissions::from_mode(0o700);
        Self(tempfile::Builder::new().prefix("v").rand_bytes(6).permissions(private).tempdir_in("/tmp").unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("gpg")
            .arg("--homedir")
            .arg(self.path())
            .args(["--batch", "--yes", "--no-tty", "--quiet", "--pinentry-mode", "loopback", "--trust-model", "always"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("these tests need gpg: {error}"));
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Makes an RSA key with an encryption subkey, as Kleopatra and the edX guide do, or one that only signs.
    fn make_key(&self, name: &str, pass_phrase: &str, is_sign_only: bool, expires: &str, arguments: &[&str]) {
        let protection = if pass_phrase.is_empty() { "%no-protection".to_owned() } else { format!("Passphrase: {pass_phrase}") };
        let subkey = if is_sign_only { "" } else { "Subkey-Type: RSA\nSubkey-Length: 2048\nSubkey-Usage: encrypt\n" };
        let primary = if is_sign_only { "Key-Type: EDDSA\nKey-Curve: ed25519" } else { "Key-Type: RSA\nKey-Length: 2048" };
        let parameters = format!("{primary}\nKey-Usage: sign\n{subkey}Name-Email: {name}\nExpire-Date: {expires}\n{protection}\n%commit\n");
        self.gpg(&[arguments, &["--generate-key"]].concat(), parameters.as_bytes());
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(Command::new("gpgconf").arg("--homedir").arg(self.path()).args(["--kill", "gpg-agent"]).output());
    }
}

impl KeyPair {
    fn keys(&self) -> SecretKeys {
        open_keys(&self.secret, "").unwrap()
    }
}

fn open_keys(bytes: &[u8], pass_phrase: &str) -> Result<SecretKeys, VaultError> {
    SecretKeys::from_bytes(&SecretBytes::new(bytes.to_vec()), "a test", &PassPhrase::new(pass_phrase.to_owned()))
}

/// As edX does it: binary, the partner second.
fn as_edx(clear: &[u8]) -> Vec<u8> {
    encrypt(clear, &[&world().edx, &world().partner], &["--compress-algo", "zlib"])
}

fn encrypt(clear: &[u8], recipients: &[&KeyPair], arguments: &[&str]) -> Vec<u8> {
    let home = Home::new();
    let mut command: Vec<&str> = arguments.to_vec();
    for recipient in recipients {
        home.gpg(&["--import"], &recipient.public);
        command.extend(["--recipient", recipient.name]);
    }
    command.push("--encrypt");
    home.gpg(&command, clear)
}

fn read_all(message: &[u8], keys: &SecretKeys) -> Result<Vec<u8>, VaultError> {
    read_with(message, keys, DecryptOptions::default())
}

fn read_with(message: &[u8], keys: &SecretKeys, options: DecryptOptions) -> Result<Vec<u8>, VaultError> {
    let mut reader = decrypt(message, keys, options)?;
    let mut clear = Vec::new();
    match reader.read_to_end(&mut clear) {
        Ok(_) => {
            assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0, "the end repeats");
            assert_eq!(reader.n_clear_bytes(), clear.len() as u64);
            Ok(clear)
        }
        Err(error) => {
            let again = reader.read(&mut [0; 4]).unwrap_err();
            assert_eq!(again.to_string(), error.to_string(), "an error repeats");
            Err(VaultError::find_in(&error).unwrap_or_else(|| panic!("{error} does not carry a vault error")).clone())
        }
    }
}

/// Text that compresses like a log does.
fn log_like(n_bytes: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(n_bytes + 80);
    let mut number: u32 = 1;
    while text.len() < n_bytes {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(text, "{{\"event_type\": \"play_video\", \"session\": \"{number:08x}\"}}").unwrap();
    }
    text.truncate(n_bytes);
    text
}

/// Bytes that do not compress.
fn noise(n_bytes: usize) -> Vec<u8> {
    let mut state: u64 = 88_172_645_463_325_252;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..n_bytes).map(|_| next()).collect()
}

fn write_file(home: &Home, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = home.path().join(name);
    write_all(&path, bytes);
    path
}

fn write_all(path: &Path, bytes: &[u8]) {
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}
